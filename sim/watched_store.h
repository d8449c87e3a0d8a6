// SPDX-License-Identifier: Apache-2.0
// Owns: the store as an engine of the simulation sees it: commits that fail, that are lost or whose
//   reply is lost, a full disk, reads that fail, and a checker that sees what is written.
// Life cycle: as its node's. Thread: one.
// Must hold: the checker sees each batch that the inner store has written exactly once, before the
//   engine is told.
#pragma once

#include <functional>
#include <memory>

#include "sim/checker.h"
#include "store/store.h"

namespace stele::sim {

enum class CommitFate : std::uint8_t {
  kept,
  failed,   ///< nothing is written, and that is known
  dropped,  ///< nothing is written, and nobody knows
  unheard,  ///< all is written, and nobody knows
};

struct StoreHooks {
  std::function<CommitFate()> choose;
  std::function<bool()> read_fails;
  std::function<void(const Claim&)> claimed;
  /// Others go on while the commit is on its way: before and after it is durable.
  std::function<void()> meanwhile;
};

class WatchedStore final : public Store {
 public:
  WatchedStore(std::unique_ptr<Store> inner, Checker& checker, StoreHooks hooks);

  Result<Claim> claim() override;
  Result<void> commit(const WriteBatch& batch) override;
  Result<Loaded> load(std::span<const ExecutionKey> keys, std::span<const Ulid> roots) override;
  Result<ExecutionRow> find(const ExecutionId& id) override;
  Result<HistoryPage> read_history(ExecutionKey key, std::uint32_t position,
                                   std::uint32_t limit) override;
  Result<HistoryHead> read_head(ExecutionKey key) override;
  Result<DuePage> due(Instant from, Instant before, std::uint32_t limit) override;
  Result<ReadyPage> ready(Pool pool, ReadyCursor after, std::uint32_t per_root,
                          std::uint32_t limit) override;
  Result<std::vector<DelayRow>> delays_of(ExecutionKey owner) override;
  Result<std::vector<ExecutionRow>> list(const ListFilter& filter) override;
  Result<void> save_backtraces(ExecutionKey key, std::span<const BacktraceRow> rows) override;
  Result<BacktraceRow> read_backtrace(ExecutionKey key, BacktraceAt at) override;
  Result<void> append_logs(std::span<const LogRow> rows) override;
  Result<LogPage> read_logs(ExecutionKey key, std::uint64_t after, std::uint32_t limit) override;
  Result<DeploymentRow> save_deployment(const NewDeployment& deployment) override;
  Result<DeploymentRow> read_deployment(DeploymentId id) override;
  Result<std::vector<FunctionRow>> functions() override;
  Result<Bytes> read_blob(std::string_view digest) override;
  Result<UpkeepState> upkeep() override;
  bool congested() const override;
  StoreCounters counters() const override;

  /// Another process owns the partition from now on: nothing of this one may be written.
  void supersede() { superseded_ = true; }

 private:
  Result<void> readable();
  void unreadable(ExecutionKey key, const Error& error);

  std::unique_ptr<Store> inner_;
  Checker& checker_;
  StoreHooks hooks_;
  bool claimed_ = false;
  bool superseded_ = false;
};

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// Owns: the store that keeps everything in memory, for tests and simulation, with faults on demand.
// Life cycle: MemoryContent is the "disk" and outlives any number of stores opened over it; a crash
// is
//   destroying the store (or `crash()`) and opening another one over the same content.
// Thread: as the port says; one mutex per content. Faults and hooks are set before threads start.
// Must hold: deterministic: no clock, no randomness; what commits is whole, in order and checked.
#pragma once

#include <functional>
#include <memory>

#include "store/find_derived.h"
#include "store/memory/memory_content.h"
#include "store/store.h"

namespace stele {

std::shared_ptr<MemoryContent> make_memory_content();

/// What happens to one commit.
struct CommitFault {
  enum class Kind : std::uint8_t {
    none,
    fail,        ///< nothing is written; the error of `code`
    drop,        ///< nothing is written, and nobody knows: unavailable
    lose_reply,  ///< all is written, but nobody knows: unavailable
  };
  Kind kind = Kind::none;
  Code code = Code::resource_exhausted;
};

struct MemoryFaults {
  /// Asked at the start of each commit, outside the store's lock: it may block (a delay), count,
  /// and choose the commit's fate.
  std::function<CommitFault(const WriteBatch&)> on_commit;
  /// Called after the batch is stored and before commit returns.
  std::function<void(const WriteBatch&)> after_commit;
  /// Executions whose row and history cannot be read any more.
  std::vector<ExecutionKey> damaged;
};

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(std::shared_ptr<MemoryContent> content, MemoryFaults faults = {});
  ~MemoryStore() override;

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

  MemoryFaults& faults() { return faults_; }
  /// From now on every call fails with unavailable, as if the process had died.
  void crash();
  void set_congested(bool congested);

 private:
  Result<void> alive() const;
  Result<void> readable(ExecutionKey key) STELE_REQUIRES(content_->mutex);
  Result<void> commit_locked(const WriteBatch& batch) STELE_REQUIRES(content_->mutex);

  std::shared_ptr<MemoryContent> content_;
  MemoryFaults faults_;
  DerivedFinder finder_;
  std::uint64_t epoch_ = 0;
  BatchNumber last_batch_;
  bool crashed_ = false;
  bool congested_ = false;
  StoreCounters counters_;
};

}  // namespace stele

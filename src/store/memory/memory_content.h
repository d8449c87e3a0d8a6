// SPDX-License-Identifier: Apache-2.0
// Owns: what the memory store keeps, with the indexes that its reads need.
// Life cycle: shared by the stores opened over it. Thread: guarded by `mutex`.
// Must hold: the indexes follow the rows; `apply` never fails once `check` has passed.
#pragma once

#include <map>
#include <set>
#include <tuple>

#include "base/sync.h"
#include "store/store.h"

namespace stele {

struct MemoryContent {
  using DelayKey = std::tuple<ExecutionKey, JoinSetOrdinal, std::uint32_t>;
  /// (at, execution, join set, index); the last two are 0 for an execution that waits.
  using DueKey = std::tuple<Instant, ExecutionKey, bool, JoinSetOrdinal, std::uint32_t>;
  using ReadyKey = std::tuple<Pool, ExecutionKey, ExecutionKey>;

  /// Nothing, or what is wrong with the batch.
  Result<void> check(const WriteBatch& batch) const;
  void apply(const WriteBatch& batch);

  mutable Mutex mutex;
  std::map<ExecutionKey, ExecutionRow> rows;
  std::map<Ulid, ExecutionKey> roots;
  std::map<ExecutionKey, std::vector<Entry>> histories;
  std::map<DelayKey, DelayRow> delays;
  std::set<DueKey> due;
  std::set<ReadyKey> ready;
  std::vector<LogRow> logs;
  std::map<ExecutionKey, std::map<std::uint32_t, BacktraceRow>> backtraces;
  std::vector<DeploymentRow> deployments;
  std::vector<FunctionRow> functions;
  std::map<std::string, Bytes, std::less<>> blobs;
  DeploymentId active;
  std::uint64_t epoch = 0;
  Incarnation incarnation;
  bool clean = true;
  Instant clock;

 private:
  void put_row(const RowWrite& write);
  void put_delay(const DelayWrite& write);
  void index(const ExecutionRow& row, bool present);
};

/// `stored` with the columns that may change taken from `image`.
ExecutionRow changed(const ExecutionRow& stored, const ExecutionRow& image);

}  // namespace stele

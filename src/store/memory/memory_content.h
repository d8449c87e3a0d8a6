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
  Result<void> check(const WriteBatch& batch) const STELE_REQUIRES(mutex);
  void apply(const WriteBatch& batch) STELE_REQUIRES(mutex);

  mutable Mutex mutex;
  std::map<ExecutionKey, ExecutionRow> rows STELE_GUARDED_BY(mutex);
  std::map<Ulid, ExecutionKey> roots STELE_GUARDED_BY(mutex);
  std::map<ExecutionKey, std::vector<Entry>> histories STELE_GUARDED_BY(mutex);
  std::map<DelayKey, DelayRow> delays STELE_GUARDED_BY(mutex);
  std::set<DueKey> due STELE_GUARDED_BY(mutex);
  std::set<ReadyKey> ready STELE_GUARDED_BY(mutex);
  std::vector<LogRow> logs STELE_GUARDED_BY(mutex);
  std::map<ExecutionKey, std::map<std::uint32_t, BacktraceRow>> backtraces STELE_GUARDED_BY(mutex);
  std::vector<DeploymentRow> deployments STELE_GUARDED_BY(mutex);
  std::vector<FunctionRow> functions STELE_GUARDED_BY(mutex);
  std::map<std::string, Bytes, std::less<>> blobs STELE_GUARDED_BY(mutex);
  DeploymentId active STELE_GUARDED_BY(mutex);
  std::uint64_t epoch STELE_GUARDED_BY(mutex) = 0;
  Incarnation incarnation STELE_GUARDED_BY(mutex);
  bool clean STELE_GUARDED_BY(mutex) = true;
  Instant clock STELE_GUARDED_BY(mutex);

 private:
  void put_row(const RowWrite& write) STELE_REQUIRES(mutex);
  void put_delay(const DelayWrite& write) STELE_REQUIRES(mutex);
  void index(const ExecutionRow& row, bool present) STELE_REQUIRES(mutex);
};

/// `stored` with the columns that may change taken from `image`.
ExecutionRow changed(const ExecutionRow& stored, const ExecutionRow& image);

}  // namespace stele

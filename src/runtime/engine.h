// SPDX-License-Identifier: Apache-2.0
// Owns: the port through which the API uses the engine: requests in, answers out, reads of what is
//   committed.
// Life cycle: made by the composition root, outlives the API's servers. Thread: any thread may
// call;
//   a Done is called once, from any thread (the caller's included), and must only enqueue or finish
//   its call. Must hold: a Done of a change is called after the commit that it depends on
//   (design 3.1); reads come from committed snapshots only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/catalog.h"
#include "core/input.h"
#include "journal/rows.h"
#include "store/store.h"

namespace stele::runtime {

template <typename T>
using Done = std::move_only_function<void(Result<T>)>;

struct SubmitRequest {
  std::optional<Ulid> id;  ///< chosen by the client; empty: made here
  std::string ffqn;
  std::string params;  ///< JSON array as the user wrote it
  std::string requester;
};
struct Submitted {
  ExecutionId id;
  bool repeated = false;  ///< the same request had been accepted before
};

/// What a follower sees: a snapshot of the row, and its outcome once it is finished.
struct ExecutionView {
  ExecutionRow row;
  std::string ffqn;
  std::optional<Outcome> outcome;
  std::string stuck;  ///< why its runs end without progress, or why it waits; empty: neither
};

struct ReplayReport {
  bool equal = false;
  std::string difference;    ///< stored and new call side by side; empty when equal
  std::uint32_t events = 0;  ///< events matched
  std::string state;         ///< finished, blocked or advanceable
};

/// Engine-wide figures, for tests, metrics and `bench`.
struct EngineCounters {
  std::uint64_t commits = 0;
  std::uint64_t steps = 0;
  std::uint64_t attempts_started = 0;
  std::uint64_t runs_started = 0;
  std::uint64_t evictions = 0;
  std::uint64_t replays = 0;
  std::uint64_t ready_overflows = 0;
  std::uint64_t reloads = 0;  ///< of the partition, after a failed commit
  std::uint64_t logs_dropped = 0;
  StoreCounters store;
};

class Engine {
 public:
  virtual ~Engine() = default;

  /// Errors: not_found (function, with the nearest one), invalid_argument (params, id),
  /// already_exists (the id is known with another request), resource_exhausted (retry later),
  /// unavailable (outcome unknown; the same id may be tried again).
  virtual void submit(SubmitRequest request, Done<Submitted> done) = 0;
  /// Errors: not_found, failed_precondition (finished; a workflow that is not cancellable; being
  /// cancelled).
  virtual void cancel(ExecutionId id, core::Requester by, Done<void> done) = 0;

  /// Called once the execution is finished (at once if it is), or with not_found.
  virtual void wait_finished(ExecutionId id, Done<ExecutionView> done) = 0;
  /// Called at the next change of the execution's history after `position`, or when it is finished.
  virtual void wait_progress(ExecutionId id, std::uint32_t position, Done<ExecutionView> done) = 0;

  virtual Result<ExecutionView> get(const ExecutionId& id) = 0;
  virtual Result<std::vector<ExecutionView>> list(const ListFilter& filter) = 0;
  /// The stored entries from `position` on.
  virtual Result<HistoryPage> history(ExecutionKey key, std::uint32_t position,
                                      std::uint32_t limit) = 0;
  virtual Result<LogPage> logs(ExecutionKey key, std::uint64_t after, std::uint32_t limit) = 0;
  /// Runs the current code against the stored history; writes nothing.
  virtual void replay(ExecutionId id, Done<ReplayReport> done) = 0;

  virtual core::CatalogPtr catalog() const = 0;
  /// FFQN of any function that was ever deployed; empty if unknown.
  virtual std::string function_name(FunctionId id) const = 0;
  virtual EngineCounters counters() const = 0;
};

}  // namespace stele::runtime

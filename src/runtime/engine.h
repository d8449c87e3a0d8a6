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
#include <map>
#include <optional>
#include <span>
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
  bool paused = false;
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

/// How a submission that is waited for has ended.
struct Ran {
  ExecutionId id;
  /// Empty: the same request had been accepted before, and its end is to be waited for.
  std::optional<ExecutionView> view;
};
/// Of a submission that is waited for.
using RunTicket = std::uint64_t;

struct ReplayReport {
  bool equal = false;
  std::string difference;    ///< stored and new call side by side; empty when equal
  std::uint32_t events = 0;  ///< events matched
  std::string state;         ///< finished, blocked or advanceable
  /// What the code would go on with, dated and numbered as if it had happened now.
  std::vector<Entry> captured{};
  /// Of captured children, which have passing keys below 0.
  std::map<ExecutionKey, Bytes> captured_params{};
  std::uint32_t version = 0;         ///< of the first captured event
  std::optional<Outcome> outcome{};  ///< how the code has ended, if it has
};

struct AdvanceRequest {
  ExecutionId id;
  std::uint32_t version = 0;              ///< `version` of the report that it goes on from
  std::uint32_t writes_max = UINT32_MAX;  ///< so many captured events at most
  bool pause_children = false;            ///< those that are made by it begin paused
  bool pause_delays = false;
  bool force = false;  ///< also what a replay with a difference has captured before it
  bool backtraces = true;
  core::Requester by;
};
struct AdvanceReport {
  std::uint32_t written = 0;  ///< events
};

/// `Delay_…`: a delay of a workflow.
struct DelayName {
  ExecutionId owner;
  std::string join_set;
  std::uint32_t index = 0;
};
/// Errors: invalid_argument.
Result<DelayName> parse_delay_name(std::string_view text);

struct UpgradeReport {
  bool changed = false;  ///< false: it was on the current component already
  std::string digest;
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
  std::uint64_t executions_in_memory = 0;  ///< those in motion, and what these need
  StoreCounters store;
};

class Engine {
 public:
  virtual ~Engine() = default;

  /// Errors: not_found (function, with the nearest one), invalid_argument (params, id),
  /// already_exists (the id is known with another request), resource_exhausted (retry later),
  /// unavailable (outcome unknown; the same id may be tried again).
  virtual void submit(SubmitRequest request, Done<Submitted> done) = 0;
  /// The same, answered at the end of the execution. Errors: those of submit.
  virtual RunTicket run(SubmitRequest request, Done<Ran> done) = 0;
  /// Nobody waits for its end any more; `done` may be called all the same.
  virtual void leave(RunTicket ticket) = 0;
  /// Those that are refused now with resource_exhausted should try again after this; empty: too
  /// many submissions were not the reason.
  virtual std::optional<Duration> retry_after() const = 0;
  /// Errors: not_found, failed_precondition (finished; a workflow that is not cancellable; being
  /// cancelled).
  virtual void cancel(ExecutionId id, core::Requester by, Done<void> done) = 0;

  virtual void cancel_delay(DelayName delay, core::Requester by, Done<void> done) = 0;
  /// Errors: not_found, failed_precondition (finished; a running activity; not paused).
  virtual void pause(ExecutionId id, core::Requester by, Done<void> done) = 0;
  virtual void unpause(ExecutionId id, core::Requester by, Done<void> done) = 0;
  /// A delay that is so already is no error. Errors: not_found, failed_precondition (over).
  virtual void pause_delay(DelayName delay, bool paused, core::Requester by, Done<void> done) = 0;
  /// Gives a stub or an external activity its value, {"ok":…} or {"err":…}; answers whether it had
  /// the same value already. Errors: not_found (also: no such activity), invalid_argument (type),
  /// already_exists (another value), failed_precondition (it failed or was cancelled).
  virtual void stub(ExecutionId id, std::string result, core::Requester by, Done<bool> done) = 0;
  /// Errors: not_found, failed_precondition (no workflow; finished; a difference, which is shown).
  virtual void upgrade(ExecutionId id, bool skip_check, core::Requester by,
                       Done<UpgradeReport> done) = 0;
  /// Errors: not_found, aborted (the history has grown since), failed_precondition.
  virtual void advance(AdvanceRequest request, Done<AdvanceReport> done) = 0;
  /// Replays, keeps where each request came from; answers how many. Errors: those of replay.
  virtual void persist_backtraces(ExecutionId id, Done<std::uint32_t> done) = 0;
  virtual Result<BacktraceRow> backtrace(ExecutionKey key, BacktraceAt at) = 0;
  /// A source file of the execution's component (`backtrace.sources`). Errors: not_found.
  virtual Result<std::string> source(ExecutionKey key, const std::string& file) = 0;
  /// Params of these executions; empty for what is not there.
  virtual Result<std::vector<Bytes>> params_of(std::span<const ExecutionKey> keys) = 0;

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

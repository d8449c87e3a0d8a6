// SPDX-License-Identifier: Apache-2.0
// Owns: everything that a step asks the runtime to do.
// Life cycle: the result of one step. Thread: none of its own.
// Must hold: what is in `held` happens only after batch `after` has committed, in order; what is in
//   `now` may happen at once, because nothing of it leaves the process (design 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/book.h"
#include "core/input.h"

namespace stele::core {

// Held until the commit ---------------------------------------------------------------------------

/// The answer to a request from outside.
struct Answer {
  RequestId request = 0;
  ExecutionKey key{};     ///< subject, if there is one
  bool repeated = false;  ///< submit: the same request was accepted before
  std::optional<Error> refusal{};
};
struct StartAttempt {
  ExecutionKey key{};
  ExecutionKey root{};
  Incarnation incarnation{};
  RunNumber attempt{};
  FunctionId function{};
  ExecutionId id{};
  Bytes params{};
};
/// Starts a run that has a history to replay. The runtime reads it (from a snapshot that includes
/// `after`), folds a Book, gives it to Partition::load_book, and only then polls the guest.
struct StartReplay {
  ExecutionKey key{};
  Incarnation incarnation{};
  RunNumber run{};
  ExecutionRow row{};
};
/// An execution finished; whoever waits for it is told.
struct Notify {
  ExecutionKey key{};
  ExecutionId id{};
  Outcome outcome{};
};
/// Log lines of a run, in order, or of an ended attempt.
struct EmitLogs {
  ExecutionKey key{};
  RunNumber run{};
  std::vector<RunLog> lines{};
};
/// Something happened to the execution that a follower may want to see.
struct Progress {
  ExecutionKey key{};
};
/// The run's parked call can go on: its inbox holds what it waits for. Held in careful mode
/// (design 4.5), otherwise at once.
struct Resume {
  ExecutionKey key{};
  RunNumber run{};
};
/// A run gives a value to an execution that must be looked for in the store. The runtime answers
/// TargetFound; for what is finished it compares the values.
struct FindTarget {
  ExecutionKey key{};
  Incarnation incarnation{};
  RunNumber run{};
  Stub stub{};
  Outcome value{};
  FunctionId function{};  ///< what the target must be a call of; 0: any
  Bytes text{};           ///< to be checked instead of `value`, if not empty
};
/// The entry at `position` of its own history is committed now and may be given to the run, which
/// is resumed with it.
struct ReadBack {
  ExecutionKey key{};
  RunNumber run{};
  std::uint32_t position = 0;
};
using HeldEffect = std::variant<Answer, StartAttempt, StartReplay, Notify, EmitLogs, Progress,
                                Resume, FindTarget, ReadBack>;

// At once -----------------------------------------------------------------------------------------

/// Starts the first run of a workflow that has no history.
struct StartFirstRun {
  ExecutionKey key{};
  Incarnation incarnation{};
  RunNumber run{};
  ExecutionRow row{};
};
/// A response for a run's inbox, or the entry that its Stub or Schedule has become. The run skips
/// positions that its history already had.
struct Deliver {
  ExecutionKey key{};
  RunNumber run{};
  Entry response{};
};
/// Ends a run or attempt at once. An unreleased start of the subject is removed instead. The
/// runtime reports AttemptEnded{interrupted} or RunDropped unless the end was reported before.
struct Interrupt {
  ExecutionKey key{};
  RunNumber run{};
  std::string reason{};
};
/// A timer inside the window; the runtime keeps it in memory and steps TimerDue when it is due. It
/// is never taken back: a stale one is recognised.
struct SetTimer {
  TimerDue due{};
};
using NowEffect = std::variant<StartFirstRun, Deliver, Resume, Interrupt, SetTimer>;

struct Effects {
  BatchNumber after{};  ///< the batch that `held` waits for
  std::vector<HeldEffect> held{};
  std::vector<NowEffect> now{};
  std::vector<Pool> load_ready{};  ///< read more of the `ready` index for these pools, then Admit
  /// Of an Admit that memory has no room for: so many of its rows were taken; load the others
  /// again.
  std::optional<std::size_t> admitted{};
  std::optional<Continue> again{};   ///< step this next
  std::optional<Instant> tick_at{};  ///< step Tick then
};

/// Rows that a step needs first; nothing was changed.
struct Missing {
  std::vector<ExecutionKey> rows{};
  std::vector<Ulid> roots{};
  std::vector<ExecutionKey> books{};  ///< their histories, folded
};

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Owns: everything that a partition can be told.
// Life cycle: a value, made by the runtime, consumed by one step. Thread: none of its own.
// Must hold: a late or repeated input is recognised by (execution, incarnation, run) or by the
// state
//   of its subject, and refused without harm.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/catalog.h"
#include "journal/rows.h"

namespace stele::core {

/// Chosen by the runtime; comes back in the answer. 0: nobody waits.
using RequestId = std::uint64_t;

/// Who asks and why; stored with control events.
struct Requester {
  std::string who{};
  std::string why{};
};

struct Submit {
  RequestId request = 0;
  Ulid id{};
  bool fresh = false;  ///< the id was just made by the server: known to be new, no load needed
  FunctionId function{};
  Bytes params{};  ///< checked, canonical ABI form
  Hash128 params_hash{};
  std::optional<Instant> scheduled{};  ///< not before; empty: now
  bool paused = false;                 ///< begins paused
  std::string requester{};
};

/// A child of the run itself, in a set that is open.
struct OwnChild {
  JoinSetOrdinal join_set{};
  std::uint32_t index = 0;
};
/// A request that a run made. A new child's key is 0 and given by the partition.
/// The run waits for the entry that a Stub, or a Schedule with a chosen id, becomes: it comes back
/// by Deliver, then Resume.
struct RunRequest {
  EntryBody body{};
  Bytes params{};                       ///< of a new child or scheduled execution
  std::string join_set{};               ///< id text of its set (`o:1-f`), for the child's own id
  bool chosen_id = false;               ///< Schedule: the id may be in use already
  std::optional<OwnChild> own_child{};  ///< Stub: where the target is, if the run knows it
  /// Stub: the function of a typed call; 0 for stub-json. Where the run does not know the target's
  /// function, `params` holds the raw text of stub-json, and `value` is empty.
  FunctionId function{};
  Outcome value{};  ///< Stub: ok or err, checked
  /// Schedule: of `params`, for the new execution's row; empty: `params_hash` of the entry.
  std::optional<Hash128> target_hash{};
  bool paused = false;  ///< of `execution advance`: the child or delay begins so
};
struct RunLog {
  std::uint8_t level = 0;
  std::string message{};
};

enum class RunState : std::uint8_t {
  running,  ///< goes on; only hands over what it has
  blocked,  ///< parked until the next response of `set`
  closing,  ///< parked until every member of `set` has answered (explicit close or drop)
  ended,    ///< its code has ended with `outcome`
};

/// A workflow's run hands over what it did since the last time.
struct Advanced {
  ExecutionKey key{};
  Incarnation incarnation{};
  RunNumber run{};
  std::vector<RunRequest> requests{};
  std::vector<RunLog> logs{};
  RunState state = RunState::running;
  JoinSetOrdinal set{};  ///< blocked, closing
  Outcome outcome{};     ///< ended
  /// The run, parked, wants a stored response again (for -get); the answer goes past the partition.
  std::optional<std::uint32_t> read_back{};
};

/// A run ended without being the workflow's fate (design 4.7): host shortage, limits during replay,
/// CPU deadline. It is tried again with backoff and shown as stuck.
struct RunStopped {
  ExecutionKey key{};
  Incarnation incarnation{};
  RunNumber run{};
  std::string reason{};
};
/// The runtime dropped a parked guest to save memory, or after an interrupt.
struct RunDropped {
  ExecutionKey key{};
  Incarnation incarnation{};
  RunNumber run{};
};

/// What FindTarget found; the run's call waits for it.
struct TargetFound {
  enum class State : std::uint8_t {
    missing,         ///< no such execution, or none that takes a value from outside
    refused,         ///< the value does not fit: `text`
    open,            ///< `target` had no value yet
    finished_same,   ///< it has the same value
    finished_other,  ///< it has another one
  };
  ExecutionKey key{};  ///< the workflow that asks
  Incarnation incarnation{};
  RunNumber run{};
  Stub stub{};
  Outcome value{};
  State state = State::missing;
  ExecutionKey target{};
  std::string text{};
};
/// A run that is about to begin has compared its history with a newer component.
struct UpgradeChecked {
  ExecutionKey key{};
  Incarnation incarnation{};
  RunNumber run{};
  ComponentUpgrade upgrade{};
};

struct AttemptEnded {
  enum class Kind : std::uint8_t {
    returned,     ///< `outcome` ok or err
    trapped,      ///< retried while retries are left
    timed_out,    ///< likewise
    unusable,     ///< params or result cannot be parsed, cannot instantiate: no retry
    interrupted,  ///< on request of the partition (cancel)
    not_started,  ///< shortage of the host or shutdown: does not count as a retry
  };
  ExecutionKey key{};
  Incarnation incarnation{};
  RunNumber attempt{};
  Kind kind = Kind::returned;
  Outcome outcome{};                                 ///< returned
  bool permanent = false;                            ///< returned err that must not be retried
  FailureKind failure = FailureKind::uncategorized;  ///< trapped: its kind without retries left
  std::string reason{};
  std::string detail{};
  std::vector<RunLog> logs{};
};

/// A timer of the window fired.
struct TimerDue {
  Instant at{};
  ExecutionKey key{};
  std::optional<DelayRow> delay{};  ///< empty: the execution's own wake
};

struct Cancel {
  RequestId request = 0;
  ExecutionKey key{};
  Requester by{};
};
struct CancelDelay {
  RequestId request = 0;
  ExecutionKey owner{};
  JoinSetOrdinal join_set{};
  std::uint32_t index = 0;
  Requester by{};
};
/// A stopped execution is not started or resumed; a running workflow is interrupted.
struct Pause {
  RequestId request = 0;
  ExecutionKey key{};
  Requester by{};
};
struct Unpause {
  RequestId request = 0;
  ExecutionKey key{};
  Requester by{};
};
/// `delay`: as it is stored, with the state that it should have.
struct PauseDelay {
  RequestId request = 0;
  DelayRow delay{};
  Requester by{};
};
/// A value for a stub or an external activity, checked. Refusal already_exists: it has one.
struct Complete {
  RequestId request = 0;
  ExecutionKey key{};
  Outcome outcome{};
  Requester by{};
};
/// The workflow goes on with another component from its next run on.
struct Upgrade {
  RequestId request = 0;
  ExecutionKey key{};
  /// The next one of the history that the component was tried against; 0: it was not tried.
  std::uint32_t version = 0;
  ComponentUpgrade upgrade{};
  Requester by{};
};
/// Takes what a dry run has captured, as if a run had handed it over (contract 5.14). Its guest, if
/// there is one, is dropped.
struct Advance {
  RequestId request = 0;
  ExecutionKey key{};
  std::uint32_t version = 0;  ///< the next one of the history that the dry run saw
  DeploymentId deployment{};  ///< whose code has made the dry run; the workflow goes on with it
  Advanced advanced{};        ///< without key, incarnation and run; `running`: a part was cut off
  Requester by{};
};
/// Rows of the `ready` index that the loader read.
struct Admit {
  Pool pool = Pool::none;
  std::vector<ExecutionRow> rows{};
  BatchNumber as_of{};
  bool wrapped = false;
};
struct Deploy {
  CatalogPtr catalog{};
};
/// More of a long step (closing in slices of 256 members); asked for by Effects::again.
struct Continue {
  ExecutionKey key{};
};
/// At least once a second, and when Effects::tick_at is reached: marks, careful mode.
struct Tick {};
/// Stop taking new work: nothing is started any more; running attempts and runs are reported as
/// usual.
struct Drain {};

using Input = std::variant<Submit, Advanced, RunStopped, RunDropped, AttemptEnded, TimerDue, Cancel,
                           CancelDelay, Admit, Deploy, Continue, Tick, Drain, TargetFound,
                           UpgradeChecked, Pause, Unpause, PauseDelay, Complete, Upgrade, Advance>;

}  // namespace stele::core

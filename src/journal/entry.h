// SPDX-License-Identifier: Apache-2.0
// Owns: the vocabulary of history: what a workflow asked for and what happened to it.
// Life cycle: an Entry is appended once and never changes. Thread: any.
// Must hold: entries of one execution are numbered by `position` from 0 without gaps, requests and
//   responses in one stream in the order in which the partition accepted them (ADR 0003); `version`
//   is the contract's version of the first event that the entry stands for (the `created` event is
//   0 and comes from the row); kinds are additive, their numbers never change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/time.h"
#include "journal/ids.h"

namespace stele {

enum class FailureKind : std::uint8_t {
  timed_out = 1,
  nondeterminism_detected = 2,
  out_of_fuel = 3,
  cancelled = 4,
  uncategorized = 5,
};
std::string_view failure_kind_name(FailureKind kind);  ///< snake_case

enum class OutcomeKind : std::uint8_t { ok = 1, err = 2, failure = 3 };

/// How an execution ended. `value` is JSON in ABI form, empty for a unit payload.
struct Outcome {
  OutcomeKind kind = OutcomeKind::ok;
  Bytes value{};
  FailureKind failure = FailureKind::uncategorized;
  std::string reason{};
  std::string detail{};
  /// of a failure: kind, function and reason without numbers and ids; may be empty
  Bytes fingerprint{};
  bool operator==(const Outcome&) const = default;
};

/// contract 1.3 schedule-at; `at` is absolute, `in` relative to the request.
struct ScheduleAt {
  enum class Kind : std::uint8_t { now = 1, at = 2, in = 3 };
  Kind kind = Kind::now;
  Instant at{};
  Duration in{};
  bool operator==(const ScheduleAt&) const = default;
};

// Requests of the workflow ------------------------------------------------------------------------

struct Persist {
  enum class Kind : std::uint8_t {
    random_u64 = 1,
    random_u64_inclusive = 2,
    random_string = 3,
    execution_id = 4
  };
  Kind kind = Kind::random_u64;
  std::uint64_t min = 0;  ///< of the range as it was asked for
  std::uint64_t max = 0;
  Bytes value{};  ///< u64 big-endian, UTF-8, or ULID big-endian
  bool operator==(const Persist&) const = default;
};
/// Creates `join_set` (its ordinal is the next one).
struct JoinSetCreate {
  JoinSetOrdinal join_set{};
  JoinSetKind kind = JoinSetKind::generated;
  std::string name{};
  bool operator==(const JoinSetCreate&) const = default;
};
/// Why a request with JSON parameters had no effect: its caller was told so.
struct Refused {
  enum class Kind : std::uint8_t {
    none = 0,
    function_not_found = 1,
    type_check = 2,
    execution_not_found = 3,
    conflict = 4,
  };
  Kind kind = Kind::none;
  Bytes text{};  ///< of type_check
  Bytes ffqn{};  ///< of function_not_found: what was asked for
  bool operator==(const Refused&) const = default;
  explicit operator bool() const { return kind != Kind::none; }
};
struct ChildRequest {
  JoinSetOrdinal join_set{};
  std::uint32_t index = 0;  ///< 1-based among the children of that set
  ExecutionKey child{};     ///< 0 until the partition has accepted it; for ever if it is refused
  FunctionId function{};
  Hash128 params_hash{};
  Refused refused{};  ///< submit-json only: no child was made, its index is used up
  bool operator==(const ChildRequest&) const = default;
};
struct DelayRequest {
  JoinSetOrdinal join_set{};
  std::uint32_t index = 0;  ///< 1-based among the delays of that set
  ScheduleAt schedule{};
  Instant expires{};
  bool paused = false;  ///< made so by `execution advance`; not compared
  bool operator==(const DelayRequest&) const = default;
};
/// Stands for three events: creation of a one-off set, child request, join next.
struct DirectCall {
  JoinSetOrdinal join_set{};
  std::uint32_t one_off = 0;  ///< k of the name `{k}-{function}`
  ExecutionKey child{};       ///< 0 until the partition has accepted it
  FunctionId function{};
  Hash128 params_hash{};
  bool operator==(const DirectCall&) const = default;
};
/// Stands for three events: creation of a one-off set, delay request, join next.
struct Sleep {
  JoinSetOrdinal join_set{};
  std::uint32_t one_off = 0;  ///< k of the name `{k}-{name}`
  std::string name{};         ///< `sleep` when the caller gave none
  ScheduleAt schedule{};
  Instant expires{};
  bool operator==(const Sleep&) const = default;
};
/// `requested`: set for -await-next. `count` > 1 only for closing: so many equal events in a row.
struct JoinNext {
  JoinSetOrdinal join_set{};
  std::optional<FunctionId> requested{};
  bool closing = false;
  std::uint32_t count = 1;
  bool operator==(const JoinNext&) const = default;
};
struct JoinNextTry {
  enum class Result : std::uint8_t { found = 1, pending = 2, all_processed = 3 };
  JoinSetOrdinal join_set{};
  Result result = Result::pending;
  bool operator==(const JoinNextTry&) const = default;
};
struct JoinNextTooMany {
  JoinSetOrdinal join_set{};
  std::optional<FunctionId> requested{};
  bool operator==(const JoinNextTooMany&) const = default;
};
/// A new top-level execution, or the reason why there is none.
struct Schedule {
  ExecutionKey target{};  ///< 0 until the partition has accepted it; for ever if it is refused
  Ulid id{};              ///< chosen by the caller or drawn
  FunctionId function{};
  Hash128 params_hash{};  ///< schedule-json: of the checked parameters; typed: of the whole call
  ScheduleAt schedule{};
  Instant at{};  ///< not before
  Refused refused{};
  bool operator==(const Schedule&) const = default;
};
/// A value for a stub or an external activity, or the reason why it was not taken.
struct Stub {
  ExecutionId target{};
  Hash128 value_hash{};  ///< of the call: target and value (stub-json: the raw text)
  Refused refused{};
  bool operator==(const Stub&) const = default;
};
/// Internal (no contract version): the workflow's code has ended so; its sets are being closed.
struct Ending {
  Outcome outcome{};
  bool operator==(const Ending&) const = default;
};

// What happened to it -----------------------------------------------------------------------------

/// `seq` is the contract's response number, from 1.
struct ChildResponse {
  std::uint32_t seq = 0;
  JoinSetOrdinal join_set{};
  ExecutionKey child{};
  std::uint32_t finished_version = 0;
  Outcome outcome{};
  std::uint32_t index = 0;  ///< of the child, as in its request (1 for a direct call)
  bool operator==(const ChildResponse&) const = default;
};
struct DelayResponse {
  std::uint32_t seq = 0;
  JoinSetOrdinal join_set{};
  std::uint32_t index = 0;
  bool cancelled = false;
  bool operator==(const DelayResponse&) const = default;
};
/// An activity's attempt failed and will be repeated at `retry_at`.
struct AttemptFailed {
  std::uint32_t attempt = 0;  ///< 1-based
  bool timed_out = false;
  Instant retry_at{};
  std::string reason{};
  std::string detail{};
  bool operator==(const AttemptFailed&) const = default;
};
/// The execution goes over to another component, or does not.
struct ComponentUpgrade {
  enum class Result : std::uint8_t { automatic = 1, manual = 2, forced = 3, failed = 4 };
  Bytes digest{};  ///< of the new component, sha256:<hex>
  DeploymentId deployment{};
  Result result = Result::automatic;
  std::string reason{};  ///< failed: stored and new call side by side
  bool operator==(const ComponentUpgrade&) const = default;
};
/// Control events carry who asked and why.
struct Control {
  enum class Kind : std::uint8_t { cancellation_requested = 1, paused = 2, unpaused = 3 };
  Kind kind = Kind::cancellation_requested;
  std::string requester{};
  std::string reason{};
  bool operator==(const Control&) const = default;
};

using EntryBody =
    std::variant<Persist, JoinSetCreate, ChildRequest, DelayRequest, DirectCall, Sleep, JoinNext,
                 JoinNextTry, JoinNextTooMany, Ending, ChildResponse, DelayResponse, AttemptFailed,
                 Control, Schedule, Stub, ComponentUpgrade>;

struct Entry {
  std::uint32_t position = 0;
  std::uint32_t version = 0;
  Instant at{};
  EntryBody body{};
  bool operator==(const Entry&) const = default;
};

/// How many contract versions the entry stands for: 0 for responses and internal ones.
std::uint32_t version_width(const EntryBody& body);
bool is_response(const EntryBody& body);
/// A request that is matched against calls of the guest.
bool is_request(const EntryBody& body);

/// The numbers that the next entry of an execution gets.
struct HistoryHead {
  std::uint32_t position = 0;
  std::uint32_t version = 1;
  std::uint32_t response_seq = 1;
  bool operator==(const HistoryHead&) const = default;
};
/// The head after `entry`.
HistoryHead after(const Entry& entry, const HistoryHead& before);

}  // namespace stele

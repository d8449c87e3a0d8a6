// SPDX-License-Identifier: Apache-2.0
// What a workflow in C++ uses beside the functions it calls.
//
// Include the generated bindings of your world first. The world imports
// `obelisk:workflow/workflow-support@6.0.0`; all of this goes through it and is durable: after a
// crash the workflow is run again against its history, and each call gets the answer that it got
// before.
//
// A workflow must be deterministic: no clock, no random source but the ones below, no global state
// that outlives a call. It has no WASI; the SDK's build adds definitions that trap if one is
// reached.
#pragma once

#include "stele/guest.h"

namespace stele {

namespace support = ::obelisk::workflow::workflow_support;
namespace time = ::obelisk::types::time;

/// A group of children and delays whose responses are awaited together. Leaving the scope closes
/// it: activities and delays that were not awaited are cancelled, child workflows are awaited. Pass
/// it to the `…-submit` and `…-await-next` functions of the bindings.
using JoinSet = ::obelisk::types::join_set::JoinSet;

/// A join set with a generated name (`g:1`, `g:2`, …).
inline JoinSet join_set() { return support::JoinSetCreate(); }

/// A join set with a name that this execution uses once. Errors: the name was used before, or has a
/// character that is no letter, digit, `-` or `/`.
inline Result<JoinSet, support::JoinSetCreateError> join_set(std::string_view name) {
  return support::JoinSetCreateNamed(name);
}

inline time::ScheduleAt now() { return {time::ScheduleAt::Now{}}; }
inline time::ScheduleAt in_milliseconds(std::uint64_t value) {
  return {time::ScheduleAt::In{time::Duration{time::Duration::Milliseconds{value}}}};
}
inline time::ScheduleAt in_seconds(std::uint64_t value) {
  return {time::ScheduleAt::In{time::Duration{time::Duration::Seconds{value}}}};
}

/// Sleeps durably: the server may stop, be moved or be upgraded meanwhile. False when the delay was
/// cancelled from outside.
inline bool sleep(time::ScheduleAt until, std::string_view name = "sleep") {
  return support::Sleep(until, name).has_value();
}

/// The time in milliseconds since 1970: the one clock that a replay repeats.
inline std::uint64_t now_ms() {
  const auto at = support::Sleep(now(), "now");
  return at ? at->seconds * 1000 + at->nanoseconds / 1'000'000 : 0;
}

/// Uniform in [0, bound); a replay repeats it. `bound` is at least 1.
inline std::uint64_t random_below(std::uint64_t bound) { return support::RandomU64(0, bound); }

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// Who has a place in memory: when one more guest may be made, and which one goes for it.
#include <algorithm>

#include "runtime/guest_pool.h"

namespace stele::runtime {
namespace {

constexpr std::uint64_t expected_bytes_max = 256U << 10U;

}  // namespace

/// Another guest will be as large as those in memory are.
bool GuestPool::has_room() const {
  const std::uint64_t usual = hot_bytes_ / (std::uint64_t{hot_runs_} + computing_ + waiting_ + 1);
  const std::uint64_t expected = std::clamp(usual, guest_overhead_bytes, expected_bytes_max);
  return hot_runs_ < setup_.options.hot_guests_max &&
         hot_bytes_ + expected <= setup_.options.hot_bytes_max;
}

bool GuestPool::evict(Instant idle_since, std::vector<Owned>& dropped) {
  Task* evicted = parked_.victim(idle_since);
  if (evicted == nullptr) return false;
  ++counters_.evictions;
  dropped.push_back(end(*evicted, StopCause::evicted, {}));
  return true;
}

/// A workflow guest more may be made, if need be after others were evicted.
bool GuestPool::make_room(const TurnQueue& line, std::vector<Owned>& dropped) {
  while (!has_room()) {
    if (!evict({monotonic().us - idle_min(line).us}, dropped)) return hot_runs_ == 0;
  }
  return true;
}

/// One that would be rebuilt waits longer for one that was: else both may be rebuilt in turn and
/// make no step, where it is attempts that wait for their turns.
Duration GuestPool::idle_min(const TurnQueue& line) const {
  const RuntimeOptions& options = setup_.options;
  return &line == &evicted_runs_ ? options.hot_idle_replay_min : options.hot_idle_min;
}

void GuestPool::rush() {
  const Lock lock(mutex_);
  rush_until_ = monotonic() + setup_.options.hot_rush;
}

/// How many calls pay for a replay.
std::uint32_t GuestPool::calls_min() const {
  const RuntimeOptions& options = setup_.options;
  return monotonic() < rush_until_ ? std::min(options.hot_calls_min, options.hot_calls_rush_min)
                                   : options.hot_calls_min;
}

bool GuestPool::may_begin(const TurnQueue& line) const {
  if (line.empty()) return false;
  if (has_room() || hot_runs_ == 0) return true;
  return parked_.victim({monotonic().us - idle_min(line).us}) != nullptr;
}

void GuestPool::trim(std::vector<Owned>& dropped) {
  while (hot_bytes_ > setup_.options.hot_bytes_max && hot_runs_ > 1) {
    if (!evict(instant_max, dropped)) return;  // now, whether it has paid or not
  }
}

}  // namespace stele::runtime

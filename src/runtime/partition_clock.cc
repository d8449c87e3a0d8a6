// SPDX-License-Identifier: Apache-2.0
#include "runtime/partition_clock.h"

#include <algorithm>

#include "telemetry/log.h"

namespace stele::runtime {
namespace {

constexpr std::int64_t slew_divisor = 20;  // 5 % of the time that passed

void log_jump(std::int64_t by_us) {
  telemetry::log(telemetry::Level::warn, "clock jumped", {{"by_us", std::to_string(by_us)}});
}

}  // namespace

void PartitionClock::restart(Instant stored) {
  const Lock lock(mutex_);
  const std::int64_t wall = source_.wall().us;
  seen_us_ = source_.monotonic().us;
  std::int64_t start = std::max(wall, stored.us);
  if (start - wall > jump_.us) {
    log_jump(wall - start);
    start = wall;
  }
  offset_us_ = start - seen_us_;
}

Instant PartitionClock::now() {
  const Lock lock(mutex_);
  const std::int64_t monotonic = source_.monotonic().us;
  const std::int64_t elapsed = std::max<std::int64_t>(monotonic - seen_us_, 0);
  const std::int64_t behind = source_.wall().us - (monotonic + offset_us_);
  if (behind > jump_.us || behind < -jump_.us) {
    log_jump(behind);
    offset_us_ += behind;
    seen_us_ = monotonic;
  } else if (elapsed >= slew_divisor) {
    const std::int64_t most = elapsed / slew_divisor;
    offset_us_ += std::clamp(behind, -most, most);
    seen_us_ = monotonic;
  }
  return Instant{monotonic + offset_us_};
}

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>

#include "core/catalog.h"

namespace stele::core {
namespace {

std::int64_t doubled(std::int64_t value, std::uint32_t times, std::int64_t limit) {
  while (times > 0 && value < limit) {
    value = value > limit / 2 ? limit : value * 2;
    --times;
  }
  return std::min(value, limit);
}

}  // namespace

Duration retry_delay(const RetryRule& rule, std::uint32_t failures, std::uint64_t drawn) {
  const std::int64_t first = std::max<std::int64_t>(rule.backoff.us, 0);
  const std::int64_t limit = std::max<std::int64_t>(rule.backoff_max.us, 0);
  if (first == 0) return {};
  const std::int64_t backoff = doubled(first, failures > 0 ? failures - 1 : 0, limit);
  // At most 100 percent, so that neither product nor sum can leave 64 unsigned bits.
  const std::uint64_t percent = std::min<std::uint32_t>(rule.jitter_percent, 100);
  const auto whole = static_cast<std::uint64_t>(backoff);
  const std::uint64_t jitter_max = whole / 100 * percent + whole % 100 * percent / 100;
  const auto jitter = static_cast<std::int64_t>(drawn % (jitter_max + 1));
  return Duration{backoff} + Duration{jitter};
}

}  // namespace stele::core

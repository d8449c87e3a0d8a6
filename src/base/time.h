// SPDX-License-Identifier: Apache-2.0
// Owns: Instant (int64 microseconds UTC) and Duration, and their text forms.
// Life cycle: plain values. Thread: any. Must hold: arithmetic saturates, it never overflows.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stele {

/// Microseconds. May be negative.
struct Duration {
  std::int64_t us = 0;
  constexpr auto operator<=>(const Duration&) const = default;
};

constexpr Duration microseconds(std::int64_t value) { return {value}; }
constexpr Duration milliseconds(std::int64_t value) { return {value * 1'000}; }
constexpr Duration seconds(std::int64_t value) { return {value * 1'000'000}; }

/// Microseconds since 1970-01-01T00:00:00Z.
struct Instant {
  std::int64_t us = 0;
  constexpr auto operator<=>(const Instant&) const = default;
};

constexpr Instant instant_max{INT64_MAX};

constexpr std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? INT64_MIN : INT64_MAX;
}

constexpr Instant operator+(Instant at, Duration by) { return {saturating_add(at.us, by.us)}; }
constexpr Duration operator-(Instant a, Instant b) {
  return {saturating_add(a.us, b.us == INT64_MIN ? INT64_MAX : -b.us)};
}
constexpr Duration operator+(Duration a, Duration b) { return {saturating_add(a.us, b.us)}; }

/// RFC 3339, UTC, with `Z` and microseconds only where they are not zero: 2026-01-31T08:00:00.25Z.
/// Years outside 0000 to 9999 are written as `<n>us`.
std::string to_rfc3339(Instant at);
/// Errors: invalid_argument with what was expected.
Result<Instant> from_rfc3339(std::string_view text);

}  // namespace stele

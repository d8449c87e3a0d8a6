// SPDX-License-Identifier: Apache-2.0
// Owns: distinct integer types that never convert into each other. Life cycle: plain values.
// Thread: any. Must hold: no implicit conversion in either direction.
#pragma once

#include <compare>
#include <cstdint>

namespace stele {

template <typename Tag, typename Number = std::int64_t>
struct Strong {
  Number value{};

  constexpr Strong() = default;
  constexpr explicit Strong(Number number) : value(number) {}
  constexpr auto operator<=>(const Strong&) const = default;
  constexpr explicit operator bool() const { return value != Number{}; }
  constexpr Strong next() const { return Strong(static_cast<Number>(value + 1)); }
};

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// Owns: byte strings and 128-bit hashes as values. Life cycle: plain values. Thread: any.
// Must hold: Bytes is opaque data, never text.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace stele {

using Bytes = std::string;
using BytesView = std::string_view;

/// BLAKE2b-128 of something; what of, is said where it is used.
struct Hash128 {
  std::array<std::uint8_t, 16> bytes{};
  constexpr auto operator<=>(const Hash128&) const = default;
};

std::string to_hex(BytesView bytes);
inline BytesView view(const Hash128& hash) {
  return {reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size()};
}

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// Owns: how much one answer holds. Life cycle: one answer. Thread: any.
// Must hold: at least one item always fits, so that every page makes progress.
#pragma once

#include <algorithm>
#include <cstdint>

namespace stele::api {

inline constexpr std::uint32_t page_items_max = 1000;
inline constexpr std::size_t page_bytes_max = 4U << 20U;

inline std::uint32_t clamped(std::uint32_t limit, std::uint32_t otherwise) {
  return limit == 0 ? otherwise : std::min(limit, page_items_max);
}

/// Counts what a page holds.
class Room {
 public:
  explicit Room(std::uint32_t items) : items_(items) {}
  /// False if the page is full; at least one item always fits.
  bool take(std::size_t bytes) {
    const bool fits = used_ == 0 || (used_ < items_ && bytes_ + bytes <= page_bytes_max);
    if (!fits) return false;
    ++used_;
    bytes_ += bytes;
    return true;
  }
  bool full() const { return used_ >= items_ || bytes_ >= page_bytes_max; }

 private:
  std::uint32_t items_;
  std::uint32_t used_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
// Owns: the encoding of lists that cross to and from the bridge.
// Life cycle: one object per list. Thread: one. Must hold: reading never leaves the bytes; after
//   the first misfit everything reads as empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace stele::wasm::wasmtime {

class FrameWriter {
 public:
  void number(std::size_t number) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bytes_.push_back(static_cast<char>((number >> shift) & 0xffU));
    }
  }
  void text(std::string_view text) {
    number(text.size());
    bytes_.append(text);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class FrameReader {
 public:
  explicit FrameReader(std::string_view bytes) : rest_(bytes) {}

  std::uint32_t number() {
    const std::string_view bytes = take(4);
    std::uint32_t value = 0;
    for (std::size_t at = bytes.size(); at > 0; --at) {
      value = (value << 8U) | static_cast<std::uint8_t>(bytes[at - 1]);
    }
    return value;
  }
  /// A count of items of at least four bytes each.
  std::uint32_t count() {
    const std::uint32_t items = number();
    if (items <= rest_.size() / 4) return items;
    good_ = false;
    return 0;
  }
  std::string text() { return std::string(take(number())); }
  /// Everything was read, and all of it fitted.
  bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (!good_ || size > rest_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace stele::wasm::wasmtime

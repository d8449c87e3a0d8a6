// SPDX-License-Identifier: Apache-2.0
// Owns: libFuzzer's entry point, and the reading of decisions from its bytes.
// Life cycle: included by the one source file of each target, which defines stele::fuzz().
// Thread: libFuzzer's. Must hold: the same bytes give the same run.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"

namespace stele {

/// One input. Whatever it finds wrong ends the process: CHECK, or a sanitizer.
void fuzz(std::string_view input);

namespace fuzz_input {

/// Decisions from the front of the input; 0 once it is used up.
class Choices {
 public:
  explicit Choices(std::string_view input) : left_(input) {}

  std::uint64_t below(std::uint64_t bound) {
    if (bound < 2) return 0;
    std::uint64_t drawn = next();
    for (std::uint64_t reach = 256; reach < bound && reach < (std::uint64_t{1} << 48U);
         reach <<= 8U)
      drawn = (drawn << 8U) | next();
    return drawn % bound;
  }
  /// So many bytes, or what is left.
  std::string_view take(std::size_t count) {
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(taken.size());
    return taken;
  }
  /// What is before the next `separator`, which is dropped.
  std::string_view until(char separator) {
    const std::size_t end = std::min(left_.find(separator), left_.size());
    const std::string_view taken = take(end);
    take(1);
    return taken;
  }
  std::string_view rest() const { return left_; }
  bool empty() const { return left_.empty(); }

 private:
  std::uint64_t next() {
    if (left_.empty()) return 0;
    return static_cast<unsigned char>(take(1).front());
  }
  std::string_view left_;
};

}  // namespace fuzz_input
}  // namespace stele

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // libFuzzer's buffer is exactly so long that reading past it is seen.
  stele::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}

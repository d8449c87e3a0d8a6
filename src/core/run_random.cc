// SPDX-License-Identifier: Apache-2.0
#include "core/run_random.h"

#include <string_view>

namespace stele::core {

RandomStream::RandomStream(std::uint64_t seed, std::uint32_t request)
    : prng_(Prng(seed).next() ^ Prng(request).next()) {}

std::uint64_t RandomStream::between(std::uint64_t min, std::uint64_t max) {
  // max - min + 1 is 0 for the whole range, which below() takes as such.
  return min + prng_.below(max - min + 1);
}

std::string RandomStream::text(std::uint64_t length) {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::string drawn;
  drawn.reserve(length);
  for (std::uint64_t i = 0; i < length; ++i) drawn += letters[prng_.below(letters.size())];
  return drawn;
}

Ulid RandomStream::ulid(const Ulid& root) {
  constexpr std::uint64_t random_bits = 0xffff;
  return {(root.high & ~random_bits) | (prng_.next() & random_bits), prng_.next()};
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Owns: the deterministic generator (SplitMix64) for simulation, jitter and seeded draws.
// Life cycle: a value; the same seed gives the same numbers for ever. Thread: one owner.
// Must hold: never used for secrets.
#pragma once

#include <cstdint>

namespace stele {

class Prng {
 public:
  constexpr explicit Prng(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }

  /// Uniform in [0, bound); bound 0 means the whole 64-bit range. Unbiased (rejection).
  constexpr std::uint64_t below(std::uint64_t bound) {
    if (bound == 0) return next();
    const std::uint64_t floor = (0 - bound) % bound;
    std::uint64_t drawn = next();
    while (drawn < floor) drawn = next();
    return drawn % bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// Owns: the random values of workflows (design 4.8), algorithm 1.
// Life cycle: a stream is made for one value and dropped. Thread: one owner.
// Must hold: algorithm 1 never changes; another one gets another number, stored with the execution.
//
// Algorithm 1: mix(x) is the first output of SplitMix64 with state x. The stream of request number
// i (from 0, counted over all requests of the history) of an execution with seed s is SplitMix64
// with state mix(s) XOR mix(i). A bounded number is drawn by rejection, so that each is equally
// likely.
#pragma once

#include <cstdint>
#include <string>

#include "base/prng.h"
#include "journal/ids.h"

namespace stele::core {

constexpr std::uint32_t random_algorithm_latest = 1;

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint32_t request);

  /// Uniform in [min, max], min <= max.
  std::uint64_t between(std::uint64_t min, std::uint64_t max);
  /// `length` characters of a-zA-Z0-9.
  std::string text(std::uint64_t length);
  /// A top-level id with the timestamp of `root`.
  Ulid ulid(const Ulid& root);

 private:
  Prng prng_;
};

}  // namespace stele::core

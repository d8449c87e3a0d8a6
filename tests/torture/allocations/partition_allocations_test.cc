// SPDX-License-Identifier: Apache-2.0
// A partition whose step runs out of memory is void and made again from the store, as after a crash
// (design 3.5): nothing may be lost by that, and everything must finish.
#include <cstdlib>
#include <new>

#include "base/prng.h"
#include "core/partition_test_walk.h"
#include "torture/allocations/failing_new.h"

namespace stele::core {
namespace {

constexpr int steps = 150;

/// Walks where the seed leads; an allocation that fails is a crash.
void walk(std::uint64_t seed) {
  Prng prng(seed);
  Walk walk(seed, [&prng](std::uint64_t bound) { return prng.below(bound); });
  for (int i = 0; i < steps; ++i) {
    try {
      walk.wander(1);
    } catch (const std::bad_alloc&) {
      walk.crash();
    }
  }
  allocations::plan(0);
  walk.heal();
}

/// How many of all the places a run takes: 1 in a check that may take long.
std::uint64_t stride_of(std::uint64_t count) {
  constexpr std::uint64_t places = 200;
  return std::getenv("STELE_EVERY_ALLOCATION") != nullptr ? 1 : count / places + 1;
}

TEST(PartitionAllocations, EachMayFailOnce) {
  World::entered = allocations::set_open;
  std::uint64_t all = 0;
  for (std::uint64_t seed = 1; seed <= 6 && !testing::Test::HasFailure(); ++seed) {
    Prng prng(seed);
    Walk whole(seed, [&prng](std::uint64_t bound) { return prng.below(bound); });
    allocations::plan(0);
    whole.wander(steps);
    const std::uint64_t count = allocations::counted();
    all += count;
    const std::uint64_t stride = stride_of(count);
    for (std::uint64_t place = 1 + seed % stride; place <= count; place += stride) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", allocation " << place);
      allocations::plan(place);
      walk(seed);
      if (testing::Test::HasFailure()) break;
    }
  }
  World::entered = nullptr;
  EXPECT_GT(all, 1'000U);
}

}  // namespace
}  // namespace stele::core

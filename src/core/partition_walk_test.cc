// SPDX-License-Identifier: Apache-2.0
// Random walks: any input at any time, crashes among them; then everything must finish.
#include "base/prng.h"
#include "core/partition_test_walk.h"

namespace stele::core {
namespace {

TEST(partition_walk, everything_finishes_and_every_row_of_the_table_is_taken) {
  for (std::uint64_t seed = 1; seed <= 400 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Prng prng(seed);
    Walk walk(seed, [&prng](std::uint64_t bound) { return prng.below(bound); });
    walk.wander(seed % 50 == 0 ? 1000 : 100);
    walk.heal();
  }
  for (const std::string& row : partition_table_rows())
    EXPECT_GT(World::hits[row], 0U) << "no walk took the row: " << row;
}

}  // namespace
}  // namespace stele::core

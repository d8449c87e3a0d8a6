// SPDX-License-Identifier: Apache-2.0
// Partition::step with any sequence of inputs; afterwards every execution must finish.
#include "core/partition_test_walk.h"
#include "fuzz/fuzz.h"

namespace stele {

void fuzz(std::string_view input) {
  GTEST_FLAG_SET(break_on_failure, true);  // what the walk expects, it insists on
  fuzz_input::Choices choices(input);
  const std::uint64_t seed = choices.below(6);
  core::Walk walk(seed, [&choices](std::uint64_t bound) { return choices.below(bound); });
  for (int steps = 0; steps < 1000 && !choices.empty(); ++steps) walk.wander(1);
  walk.heal();
}

}  // namespace stele

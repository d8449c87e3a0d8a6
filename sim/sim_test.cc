// SPDX-License-Identifier: Apache-2.0
// Of the simulator itself: it is deterministic, and it finds bugs that were put in on purpose.
#include <gtest/gtest.h>

#include "sim/simulation.h"
#include "telemetry/log.h"

namespace stele::sim {
namespace {

void only_errors() { telemetry::configure(telemetry::Format::text, telemetry::Level::error); }

TEST(sim, the_same_seed_gives_the_same_life) {
  only_errors();
  const SimResult first = simulate({.seed = 7});
  const SimResult second = simulate({.seed = 7});
  EXPECT_EQ(first.digest, second.digest);
  EXPECT_EQ(first.batches, second.batches);
  EXPECT_NE(first.digest, simulate({.seed = 8}).digest);
}

/// How many of the first seeds find the bug.
int found(core::Canary canary) {
  only_errors();
  int count = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    count += simulate({.seed = seed, .turns = 600, .heal_max = 2'000, .canary = canary})
                     .violations.empty()
                 ? 0
                 : 1;
  return count;
}

TEST(sim_canary, effects_that_are_released_before_their_commit_are_found) {
  EXPECT_GT(found(core::Canary::early_release), 5);
}
TEST(sim_canary, lost_timers_are_found) { EXPECT_GT(found(core::Canary::lost_timer), 2); }
TEST(sim_canary, lost_responses_are_found) { EXPECT_GT(found(core::Canary::lost_response), 5); }

}  // namespace
}  // namespace stele::sim

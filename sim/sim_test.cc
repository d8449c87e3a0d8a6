// SPDX-License-Identifier: Apache-2.0
// Of the simulator itself: it is deterministic, it finds bugs that were put in on purpose, and what
// it shrinks still fails.
#include <gtest/gtest.h>

#include "sim/shrink.h"
#include "sim/simulation.h"
#include "telemetry/log.h"

namespace stele::sim {
namespace {

void be_silent() { telemetry::configure(telemetry::Format::text, telemetry::Level::silent); }

TEST(sim, the_same_seed_gives_the_same_life) {
  be_silent();
  for (const std::uint64_t seed : {7U, 8U, 10U, 16U}) {
    const SimResult first = simulate({.seed = seed});
    const SimResult second = simulate({.seed = seed});
    EXPECT_EQ(first.digest, second.digest) << seed;
    EXPECT_EQ(first.batches, second.batches) << seed;
    EXPECT_EQ(first.entries, second.entries) << seed;
    EXPECT_NE(first.digest, simulate({.seed = seed + 1}).digest) << seed;
  }
}

TEST(sim, all_that_may_go_wrong_does) {
  be_silent();
  SimResult sum;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const SimResult one = simulate({.seed = seed});
    sum.crashes += one.crashes;
    sum.clean_stops += one.clean_stops;
    sum.faults += one.faults;
    sum.take_overs += one.take_overs;
    sum.redeploys += one.redeploys;
    sum.replays += one.replays;
    sum.evictions += one.evictions;
    sum.overflows += one.overflows;
    sum.packed += one.packed;
    sum.emptied += one.emptied;
    sum.wal_restarts += one.wal_restarts;
    sum.power_cuts += one.power_cuts;
  }
  for (const std::uint64_t count :
       {sum.crashes, sum.clean_stops, sum.faults, sum.take_overs, sum.redeploys, sum.replays,
        sum.evictions, sum.overflows, sum.packed, sum.emptied, sum.wal_restarts, sum.power_cuts})
    EXPECT_GT(count, 0U);
}

TEST(sim, a_failing_life_is_made_smaller_and_still_fails) {
  be_silent();
  SimOptions failing{.seed = 1, .canary = core::Canary::lost_response};
  while (simulate(failing).violations.empty()) ASSERT_LT(++failing.seed, 20U);
  const SimOptions small = shrink(failing, 60);
  EXPECT_FALSE(simulate(small).violations.empty());
  EXPECT_LT(small.turns, failing.turns);
  EXPECT_FALSE(small.without.empty());
}

TEST(sim, the_store_of_a_life_may_be_chosen) {
  be_silent();
  EXPECT_FALSE(simulate({.seed = 8, .medium = Medium::memory}).sqlite);
  EXPECT_TRUE(simulate({.seed = 9, .medium = Medium::sqlite}).sqlite);
  EXPECT_TRUE(simulate({.seed = 8}).sqlite);
}

/// Does one of the seeds from `first` on find the bug? sim/canaries.md says which one.
bool is_found(core::Canary canary, std::uint64_t first) {
  be_silent();
  for (std::uint64_t seed = first; seed < first + 30; ++seed)
    if (!simulate({.seed = seed, .heal_max = 3'000, .canary = canary}).violations.empty())
      return true;
  return false;
}

TEST(sim_canary, what_leaves_before_its_commit_is_found) {
  EXPECT_TRUE(is_found(core::Canary::early_release, 1));
  EXPECT_TRUE(is_found(core::Canary::early_answer, 1));
  EXPECT_TRUE(is_found(core::Canary::early_start, 1));
}

TEST(sim_canary, promises_of_a_failed_batch_are_found) {
  EXPECT_TRUE(is_found(core::Canary::late_promises, 1));
}

TEST(sim_canary, starts_that_should_not_be_are_found) {
  EXPECT_TRUE(is_found(core::Canary::deaf_interrupt, 1));
  EXPECT_TRUE(is_found(core::Canary::ready_unstored, 1));
  EXPECT_TRUE(is_found(core::Canary::paused_starts, 1));
}

TEST(sim_canary, wakes_and_responses_that_are_lost_are_found) {
  EXPECT_TRUE(is_found(core::Canary::lost_response, 1));
  EXPECT_TRUE(is_found(core::Canary::lost_wake, 1));
  EXPECT_TRUE(is_found(core::Canary::early_delivery, 80));
}

TEST(sim_canary, ends_before_their_time_are_found) {
  EXPECT_TRUE(is_found(core::Canary::early_end, 1));
}

TEST(sim_canary, timers_that_are_lost_early_or_left_are_found) {
  EXPECT_TRUE(is_found(core::Canary::lost_timer, 1));
  EXPECT_TRUE(is_found(core::Canary::early_timer, 1));
  EXPECT_TRUE(is_found(core::Canary::kept_delay, 1));
}

TEST(sim_canary, bugs_of_the_sqlite_driver_are_found) {
  be_silent();
  const auto finds = [](StoreCanary canary, std::uint64_t seed) {
    return !simulate({.seed = seed, .heal_max = 3'000, .store_canary = canary}).violations.empty();
  };
  EXPECT_TRUE(finds(StoreCanary::tails_again, 8));
  EXPECT_TRUE(finds(StoreCanary::segments_missed, 8));
  EXPECT_TRUE(finds(StoreCanary::restarted_ids, 96));
  EXPECT_TRUE(finds(StoreCanary::early_emptying, 8));
}

TEST(sim_canary, a_second_birth_is_found) { EXPECT_TRUE(is_found(core::Canary::second_birth, 20)); }

}  // namespace
}  // namespace stele::sim

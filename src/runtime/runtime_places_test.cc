// SPDX-License-Identifier: Apache-2.0
// Who keeps a place in memory, and who gets one.
#include "runtime/runtime_test_world.h"

namespace stele::runtime::testing {
namespace {

using core::FunctionKind;

TEST(Limits, TwoHotGuestsEvictAndReplay) {
  RuntimeOptions options;
  options.hot_guests_max = 2;
  options.hot_calls_min = 0;
  options.batch_rows_max = 8;
  World world(options);
  add_sequence(world, 20);
  world.open();
  const std::vector<Ulid> ids = begin_all(world, 12);
  world.settle();
  for (const Ulid& id : ids) EXPECT_TRUE(world.outcome(id));
  const EngineCounters counters = world.engine.counters();
  EXPECT_GT(counters.evictions, 0U);
  EXPECT_GT(counters.replays, 0U);
  for (const Ulid& id : ids) {
    std::optional<bool> equal;
    world.engine.replay({id, {}}, [&](Result<ReplayReport> done) { equal = done->equal; });
    world.settle();
    EXPECT_EQ(equal, true);
  }
}

// What a replay costs is shared by the calls that follow it; nobody waits for ever.
TEST(Limits, ARebuiltGuestPaysBeforeItIsEvicted) {
  const auto replays = [](std::uint32_t calls_min) {
    RuntimeOptions options;
    options.hot_guests_max = 2;
    options.hot_calls_min = calls_min;
    World world(options);
    add_sequence(world, 40);
    world.open();
    const std::vector<Ulid> ids = begin_all(world, 12);
    world.settle();
    world.pass(milliseconds(10));  // a batch waits so long for those without a place
    for (const Ulid& id : ids) EXPECT_TRUE(world.outcome(id));
    return world.engine.counters().replays;
  };
  EXPECT_GT(replays(0), 200U);
  EXPECT_LE(replays(10), 12U * 4);
}

// After a crash all have to be rebuilt: for a while they pay with fewer calls, so that all move
// soon.
TEST(Limits, AfterACrashGuestsMakeRoomSooner) {
  const auto replays = [](Duration rush) {
    RuntimeOptions options;
    options.hot_guests_max = 2;
    options.hot_rush = rush;
    options.hot_calls_rush_min = 2;
    options.partition.careful_for = {};
    const auto disk = std::make_shared<MemoryContent>();
    std::vector<Ulid> ids;
    {
      World dies(options, disk);
      add_sequence(dies, 40);
      dies.open();
      ids = begin_all(dies, 12);
      dies.pass(milliseconds(100));
      dies.time.elapsed_us += 1'000;
      dies.settle(500);
    }
    World again(options, disk);
    add_sequence(again, 40);
    again.open();
    again.pass(seconds(3));
    for (const Ulid& id : ids) EXPECT_TRUE(again.outcome(id));
    return again.engine.counters().replays;
  };
  EXPECT_LE(replays({}), 12U * 4);
  EXPECT_GT(replays(seconds(20)), 100U);
}

// Whoever is in memory becomes ready again and again; those in the index have their turns too.
TEST(Limits, EveryoneMovesThoughThereIsRoomForFew) {
  RuntimeOptions options;
  options.partition.ready_loaded_max = 256;
  options.ready_page = 4;
  options.hot_guests_max = 2;
  options.hot_calls_min = 2;
  World world(options);
  add_sequence(world, 1'000'000);
  world.open();
  const std::vector<Ulid> ids = begin_all(world, 700);
  world.pass(milliseconds(200));
  EXPECT_GT(world.engine.counters().ready_overflows, 0U);
  const auto lengths = [&] {
    std::vector<std::uint32_t> all;
    for (const Ulid& id : ids) {
      const ExecutionKey key = world.engine.get({id, {}}).value().row.key;
      all.push_back(world.store.read_head(key).value().version);
    }
    return all;
  };
  const std::vector<std::uint32_t> before = lengths();
  world.pass(milliseconds(200));
  const std::vector<std::uint32_t> after = lengths();
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_GT(after[i], before[i]) << i;
}

// What it calls takes longer than others have to wait: it goes before it has made a call more.
TEST(Limits, AGuestThatStandsStillMakesRoomAfterAWhile) {
  RuntimeOptions options;
  options.hot_guests_max = 1;
  World world(options);
  world.add("act", FunctionKind::activity,
            [](std::size_t, const auto&, std::string_view) { return Act{Act::Kind::wait}; });
  world.add("seq", FunctionKind::workflow, sequence(1));
  world.add("short", FunctionKind::workflow, returns("1"));
  world.open();
  world.begin("seq");
  world.settle();
  const Ulid id = world.begin("short");
  world.settle();
  EXPECT_FALSE(world.outcome(id)) << "it has not waited";
  world.pass(options.hot_idle_min);
  EXPECT_TRUE(world.outcome(id));
  EXPECT_EQ(world.engine.counters().evictions, 1U);
}

}  // namespace
}  // namespace stele::runtime::testing

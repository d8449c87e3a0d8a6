// SPDX-License-Identifier: Apache-2.0
// The engine under real threads, with fake guests and a memory store.
#include "runtime/threads/engine_threads.h"

#include "runtime/runtime_test_world.h"
#include "runtime/threads/system_time.h"

namespace stele::runtime {
namespace {

using core::FunctionKind;
using testing::returns;
using testing::sequence;

struct Threaded : ::testing::Test {
  SystemTime time;
  ThreadBell bell;
  explicit Threaded(const RuntimeOptions& options = {}) : world{options, {}, &time, &bell} {}
  testing::World world;
  Queue<bool> ends;

  void begin(const std::string& name) {
    world.engine.submit(
        {{}, testing::World::ffqn(name), "[]", "test"}, [this](Result<Submitted> done) {
          ASSERT_TRUE(done) << done.error().reason;
          world.engine.wait_finished(done->id, [this](Result<ExecutionView> view) {
            ends.push(view && view->outcome && view->outcome->kind == OutcomeKind::ok);
          });
        });
  }
};

TEST_F(Threaded, ManyWorkflowsFinishAndTheDrainIsClean) {
  world.add("act", FunctionKind::activity, returns("1"));
  world.add("seq", FunctionKind::workflow, sequence(50));
  world.add("fan", FunctionKind::workflow, testing::fan_out(500));
  world.open();
  EngineThreads threads(world.engine, bell);
  threads.start(3);
  for (int i = 0; i < 40; ++i) begin(i % 10 == 0 ? "fan" : "seq");
  for (int i = 0; i < 40; ++i) EXPECT_EQ(ends.pop(seconds(30)), true);
  threads.drain();
  EXPECT_TRUE(world.engine.drained());
  threads.stop();
  EXPECT_TRUE(world.stopped_cleanly());
}

struct TinyLimits : Threaded {
  static RuntimeOptions tiny() {
    RuntimeOptions options;
    options.hot_guests_max = 2;
    options.hot_calls_min = 0;
    options.batch_rows_max = 8;
    options.partition.ready_loaded_max = 16;
    return options;
  }
  TinyLimits() : Threaded(tiny()) {}
};

TEST_F(TinyLimits, EverythingFinishes) {
  world.add("act", FunctionKind::activity, returns("1"));
  world.add("seq", FunctionKind::workflow, sequence(10));
  world.add("fan", FunctionKind::workflow, testing::fan_out(100));
  world.open();
  EngineThreads threads(world.engine, bell);
  threads.start(3);
  for (int i = 0; i < 30; ++i) begin(i % 10 == 0 ? "fan" : "seq");
  for (int i = 0; i < 30; ++i) EXPECT_EQ(ends.pop(seconds(30)), true);
  EXPECT_GT(world.engine.counters().evictions, 0U);
  EXPECT_GT(world.engine.counters().ready_overflows, 0U);
  threads.stop();
}

TEST_F(Threaded, ASpinningGuestStopsNobodyAndEndsWhenThreadsStop) {
  world.lock_expiry = seconds(3'600);
  world.add("act", FunctionKind::activity, returns("1"));
  world.add("seq", FunctionKind::workflow, sequence(20));
  world.add("spin", FunctionKind::activity, testing::spins());
  world.open();
  EngineThreads threads(world.engine, bell);
  threads.start(2);
  world.engine.submit({{}, testing::World::ffqn("spin"), "[]", "test"}, [](auto) {});
  begin("seq");
  EXPECT_EQ(ends.pop(seconds(30)), true);
  threads.stop();
}

}  // namespace
}  // namespace stele::runtime

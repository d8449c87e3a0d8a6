// SPDX-License-Identifier: Apache-2.0
// The engine with fake guests, a memory store and a clock that stands still; no threads.
#include "runtime/runtime_test_world.h"

namespace stele::runtime::testing {
namespace {

using core::FunctionKind;

struct Basic : ::testing::Test {
  static void prepare(World& world, std::size_t steps) {
    world.add("act", FunctionKind::activity, returns("1"));
    world.add("seq", FunctionKind::workflow, sequence(steps));
    world.open();
  }
};

TEST_F(Basic, SubmitRunsWorkflowAndActivityAndFinishes) {
  World world;
  prepare(world, 3);
  const Ulid id = world.begin("seq");
  EXPECT_TRUE(world.acks.empty());  // nothing is committed yet
  world.settle();
  ASSERT_TRUE(world.acks.contains(id));
  EXPECT_FALSE(world.acks.at(id));
  const std::optional<Outcome> outcome = world.outcome(id);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, OutcomeKind::ok);
  EXPECT_EQ(outcome->value, "\"done\"");
}

TEST_F(Basic, ThousandSequentialStepsCostOneCommitEach) {
  World world;
  prepare(world, 1'000);
  const Ulid id = world.begin("seq");
  world.settle();
  ASSERT_TRUE(world.outcome(id));
  EXPECT_LE(world.engine.counters().commits, 1'100U);
  EXPECT_GE(world.engine.counters().attempts_started, 1'000U);
}

TEST_F(Basic, UnknownFunctionNamesTheNearest) {
  World world;
  prepare(world, 1);
  std::optional<Error> refusal;
  world.engine.submit({{}, "t:p/i.sqe", "[]", ""},
                      [&](Result<Submitted> done) { refusal = done.error(); });
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, Code::not_found);
  EXPECT_NE(refusal->reason.find("t:p/i.seq"), std::string::npos) << refusal->reason;
}

TEST_F(Basic, SameIdAgainIsRepeatedOrRefused) {
  World world;
  prepare(world, 1);
  const Ulid id = world.begin("seq");
  world.settle();
  std::optional<bool> repeated;
  std::optional<Error> refusal;
  world.engine.submit({id, World::ffqn("seq"), "[]", "test"},
                      [&](Result<Submitted> done) { repeated = done && done->repeated; });
  world.engine.submit({id, World::ffqn("seq"), "[7]", "test"},
                      [&](Result<Submitted> done) { refusal = done.error(); });
  world.settle();
  EXPECT_EQ(repeated, true);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, Code::already_exists);
}

TEST_F(Basic, SleepFiresAtItsTimeAndNotBefore) {
  World world;
  world.add("wf", FunctionKind::workflow, [](std::size_t step, const auto&, std::string_view) {
    if (step == 0) {
      return Act{.kind = Act::Kind::call,
                 .import = Import::sleep,
                 .text = R"([{"in":{"seconds":5}},null])"};
    }
    return Act{.text = "1"};
  });
  world.open();
  const Ulid id = world.begin("wf");
  world.settle();
  world.pass(milliseconds(4'900));
  EXPECT_FALSE(world.outcome(id));
  world.pass(milliseconds(300));
  EXPECT_TRUE(world.outcome(id));
}

TEST_F(Basic, LongSleepFiresAfterTheWindowMoved) {
  World world;
  world.add("wf", FunctionKind::workflow, [](std::size_t step, const auto&, std::string_view) {
    if (step == 0) {
      return Act{.kind = Act::Kind::call,
                 .import = Import::sleep,
                 .text = R"([{"in":{"seconds":300}},null])"};
    }
    return Act{.text = "1"};
  });
  world.open();
  const Ulid id = world.begin("wf");
  world.settle();
  world.pass(seconds(299));
  EXPECT_FALSE(world.outcome(id));
  world.pass(seconds(2));
  EXPECT_TRUE(world.outcome(id));
}

TEST_F(Basic, FollowersAreToldOnceAlsoWhenItIsFinishedAlready) {
  World world;
  prepare(world, 2);
  const Ulid id = world.begin("seq");
  while (!world.acks.contains(id)) static_cast<void>(world.engine.work() || world.engine.commit());
  int before = 0;
  int after = 0;
  world.engine.wait_finished({id, {}}, [&](Result<ExecutionView> view) {
    before += view && view->row.stage == Stage::finished && view->outcome ? 1 : 100;
  });
  EXPECT_EQ(before, 0);
  world.settle();
  world.engine.wait_finished({id, {}},
                             [&](Result<ExecutionView> view) { after += view ? 1 : 100; });
  EXPECT_EQ(before, 1);
  EXPECT_EQ(after, 1);
}

TEST_F(Basic, ReplayIsEqualAndWritesNothing) {
  World world;
  prepare(world, 5);
  const Ulid id = world.begin("seq");
  world.settle();
  const std::uint64_t commits = world.engine.counters().store.commits;
  std::optional<ReplayReport> report;
  world.engine.replay({id, {}}, [&](Result<ReplayReport> done) { report = *done; });
  world.settle();
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->equal) << report->difference;
  EXPECT_EQ(report->state, "finished");
  EXPECT_EQ(world.engine.counters().store.commits, commits);
  world.component->programs[World::ffqn("seq")] = sequence(4);
  world.engine.replay({id, {}}, [&](Result<ReplayReport> done) { report = *done; });
  world.settle();
  EXPECT_FALSE(report->equal);
  EXPECT_FALSE(report->difference.empty());
}

TEST_F(Basic, FanOutOfManyChildrenFinishes) {
  World world;
  world.add("act", FunctionKind::activity, returns("1"));
  world.add("fan", FunctionKind::workflow, fan_out(1'000));
  world.open();
  const Ulid id = world.begin("fan");
  world.settle();
  ASSERT_TRUE(world.outcome(id));
  EXPECT_LE(world.engine.counters().commits, 100U);
}

TEST_F(Basic, DrainLeavesTheCleanMarkAndARestartGoesOn) {
  World world;
  world.add("act", FunctionKind::activity, returns("1"));
  world.add("wf", FunctionKind::workflow, [](std::size_t step, const auto&, std::string_view) {
    if (step == 0) {
      return Act{.kind = Act::Kind::call,
                 .import = Import::sleep,
                 .text = R"([{"in":{"seconds":5}},null])"};
    }
    return Act{.text = "1"};
  });
  world.open();
  const Ulid id = world.begin("wf");
  world.settle();
  world.engine.drain();
  world.settle();
  ASSERT_TRUE(world.engine.drained());
  EXPECT_TRUE(world.stopped_cleanly());

  World again({}, world.content);
  again.component = world.component;
  again.add("act", FunctionKind::activity, returns("1"));
  again.add("wf", FunctionKind::workflow, world.component->programs[World::ffqn("wf")]);
  again.open();
  again.pass(seconds(6));
  EXPECT_TRUE(again.outcome(id));
}

}  // namespace
}  // namespace stele::runtime::testing

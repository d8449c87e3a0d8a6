// SPDX-License-Identifier: Apache-2.0
// Delays that are paused (contract 5.11).
#include "core/partition_test_script.h"

namespace stele::core {
namespace {

constexpr ExecutionKey flow{1};

class PausedDelay : public testing::Test {
 protected:
  PausedDelay() {
    submit(world, 1, flow_function);
    world.take_now<StartFirstRun>();
    world.step(blocked(world, flow, 1, {sleep_for(0, world.clock + seconds(60))}, 0));
    due = world.take_now<SetTimer>().at(0).due;
  }
  std::optional<Code> set(bool paused) {
    DelayRow row = *due.delay;
    row.paused = paused;
    world.step(PauseDelay{60, row, {"ann", ""}});
    world.commit();
    const auto answers = world.take_held<Answer>();
    if (!answers.back().refusal) return std::nullopt;
    return answers.back().refusal->code;
  }
  const DelayResponse& response() { return std::get<DelayResponse>(world.history(1).at(1).body); }

  World world;
  TimerDue due;
};

TEST_F(PausedDelay, DoesNotFire) {
  world.commit();
  EXPECT_EQ(set(true), std::nullopt);
  EXPECT_TRUE(world.delays.begin()->second.paused);
  EXPECT_EQ(set(true), std::nullopt) << "again";
  world.fire(due);
  world.commit();
  EXPECT_EQ(world.history(1).size(), 1U);
  EXPECT_EQ(world.delays.size(), 1U);

  EXPECT_EQ(set(false), std::nullopt) << "overdue: fires at once";
  EXPECT_FALSE(response().cancelled);
  EXPECT_TRUE(world.delays.empty());
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  EXPECT_EQ(set(true), Code::failed_precondition);
}

TEST_F(PausedDelay, GoesOnWhenItIsUnpausedInTime) {
  EXPECT_EQ(set(true), std::nullopt);
  EXPECT_EQ(set(false), std::nullopt);
  EXPECT_FALSE(world.delays.begin()->second.paused);
  const auto timers = world.take_now<SetTimer>();
  ASSERT_EQ(timers.size(), 1U);
  world.fire(timers[0].due);
  world.commit();
  EXPECT_FALSE(response().cancelled);
  EXPECT_TRUE(world.delays.empty());
}

TEST_F(PausedDelay, IsKnownFromTheStoreAfterACrash) {
  EXPECT_EQ(set(true), std::nullopt);
  world.crash();
  world.clock = due.at + seconds(1);
  TimerDue stored = due;
  stored.delay = world.delays.begin()->second;
  world.step(stored);
  EXPECT_EQ(world.partition->open_rows(), 0U);
  EXPECT_EQ(set(false), std::nullopt);
  EXPECT_FALSE(response().cancelled);
  EXPECT_EQ(world.row(1).stage, Stage::ready);
}

TEST_F(PausedDelay, AnswersCancelledWhenItIsCancelled) {
  world.commit();
  DelayRow row = *due.delay;
  row.paused = true;
  world.step(PauseDelay{0, row, {}});
  world.step(CancelDelay{0, flow, row.join_set, row.index, {}});
  world.commit();
  EXPECT_TRUE(response().cancelled);
  EXPECT_TRUE(world.delays.empty()) << "stored before it was paused: its removal must be, too";
}

TEST_F(PausedDelay, IsRefusedForWhoIsNoWorkflow) {
  DelayRow row = *due.delay;
  row.owner = ExecutionKey{99};
  world.step(PauseDelay{60, row, {}});
  world.commit();
  EXPECT_EQ(world.take_held<Answer>().back().refusal->code, Code::not_found);
}

TEST_F(PausedDelay, IsClosedAsCancelled) {
  world.step(CancelDelay{0, flow, JoinSetOrdinal{0}, 1, {}});
  world.take_now<Resume>();
  RunRequest request = delay(1, 1, world.clock + seconds(5));
  std::get<DelayRequest>(request.body).paused = true;
  world.step(closing(world, flow, 1, {create(1), request}, 1));
  EXPECT_TRUE(world.take_now<SetTimer>().empty());
  world.commit();
  EXPECT_TRUE(world.delays.empty());
  EXPECT_TRUE(std::get<DelayResponse>(world.history(1).back().body).cancelled);
}

}  // namespace
}  // namespace stele::core

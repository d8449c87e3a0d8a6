// SPDX-License-Identifier: Apache-2.0
// Pause and unpause of executions (contract 5.2, 5.11).
#include "core/partition_test_script.h"

namespace stele::core {
namespace {

constexpr ExecutionKey first{1};

std::optional<Code> refusal_of(World& world) {
  world.commit();
  const auto answers = world.take_held<Answer>();
  EXPECT_FALSE(answers.empty());
  if (answers.empty() || !answers.back().refusal) return std::nullopt;
  return answers.back().refusal->code;
}
std::optional<Code> pause(World& world, ExecutionKey key = first) {
  world.step(Pause{50, key, {"ann", "look"}});
  return refusal_of(world);
}
std::optional<Code> unpause(World& world, ExecutionKey key = first) {
  world.step(Unpause{51, key, {"ann", ""}});
  return refusal_of(world);
}
Control control_at(World& world, std::int64_t key, std::size_t position) {
  return std::get<Control>(world.history(key).at(position).body);
}

TEST(partition_pause, a_running_workflow_is_interrupted_and_stays_ready) {
  World world;
  submit(world, 1, flow_function);
  const StartFirstRun start = world.take_now<StartFirstRun>().at(0);
  EXPECT_EQ(pause(world), std::nullopt);
  EXPECT_EQ(world.take_now<Interrupt>().at(0).run, start.run);
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  EXPECT_EQ(world.row(1).lifecycle, Lifecycle::paused);
  EXPECT_FALSE(world.row(1).mark);
  EXPECT_EQ(control_at(world, 1, 0), (Control{Control::Kind::paused, "ann", "look"}));
  EXPECT_EQ(world.partition->counters().executions_in_memory, 0U);
  world.step(blocked(world, first, 1, {call(0)}, 0));
  world.step(RunDropped{first, world.incarnation(), RunNumber{1}});
  EXPECT_EQ(world.partition->open_rows(), 0U) << "a late report is refused";

  EXPECT_EQ(pause(world), std::nullopt) << "again";
  EXPECT_EQ(world.history(1).size(), 1U);

  EXPECT_EQ(unpause(world), std::nullopt);
  EXPECT_EQ(world.row(1).lifecycle, Lifecycle::active);
  EXPECT_EQ(control_at(world, 1, 1).kind, Control::Kind::unpaused);
  const StartReplay replay = world.take_held<StartReplay>().at(0);
  EXPECT_GT(replay.run, start.run) << "the late report of the first run must not end this one";
  world.step(ended(world, first, replay.run.value, {}, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::finished);
}

TEST(partition_pause, responses_arrive_while_a_blocked_workflow_is_paused) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  world.step(blocked(world, first, 1, {call(0)}, 0));
  world.commit();
  const StartAttempt attempt = world.take_held<StartAttempt>().at(0);
  EXPECT_EQ(pause(world), std::nullopt);
  EXPECT_EQ(world.take_now<Interrupt>().size(), 1U);
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
  world.step(returned(world, attempt, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  EXPECT_EQ(world.row(1).lifecycle, Lifecycle::paused);
  EXPECT_TRUE(world.take_held<StartReplay>().empty());
  world.crash();
  world.recover();
  world.commit();
  EXPECT_TRUE(world.take_held<StartReplay>().empty()) << "nor after a crash";
  EXPECT_EQ(unpause(world), std::nullopt);
  EXPECT_EQ(world.take_held<StartReplay>().size(), 1U);
}

TEST(partition_pause, a_closing_set_is_closed_while_its_workflow_is_paused) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  world.step(closing(world, first, 1, {create(0), child(0, 1), child(0, 2)}, 0));
  world.auto_continue = false;
  EXPECT_EQ(pause(world), std::nullopt);
  world.auto_continue = true;
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
  EXPECT_EQ(tear_down(world), 3U) << "the run and both children";
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  EXPECT_EQ(world.row(2).stage, Stage::finished);
  EXPECT_TRUE(world.take_held<StartReplay>().empty());
  EXPECT_EQ(unpause(world), std::nullopt);
  EXPECT_EQ(world.take_held<StartReplay>().size(), 1U);
}

TEST(partition_pause, what_cannot_be_paused) {
  World world;
  EXPECT_EQ(pause(world), Code::not_found);
  EXPECT_EQ(unpause(world), Code::not_found);
  submit(world, 1, add_function);
  world.commit();
  EXPECT_EQ(unpause(world), Code::failed_precondition) << "not paused";
  const StartAttempt attempt = world.take_held<StartAttempt>().at(0);
  world.step(Pause{50, first, {}});
  world.commit();
  EXPECT_EQ(world.take_held<Answer>().back().refusal->reason,
            "cannot pause a running activity; cancel it instead");
  world.step(Cancel{0, first, {}});
  EXPECT_EQ(pause(world), Code::failed_precondition) << "being cancelled";
  world.step(returned(world, attempt, ok_outcome()));
  EXPECT_EQ(pause(world), Code::failed_precondition) << "finished";
  EXPECT_EQ(unpause(world), Code::failed_precondition);

  submit(world, 2, flow_function);
  const ExecutionKey flow = world.take_now<StartFirstRun>().at(0).key;
  world.step(ended(world, flow, 1, {create(0), child(0, 1, flow_function)}, ok_outcome()));
  EXPECT_EQ(pause(world, flow), Code::failed_precondition) << "its code has ended";
}

TEST(partition_pause, an_activity_waits_for_its_retry_while_it_is_paused) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  world.step(returned(world, world.take_held<StartAttempt>().at(0), err_outcome("1")));
  EXPECT_EQ(pause(world), std::nullopt);
  EXPECT_EQ(world.row(1).stage, Stage::waiting);
  EXPECT_EQ(world.row(1).controls, 1U);
  world.fire(world.take_now<SetTimer>().at(0).due);
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  EXPECT_TRUE(world.take_held<StartAttempt>().empty());
  world.crash(false);
  world.recover();
  EXPECT_EQ(unpause(world), std::nullopt);
  const StartAttempt again = world.take_held<StartAttempt>().at(0);
  EXPECT_EQ(again.attempt.value, 2U);
  world.step(returned(world, again, ok_outcome("7")));
  world.commit();
  EXPECT_EQ(world.history(1).size(), 3U) << "the failure, paused, unpaused";
  EXPECT_EQ(world.row(1).controls, 2U);
  EXPECT_EQ(world.row(1).finished_version, 4U);
}

TEST(partition_pause, an_unpaused_one_goes_on_waiting_for_its_wake) {
  World world;
  Submit later{.request = 1, .id = Ulid{0, 1}, .function = add_function, .params = "[1]"};
  later.scheduled = world.clock + seconds(60);
  later.paused = true;
  later.requester = "ann";
  world.step(later);
  world.commit();
  EXPECT_EQ(control_at(world, 1, 0), (Control{Control::Kind::paused, "ann", ""}));
  world.crash(false);
  EXPECT_EQ(unpause(world), std::nullopt);
  EXPECT_EQ(world.row(1).stage, Stage::waiting);
  world.fire(world.take_now<SetTimer>().at(0).due);
  world.commit();
  EXPECT_EQ(world.take_held<StartAttempt>().size(), 1U);
}

TEST(partition_pause, a_workflow_begins_paused) {
  World world;
  Submit input{.request = 1, .id = Ulid{0, 1}, .function = flow_function, .params = "[1]"};
  input.paused = true;
  world.step(input);
  EXPECT_TRUE(world.take_now<StartFirstRun>().empty());
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  EXPECT_EQ(world.row(1).lifecycle, Lifecycle::paused);
  EXPECT_EQ(world.history(1).size(), 1U);
  world.step(Deploy{test_catalog(7)});
  EXPECT_EQ(unpause(world), std::nullopt);
  const StartReplay start = world.take_held<StartReplay>().at(0);
  EXPECT_EQ(start.row.deployment.value, 7U) << "no run of it has begun";
}

TEST(partition_pause, a_cancel_takes_the_pause_away) {
  World world;
  submit(world, 1, cancellable_flow);
  world.take_now<StartFirstRun>();
  world.step(blocked(world, first, 1, {call(0)}, 0));
  world.commit();
  EXPECT_EQ(pause(world), std::nullopt);
  world.step(returned(world, world.take_held<StartAttempt>().at(0), ok_outcome()));
  world.step(Cancel{52, first, {"ann", ""}});
  EXPECT_EQ(refusal_of(world), std::nullopt);
  EXPECT_EQ(world.row(1).stage, Stage::finished);
  EXPECT_EQ(world.row(1).failure, FailureKind::cancelled);

  submit(world, 2, stub_function);
  world.commit();
  EXPECT_EQ(pause(world, ExecutionKey{3}), std::nullopt);
  world.crash(false);
  world.step(Cancel{53, ExecutionKey{3}, {"ann", ""}});
  EXPECT_EQ(refusal_of(world), std::nullopt);
  EXPECT_EQ(world.row(3).controls, 2U);
  EXPECT_EQ(world.history(3).at(1).version, 2U) << "the head is right after a reload";
}

}  // namespace
}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
#include "core/partition.h"

#include "core/partition_test_script.h"

namespace stele::core {
namespace {

TEST(partition, one_step_workflow) {
  World world;
  submit(world, 1, flow_function);
  EXPECT_TRUE(world.held.empty()) << "nothing may leave before the commit";
  const auto runs = world.take_now<StartFirstRun>();
  ASSERT_EQ(runs.size(), 1U);
  const ExecutionKey flow = runs[0].key;
  world.step(blocked(world, flow, 1, {call(0)}, 0));
  world.commit();
  EXPECT_EQ(world.take_held<Answer>().size(), 1U);
  const auto starts = world.take_held<StartAttempt>();
  ASSERT_EQ(starts.size(), 1U);
  EXPECT_EQ(to_text(starts[0].id), "E_00000000000000000000000001.o:1-add_1");
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
  EXPECT_FALSE(world.row(1).mark);
  EXPECT_EQ(world.row(2).stage, Stage::ready);

  world.step(returned(world, starts[0], ok_outcome("42")));
  EXPECT_EQ(world.take_now<Deliver>().size(), 1U);
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  world.step(ended(world, flow, 1, {}, ok_outcome("43")));
  world.commit();
  EXPECT_EQ(world.commits, 2U);
  const auto told = world.take_held<Notify>();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1].outcome.value, "43");
  EXPECT_EQ(world.row(1).stage, Stage::finished);
  EXPECT_EQ(world.row(1).outcome->value, "43");
  EXPECT_EQ(world.row(1).finished_version, 4U);
  EXPECT_FALSE(world.row(2).outcome.has_value());
  const auto& entry = world.history(1).at(world.row(2).response_position);
  EXPECT_EQ(std::get<ChildResponse>(entry.body).outcome.value, "42");
  EXPECT_EQ(world.partition->counters().executions_in_memory, 0U);
}

TEST(partition, a_step_of_a_hot_workflow_writes_its_row_only_once) {
  World world;
  submit(world, 1, flow_function);
  const ExecutionKey flow = world.take_now<StartFirstRun>().at(0).key;
  for (std::uint32_t i = 0; i < 5; ++i) {
    world.step(blocked(world, flow, 1, {call(i)}, i));
    world.commit();
    world.step(returned(world, world.take_held<StartAttempt>().at(0), ok_outcome()));
  }
  EXPECT_EQ(world.rows_written, 1U + 5 + 4) << "the workflow once, each child twice";
}

TEST(partition, the_same_submission_again_is_recognised) {
  World world;
  submit(world, 1, flow_function);
  world.commit();
  EXPECT_FALSE(world.take_held<Answer>().at(0).repeated);
  submit(world, 1, flow_function);
  EXPECT_TRUE(world.take_held<Answer>().at(0).repeated);
  submit(world, 1, add_function);
  const Answer refused = world.take_held<Answer>().at(0);
  ASSERT_TRUE(refused.refusal);
  EXPECT_EQ(refused.refusal->code, Code::already_exists);
  world.crash(false);
  submit(world, 1, flow_function);
  EXPECT_TRUE(world.take_held<Answer>().at(0).repeated) << "known from the store";
  EXPECT_EQ(world.rows.size(), 1U);
}

TEST(partition, retries_until_they_are_used_up) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto starts = world.take_held<StartAttempt>();
    ASSERT_EQ(starts.size(), 1U) << attempt;
    EXPECT_EQ(starts[0].attempt.value, static_cast<std::uint32_t>(attempt));
    world.step(returned(world, starts[0], err_outcome("\"no\"")));
    world.commit();
    const auto timers = world.take_now<SetTimer>();
    ASSERT_EQ(timers.size(), attempt < 3 ? 1U : 0U);
    if (timers.empty()) break;
    EXPECT_EQ(world.row(1).stage, Stage::waiting);
    EXPECT_EQ((timers[0].due.at - world.clock).us, attempt * 100'000);
    world.step(TimerDue{timers[0].due.at, timers[0].due.key, std::nullopt});
    EXPECT_TRUE(world.take_held<StartAttempt>().empty()) << "not before its time";
    world.fire(timers[0].due);
    world.commit();
  }
  EXPECT_EQ(world.row(1).stage, Stage::finished);
  EXPECT_EQ(world.row(1).outcome->kind, OutcomeKind::err);
  EXPECT_EQ(world.history(1).size(), 2U);
  EXPECT_EQ(world.row(1).finished_version, 3U);
}

TEST(partition, kinds_of_ends_of_an_attempt) {
  const auto end_of = [](AttemptEnded report) {
    World world;
    submit(world, 1, add_function);
    world.commit();
    const StartAttempt start = world.take_held<StartAttempt>().at(0);
    report.key = start.key;
    report.incarnation = start.incarnation;
    report.attempt = start.attempt;
    world.step(report);
    world.commit();
    return std::pair(world.row(1), world.history(1));
  };
  AttemptEnded permanent{.outcome = err_outcome("{}"), .permanent = true};
  EXPECT_EQ(end_of(permanent).first.outcome_kind, OutcomeKind::err);
  AttemptEnded unusable{.kind = AttemptEnded::Kind::unusable, .reason = "bad"};
  EXPECT_EQ(end_of(unusable).first.outcome_kind, OutcomeKind::failure);
  AttemptEnded trapped{.kind = AttemptEnded::Kind::trapped, .reason = "unreachable"};
  EXPECT_EQ(end_of(trapped).first.stage, Stage::waiting);
  EXPECT_EQ(end_of(trapped).first.attempts, 1U);
  AttemptEnded late{.kind = AttemptEnded::Kind::timed_out};
  EXPECT_TRUE(std::get<AttemptFailed>(end_of(late).second.at(0).body).timed_out);
  AttemptEnded not_started{.kind = AttemptEnded::Kind::not_started};
  EXPECT_EQ(end_of(not_started).first.attempts, 0U);
  EXPECT_EQ(end_of(not_started).first.stage, Stage::waiting);
  AttemptEnded interrupted{.kind = AttemptEnded::Kind::interrupted};
  EXPECT_EQ(end_of(interrupted).first.attempts, 0U);
}

TEST(partition, fuel_that_is_used_up_has_its_own_kind) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const StartAttempt start = world.take_held<StartAttempt>().at(0);
    world.step(AttemptEnded{.key = start.key,
                            .incarnation = start.incarnation,
                            .attempt = start.attempt,
                            .kind = AttemptEnded::Kind::trapped,
                            .failure = FailureKind::out_of_fuel});
    world.commit();
    for (const SetTimer& timer : world.take_now<SetTimer>()) world.fire(timer.due);
    world.commit();
  }
  EXPECT_EQ(world.row(1).stage, Stage::finished);
  EXPECT_EQ(world.row(1).failure, FailureKind::out_of_fuel);
}

TEST(partition, late_reports_change_nothing) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  const StartAttempt start = world.take_held<StartAttempt>().at(0);
  AttemptEnded report = returned(world, start, ok_outcome("7"));
  report.incarnation = Incarnation{77};
  world.step(report);
  report.incarnation = start.incarnation;
  report.attempt = RunNumber{9};
  world.step(report);
  EXPECT_EQ(world.partition->open_rows(), 0U);
  report.attempt = start.attempt;
  world.step(report);
  world.step(report);
  EXPECT_EQ(world.partition->counters().refused_reports, 3U);
  world.commit();
  world.step(report);
  EXPECT_EQ(world.partition->open_rows(), 0U);
  EXPECT_EQ(world.take_held<Notify>().size(), 1U);
}

TEST(partition, a_cold_parent_is_loaded_and_replayed) {
  World world;
  submit(world, 1, flow_function);
  const ExecutionKey flow = world.take_now<StartFirstRun>().at(0).key;
  world.step(blocked(world, flow, 1, {call(0)}, 0));
  world.commit();
  world.step(RunDropped{flow, world.incarnation(), RunNumber{1}});
  const StartAttempt start = world.take_held<StartAttempt>().at(0);
  world.step(returned(world, start, ok_outcome()));
  EXPECT_TRUE(world.take_held<StartReplay>().empty());
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  const StartReplay replay = world.take_held<StartReplay>().at(0);
  EXPECT_EQ(replay.run.value, 2U);
  EXPECT_TRUE(world.take_now<Deliver>().empty());
  world.step(ended(world, flow, 2, {}, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::finished);
}

TEST(partition, a_blocked_workflow_leaves_memory_when_its_guest_is_dropped) {
  World world;
  submit(world, 1, flow_function);
  const ExecutionKey flow = world.take_now<StartFirstRun>().at(0).key;
  world.step(blocked(world, flow, 1, {sleep_for(0, world.clock + seconds(3600))}, 0));
  world.commit();
  EXPECT_EQ(world.delays.size(), 1U);
  world.step(RunDropped{flow, world.incarnation(), RunNumber{1}});
  EXPECT_EQ(world.partition->counters().executions_in_memory, 0U);
  const TimerDue due = world.take_now<SetTimer>().at(0).due;
  TimerDue early = due;
  world.step(early);
  EXPECT_EQ(world.partition->open_rows(), 0U) << "no timer fires early";
  world.fire(due);
  world.step(due);
  world.commit();
  EXPECT_TRUE(world.delays.empty());
  EXPECT_EQ(world.history(1).size(), 2U);
  EXPECT_EQ(world.take_held<StartReplay>().size(), 1U);
}

TEST(partition, a_delay_that_is_due_is_answered_at_once) {
  World world;
  submit(world, 1, flow_function);
  const ExecutionKey flow = world.take_now<StartFirstRun>().at(0).key;
  world.step(blocked(world, flow, 1, {sleep_for(0, world.clock)}, 0));
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  world.commit();
  EXPECT_TRUE(world.delays.empty());
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  EXPECT_TRUE(world.row(1).mark);
}

TEST(partition, a_delay_that_is_due_does_not_wake_who_waits_for_another_set) {
  World world;
  submit(world, 1, flow_function);
  const ExecutionKey flow = world.take_now<StartFirstRun>().at(0).key;
  world.step(blocked(world, flow, 1, {create(0), delay(0, 1, world.clock), join_next(0)}, 0));
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  world.step(blocked(world, flow, 1, {delay(0, 2, world.clock), call(1)}, 1));
  EXPECT_TRUE(world.take_now<Resume>().empty());
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
  world.step(RunDropped{flow, world.incarnation(), RunNumber{1}});
  EXPECT_EQ(world.partition->peek(flow)->stage, Stage::blocked);
}

}  // namespace
}  // namespace stele::core

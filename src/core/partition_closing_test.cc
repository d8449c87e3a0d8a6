// SPDX-License-Identifier: Apache-2.0
#include "core/partition_test_script.h"

namespace stele::core {
namespace {

ExecutionKey start_flow(World& world, std::uint64_t id = 1, FunctionId function = flow_function) {
  submit(world, id, function);
  return world.take_now<StartFirstRun>().at(0).key;
}

/// The closing entries of a history, as (set, count).
std::vector<std::pair<std::uint32_t, std::uint32_t>> closings(const std::vector<Entry>& history) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
  for (const Entry& entry : history)
    if (const auto* next = std::get_if<JoinNext>(&entry.body); next != nullptr && next->closing)
      found.emplace_back(next->join_set.value, next->count);
  return found;
}

std::vector<ExecutionKey> answered(const std::vector<Entry>& history) {
  std::vector<ExecutionKey> found;
  for (const Entry& entry : history)
    if (const auto* response = std::get_if<ChildResponse>(&entry.body))
      found.push_back(response->child);
  return found;
}

TEST(partition_closing, the_end_cancels_activities_and_delays_in_reverse_order) {
  World world;
  const ExecutionKey flow = start_flow(world);
  const Instant later = world.clock + seconds(60);
  world.step(
      ended(world, flow, 1,
            {create(0), child(0, 1), delay(0, 1, later), child(0, 2), create(1), child(1, 1)},
            ok_outcome("9")));
  EXPECT_EQ(tear_down(world), 1U);
  EXPECT_EQ(tear_down(world), 2U);
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::finished);
  EXPECT_EQ(world.row(1).outcome->value, "9");
  EXPECT_EQ(closings(world.history(1)),
            (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{1, 1}, {0, 3}}));
  EXPECT_EQ(answered(world.history(1)),
            (std::vector{ExecutionKey{4}, ExecutionKey{3}, ExecutionKey{2}}));
  EXPECT_TRUE(world.delays.empty());
  for (int key = 2; key <= 4; ++key) EXPECT_EQ(world.row(key).failure, FailureKind::cancelled);
  EXPECT_TRUE(std::holds_alternative<Ending>(world.history(1).at(6).body));
  EXPECT_EQ(world.partition->counters().executions_in_memory, 0U);
}

TEST(partition_closing, a_running_attempt_is_torn_down_first) {
  World world;
  const ExecutionKey flow = start_flow(world);
  world.step(blocked(world, flow, 1, {create(0), child(0, 1), child(0, 2), join_next(0)}, 0));
  world.commit();
  const auto starts = world.take_held<StartAttempt>();
  ASSERT_EQ(starts.size(), 2U);
  world.step(returned(world, starts[1], ok_outcome()));
  world.step(ended(world, flow, 1, {}, ok_outcome()));
  const auto stops = world.take_now<Interrupt>();
  ASSERT_EQ(stops.size(), 1U);
  EXPECT_EQ(stops[0].key, starts[0].key);
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::closing);
  AttemptEnded torn = returned(world, starts[0], {});
  torn.kind = AttemptEnded::Kind::interrupted;
  world.step(torn);
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::finished);
  EXPECT_EQ(world.row(2).failure, FailureKind::cancelled);
  EXPECT_EQ(world.history(2).size(), 1U);
}

TEST(partition_closing, child_workflows_are_awaited_or_asked_to_end) {
  World world;
  const ExecutionKey flow = start_flow(world);
  world.step(advanced(world, flow, 1,
                      {create(0), child(0, 1, flow_function), child(0, 2, cancellable_flow)}));
  EXPECT_EQ(world.take_now<StartFirstRun>().size(), 2U);
  world.step(ended(world, flow, 1, {}, err_outcome("\"x\"")));
  const auto stops = world.take_now<Interrupt>();
  ASSERT_EQ(stops.size(), 1U);
  EXPECT_EQ(stops[0].key.value, 3);
  world.step(RunDropped{stops[0].key, world.incarnation(), RunNumber{1}});
  world.commit();
  EXPECT_EQ(world.row(3).stage, Stage::finished);
  EXPECT_EQ(world.row(3).failure, FailureKind::cancelled);
  EXPECT_TRUE(std::holds_alternative<Control>(world.history(3).at(0).body));
  EXPECT_EQ(world.row(1).stage, Stage::closing) << "the other child is awaited";
  EXPECT_EQ(world.row(1).outcome_kind, OutcomeKind::err);
  world.step(ended(world, ExecutionKey{2}, 1, {}, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::finished);
  EXPECT_EQ(world.row(1).outcome_kind, OutcomeKind::err);
}

TEST(partition_closing, an_explicit_close_parks_a_live_guest) {
  World world;
  const ExecutionKey flow = start_flow(world);
  world.step(closing(world, flow, 1, {create(0), child(0, 1), child(0, 2, flow_function)}, 0));
  EXPECT_TRUE(world.take_now<Resume>().empty());
  EXPECT_TRUE(world.take_now<Deliver>().empty());
  EXPECT_EQ(tear_down(world), 1U);
  EXPECT_EQ(world.take_now<Deliver>().size(), 1U);
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
  world.step(ended(world, ExecutionKey{3}, 1, {}, ok_outcome()));
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  world.step(closing(world, flow, 1, {create(1)}, 1));
  EXPECT_EQ(world.take_now<Resume>().size(), 1U) << "an empty set is closed at once";
  world.step(closing(world, flow, 1, {create(2), child(2, 1, stub_function)}, 2));
  EXPECT_EQ(world.take_now<Resume>().size(), 1U) << "a stub is cancelled at once";
  world.step(ended(world, flow, 1, {}, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::finished);
  EXPECT_EQ(closings(world.history(1)),
            (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 2}, {2, 1}}));
}

TEST(partition_closing, responses_that_were_never_awaited_are_counted) {
  World world;
  const ExecutionKey flow = start_flow(world);
  world.step(advanced(world, flow, 1, {create(0), child(0, 1)}));
  world.commit();
  world.step(returned(world, world.take_held<StartAttempt>().at(0), ok_outcome()));
  world.step(closing(world, flow, 1, {}, 0));
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  world.step(advanced(world, flow, 1, {create(1), child(1, 1)}));
  world.commit();
  world.step(returned(world, world.take_held<StartAttempt>().at(0), ok_outcome()));
  world.step(ended(world, flow, 1, {}, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::finished);
  EXPECT_EQ(closings(world.history(1)),
            (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 1}, {1, 1}}));
}

TEST(partition_closing, big_sets_close_in_slices_that_survive_a_crash) {
  World world({.closing_slice = 4});
  const ExecutionKey flow = start_flow(world);
  std::vector<RunRequest> requests{create(0)};
  for (std::uint32_t i = 1; i <= 10; ++i) requests.push_back(child(0, i, stub_function));
  world.step(advanced(world, flow, 1, requests));
  world.auto_continue = false;
  world.step(ended(world, flow, 1, {}, ok_outcome("5")));
  world.step(Continue{flow});
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::ready) << "so that the loader finds it";
  EXPECT_EQ(answered(world.history(1)).size(), 4U);
  world.auto_continue = true;
  world.crash();
  world.recover();
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::finished);
  EXPECT_EQ(world.row(1).outcome->value, "5");
  EXPECT_EQ(closings(world.history(1)),
            (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 10}}));
  EXPECT_TRUE(world.take_held<StartReplay>().empty()) << "no guest is needed";
}

TEST(partition_closing, an_answered_set_is_not_forgotten_in_a_crash) {
  World world;
  const ExecutionKey flow = start_flow(world);
  world.step(ended(world, flow, 1, {create(0), child(0, 1, flow_function)}, ok_outcome("5")));
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::closing);
  world.auto_continue = false;
  world.step(ended(world, ExecutionKey{2}, 1, {}, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::ready) << "its end has not been stored";
  world.auto_continue = true;
  world.crash();
  world.recover();
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::finished);
}

TEST(partition_closing, a_close_goes_on_when_its_guest_is_dropped) {
  World world({.closing_slice = 2});
  const ExecutionKey flow = start_flow(world);
  world.auto_continue = false;
  world.step(closing(world, flow, 1,
                     {create(0), child(0, 1, stub_function), child(0, 2, stub_function),
                      child(0, 3, flow_function)},
                     0));
  world.step(Continue{flow});
  world.step(RunDropped{flow, world.incarnation(), RunNumber{1}});
  world.auto_continue = true;
  world.step(Continue{flow});
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
  world.step(ended(world, ExecutionKey{4}, 1, {}, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.take_held<StartReplay>().size(), 1U);
}

TEST(partition_cancel, of_activities) {
  World world;
  submit(world, 1, add_function);
  submit(world, 2, stub_function);
  world.commit();
  EXPECT_EQ(world.row(2).stage, Stage::held);
  const StartAttempt start = world.take_held<StartAttempt>().at(0);
  world.step(Cancel{7, start.key, {"me", "tired"}});
  world.step(Cancel{8, start.key, {"me", "again"}});
  world.step(Cancel{9, ExecutionKey{2}, {"me", "too"}});
  world.step(Cancel{10, ExecutionKey{99}, {}});
  EXPECT_EQ(world.take_now<Interrupt>().size(), 1U);
  world.held.clear();
  world.commit();
  const auto answers = world.take_held<Answer>();
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_FALSE(answers[0].refusal);
  EXPECT_EQ(answers[1].refusal->code, Code::failed_precondition);
  EXPECT_FALSE(answers[2].refusal);
  EXPECT_EQ(answers[3].refusal->code, Code::not_found);
  EXPECT_EQ(world.row(1).lifecycle, Lifecycle::cancelling);
  EXPECT_EQ(world.row(2).stage, Stage::finished);
  EXPECT_EQ(std::get<Control>(world.history(1).at(0).body).reason, "tired");
  world.step(returned(world, start, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.row(1).failure, FailureKind::cancelled) << "the cancel came first";
  world.step(Cancel{11, start.key, {}});
  EXPECT_EQ(world.take_held<Answer>().at(0).refusal->code, Code::failed_precondition);
}

TEST(partition_cancel, every_end_of_a_torn_down_attempt_is_cancelled) {
  using Kind = AttemptEnded::Kind;
  for (const Kind kind : {Kind::returned, Kind::trapped, Kind::timed_out, Kind::unusable,
                          Kind::interrupted, Kind::not_started}) {
    World world;
    submit(world, 1, add_function);
    world.commit();
    const StartAttempt start = world.take_held<StartAttempt>().at(0);
    world.step(Cancel{7, start.key, {}});
    AttemptEnded report = returned(world, start, ok_outcome());
    report.kind = kind;
    world.step(report);
    world.commit();
    EXPECT_EQ(world.row(1).failure, FailureKind::cancelled);
    EXPECT_EQ(world.row(1).finished_version, 2U);
  }
}

TEST(partition_cancel, a_crash_before_the_tear_down_changes_nothing) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  world.step(Cancel{7, ExecutionKey{1}, {}});
  world.commit();
  world.crash();
  world.recover();
  world.commit();
  EXPECT_EQ(world.row(1).failure, FailureKind::cancelled);
  EXPECT_EQ(world.row(1).finished_version, 2U);
}

TEST(partition_cancel, of_workflows_in_every_motion) {
  for (const int motion : {0, 1, 2, 3}) {
    World world;
    const ExecutionKey flow = start_flow(world, 1, cancellable_flow);
    if (motion == 1) world.step(blocked(world, flow, 1, {call(0)}, 0));
    if (motion == 2)
      world.step(closing(world, flow, 1, {create(0), child(0, 1, flow_function)}, 0));
    if (motion == 3) {
      world.step(blocked(world, flow, 1, {sleep_for(0, world.clock + seconds(9))}, 0));
      world.step(RunDropped{flow, world.incarnation(), RunNumber{1}});
    }
    world.step(Cancel{7, flow, {"me", ""}});
    // Of an activity in motion, too; what says that a workflow ended comes late and is refused.
    EXPECT_EQ(tear_down(world), motion == 3 ? 0U : motion == 1 ? 2U : 1U);
    world.step(blocked(world, flow, 1, {call(5)}, 5));
    if (motion == 2) {
      EXPECT_NE(world.partition->peek(flow)->stage, Stage::finished);
      world.step(ended(world, ExecutionKey{2}, 1, {}, ok_outcome()));
    }
    world.commit();
    EXPECT_EQ(world.row(1).stage, Stage::finished) << motion;
    EXPECT_EQ(world.row(1).failure, FailureKind::cancelled);
    EXPECT_TRUE(world.delays.empty());
    if (motion == 1) {
      EXPECT_EQ(world.row(2).failure, FailureKind::cancelled);
    }
  }
}

TEST(partition_cancel, a_workflow_that_is_not_cancellable_refuses) {
  World world;
  const ExecutionKey flow = start_flow(world);
  world.step(Cancel{7, flow, {}});
  world.commit();
  world.take_held<Answer>();
  world.step(Cancel{8, flow, {}});
  EXPECT_EQ(world.take_held<Answer>().at(0).refusal->code, Code::failed_precondition);
}

TEST(partition_cancel, failures_that_are_alike_have_one_fingerprint) {
  World world;
  for (std::uint64_t id = 1; id <= 2; ++id) submit(world, id, add_function);
  world.commit();
  for (const StartAttempt& start : world.take_held<StartAttempt>()) {
    AttemptEnded report = returned(world, start, {});
    report.kind = AttemptEnded::Kind::unusable;
    report.reason = "no field at offset " + std::to_string(start.key.value);
    world.step(report);
  }
  world.commit();
  EXPECT_EQ(world.row(1).outcome->fingerprint, "uncategorized|t:t/a.add|no field at offset #");
  EXPECT_EQ(world.row(2).outcome->fingerprint, world.row(1).outcome->fingerprint);
}

TEST(partition_cancel, of_a_delay) {
  World world;
  const ExecutionKey flow = start_flow(world);
  world.step(blocked(world, flow, 1, {sleep_for(0, world.clock + seconds(9))}, 0));
  world.commit();
  world.step(CancelDelay{7, flow, JoinSetOrdinal{0}, 1, {}});
  world.step(CancelDelay{8, flow, JoinSetOrdinal{0}, 1, {}});
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  world.held.clear();
  world.commit();
  const auto answers = world.take_held<Answer>();
  EXPECT_FALSE(answers.at(0).refusal);
  EXPECT_EQ(answers.at(1).refusal->code, Code::failed_precondition);
  EXPECT_TRUE(world.delays.empty());
  EXPECT_TRUE(std::get<DelayResponse>(world.history(1).at(1).body).cancelled);
}

}  // namespace
}  // namespace stele::core

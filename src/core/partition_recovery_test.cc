// SPDX-License-Identifier: Apache-2.0
#include "core/partition_test_script.h"

namespace stele::core {
namespace {

TEST(partition_recovery, reads_only_what_may_run) {
  World world;
  submit(world, 1, flow_function);
  submit(world, 2, flow_function);
  submit(world, 3, add_function);
  world.step(blocked(world, ExecutionKey{1}, 1, {sleep_for(0, world.clock + seconds(5))}, 0));
  world.step(blocked(world, ExecutionKey{2}, 1, {call(0)}, 0));
  world.commit();
  world.crash(false);
  EXPECT_TRUE(world.load_ready.empty());
  world.recover();
  EXPECT_EQ(world.load_ready.size(), 2U);
  EXPECT_TRUE(world.take_held<StartReplay>().empty()) << "a blocked workflow is not replayed";
  const auto starts = world.take_held<StartAttempt>();
  ASSERT_EQ(starts.size(), 2U);
  world.step(returned(world, starts[1], ok_outcome()));
  world.commit();
  EXPECT_EQ(world.take_held<StartReplay>().size(), 1U);
  world.fire({world.clock + seconds(5), ExecutionKey{1},
              DelayRow{ExecutionKey{1}, JoinSetOrdinal{0}, 1, world.clock + seconds(5), false}});
  world.commit();
  EXPECT_EQ(world.take_held<StartReplay>().size(), 1U);
}

TEST(partition_recovery, a_run_without_progress_backs_off) {
  World world;
  submit(world, 1, flow_function);
  std::int64_t expected = 100'000;
  for (std::uint32_t run = 1; run <= 8; ++run) {
    world.step(RunStopped{ExecutionKey{1}, world.incarnation(), RunNumber{run}, "memory"});
    world.commit();
    EXPECT_EQ(world.row(1).stage, Stage::waiting);
    EXPECT_EQ((world.row(1).wake - world.clock).us, expected);
    expected = std::min<std::int64_t>(expected * 2, 5'000'000);
    world.fire(world.take_now<SetTimer>().at(0).due);
    world.commit();
    ASSERT_EQ(world.take_held<StartReplay>().at(0).run.value, run + 1);
  }
  world.step(blocked(world, ExecutionKey{1}, 9, {call(0)}, 0));
  world.commit();
  EXPECT_EQ(world.row(1).attempts, 0U) << "progress";
}

TEST(partition_recovery, a_run_backs_off_as_its_component_says) {
  World world;
  CatalogFunction slow{.id = flow_function,
                       .ffqn = "t:t/w.flow",
                       .name = "flow",
                       .kind = FunctionKind::workflow,
                       .retry = {.backoff = seconds(3)}};
  world.step(Deploy{std::make_shared<const Catalog>(DeploymentId{2}, std::vector{slow},
                                                    std::vector<CatalogComponent>{})});
  submit(world, 1, flow_function);
  for (std::uint32_t run = 1; run <= 3; ++run) {
    world.step(RunStopped{ExecutionKey{1}, world.incarnation(), RunNumber{run}, "memory"});
    world.commit();
    EXPECT_EQ((world.row(1).wake - world.clock).us, run == 1 ? 3'000'000 : 5'000'000);
    world.fire(world.take_now<SetTimer>().at(0).due);
    world.commit();
  }
}

TEST(partition_recovery, a_parked_run_that_stops_stays_blocked) {
  World world;
  submit(world, 1, flow_function);
  submit(world, 2, flow_function);
  world.step(blocked(world, ExecutionKey{1}, 1, {call(0)}, 0));
  world.step(RunStopped{ExecutionKey{1}, world.incarnation(), RunNumber{1}, "?"});
  world.step(closing(world, ExecutionKey{2}, 1, {create(0), child(0, 1, flow_function)}, 0));
  world.step(RunStopped{ExecutionKey{2}, world.incarnation(), RunNumber{1}, "?"});
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
  EXPECT_EQ(world.row(2).stage, Stage::blocked);
}

TEST(partition_recovery, a_guest_dropped_before_its_turn_starts_again) {
  World world;
  submit(world, 1, flow_function);
  world.step(RunDropped{ExecutionKey{1}, world.incarnation(), RunNumber{1}});
  EXPECT_EQ(world.take_now<StartFirstRun>().at(1).run.value, 2U) << "it has no history yet";
  world.step(closing(world, ExecutionKey{1}, 2, {create(0), child(0, 1, flow_function)}, 0));
  world.step(RunDropped{ExecutionKey{1}, world.incarnation(), RunNumber{2}});
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
}

void fire_what_waits(World& world) {
  std::vector<TimerDue> due;
  for (const auto& [key, row] : world.rows)
    if (row.stage == Stage::waiting) due.push_back({row.wake, key, std::nullopt});
  for (const TimerDue& timer : due) world.fire(timer);
  world.commit();
}

/// Kills the process whenever the one execution runs. Answers how often it ran.
std::uint32_t kill_until_settled(World& world, std::uint32_t limit) {
  std::uint32_t starts = 0;
  for (std::uint32_t round = 0; round < limit; ++round) {
    world.recover();
    world.commit();
    fire_what_waits(world);
    if (world.row(1).stage == Stage::finished || world.row(1).lifecycle == Lifecycle::paused) break;
    if (!world.take_held<StartAttempt>().empty() || !world.take_held<StartReplay>().empty()) {
      ++starts;
      EXPECT_TRUE(world.row(1).mark) << "the mark is committed before the start";
    }
    world.crash();
  }
  return starts;
}

TEST(partition_recovery, an_activity_that_kills_the_process_fails_in_the_end) {
  World world({.interruptions_max = 4});
  submit(world, 1, add_function);
  world.commit();
  world.crash();
  const std::uint32_t starts = kill_until_settled(world, 20);
  EXPECT_EQ(starts, 4U);
  EXPECT_EQ(world.row(1).outcome_kind, OutcomeKind::failure);
  EXPECT_NE(world.row(1).outcome->reason.find("died 4 times"), std::string::npos);
  EXPECT_EQ(world.row(1).attempts, 0U) << "interruptions use up no retry";
}

TEST(partition_recovery, a_workflow_that_kills_the_process_is_paused) {
  World world({.interruptions_max = 3});
  submit(world, 1, flow_function);
  world.commit();
  EXPECT_TRUE(world.row(1).mark) << "its first run was under way when its row was written";
  world.crash();
  kill_until_settled(world, 20);
  EXPECT_EQ(world.row(1).lifecycle, Lifecycle::paused);
  EXPECT_EQ(std::get<Control>(world.history(1).at(0).body).kind, Control::Kind::paused);
  world.crash();
  world.recover();
  EXPECT_TRUE(world.take_held<StartReplay>().empty());
}

TEST(partition_recovery, who_only_waited_is_not_counted) {
  World world;
  submit(world, 1, flow_function);
  world.step(blocked(world, ExecutionKey{1}, 1, {call(0)}, 0));
  world.commit();
  for (int round = 0; round < 3; ++round) {
    world.crash();
    world.recover();
  }
  world.commit();
  EXPECT_EQ(world.row(1).interruptions, 0U);
  EXPECT_EQ(world.row(2).interruptions, 0U) << "its start was not released";
}

TEST(partition_recovery, careful_mode_resumes_after_the_mark) {
  World world;
  world.crash(true);
  submit(world, 1, flow_function);
  EXPECT_TRUE(world.take_now<StartFirstRun>().empty());
  world.commit();
  ASSERT_EQ(world.take_held<StartReplay>().size(), 1U);
  EXPECT_TRUE(world.row(1).mark);
  world.step(blocked(world, ExecutionKey{1}, 1, {call(0)}, 0));
  world.commit();
  EXPECT_FALSE(world.row(1).mark);
  EXPECT_TRUE(world.row(2).mark);
  world.step(returned(world, world.take_held<StartAttempt>().at(0), ok_outcome()));
  EXPECT_TRUE(world.take_now<Resume>().empty());
  world.commit();
  EXPECT_TRUE(world.row(1).mark);
  EXPECT_EQ(world.take_held<Resume>().size(), 1U);
  world.clock = world.clock + seconds(61);
  world.step(blocked(world, ExecutionKey{1}, 1, {call(1)}, 1));
  world.commit();
  EXPECT_FALSE(world.row(3).mark) << "the process has lived long enough";
}

TEST(partition_recovery, long_attempts_are_marked) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  EXPECT_FALSE(world.row(1).mark);
  world.step(Tick{});
  EXPECT_EQ(world.partition->open_rows(), 0U);
  world.clock = world.clock + seconds(1);
  world.step(Tick{});
  world.commit();
  EXPECT_TRUE(world.row(1).mark);
  submit(world, 2, add_function);
  for (std::uint64_t id = 3; id < 8; ++id) {
    world.commit();
    submit(world, id, stub_function);
  }
  world.step(Tick{});
  world.commit();
  EXPECT_FALSE(world.row(2).mark) << "what lasts less pays nothing";
  world.clock = world.clock + seconds(1);
  world.step(Tick{});
  world.commit();
  EXPECT_TRUE(world.row(2).mark);
}

TEST(partition_recovery, those_that_were_often_interrupted_run_one_at_a_time) {
  World world;
  for (std::uint64_t id = 1; id <= 3; ++id) submit(world, id, add_function);
  world.commit();
  for (auto& [key, row] : world.rows) row.interruptions = 3;
  world.crash(false);
  world.recover();
  auto starts = world.take_held<StartAttempt>();
  ASSERT_EQ(starts.size(), 1U);
  world.step(returned(world, starts[0], ok_outcome()));
  world.commit();
  starts = world.take_held<StartAttempt>();
  ASSERT_EQ(starts.size(), 1U);
  world.step(Cancel{5, starts[0].key, {}});
  AttemptEnded torn = returned(world, starts[0], {});
  torn.kind = AttemptEnded::Kind::interrupted;
  world.step(torn);
  world.commit();
  EXPECT_EQ(world.take_held<StartAttempt>().size(), 1U);
}

TEST(partition_recovery, what_finds_no_room_is_left_to_the_index) {
  World world({.ready_loaded_max = 4});
  submit(world, 1, flow_function);
  std::vector<RunRequest> requests{create(0)};
  for (std::uint32_t i = 1; i <= 50; ++i) requests.push_back(child(0, i));
  requests.push_back(join_next(0));
  world.recover();
  world.step(blocked(world, ExecutionKey{1}, 1, requests, 0));
  world.commit();
  EXPECT_LE(world.partition->counters().executions_in_memory, 5U);
  EXPECT_EQ(world.partition->counters().ready_overflows, 46U);
  submit(world, 2, add_function);
  world.commit();
  EXPECT_EQ(world.take_held<StartAttempt>().size(), 5U) << "another root finds room";
  std::set<ExecutionKey> done;
  for (int round = 0; round < 100 && done.size() < 51; ++round) {
    std::vector<ExecutionKey> running;
    for (const auto& [key, row] : world.rows)
      if (row.stage == Stage::ready && row.pool == Pool::activity && world.partition->peek(key))
        running.push_back(key);
    for (const ExecutionKey key : running) {
      AttemptEnded report{.key = key, .incarnation = world.incarnation(), .attempt = RunNumber{1}};
      world.step(report);
      EXPECT_TRUE(done.insert(key).second) << "each runs once";
    }
    world.commit();
    EXPECT_LE(world.partition->counters().executions_in_memory, 7U);
    world.load_ready.clear();
    world.admit(Pool::activity);
  }
  EXPECT_EQ(done.size(), 51U);
  world.load_ready.clear();
  world.step(Tick{});
  EXPECT_TRUE(world.load_ready.empty()) << "a whole pass found nothing";
}

TEST(partition_recovery, a_response_waits_for_the_release_of_its_run) {
  World world;
  submit(world, 1, flow_function);
  world.step(advanced(world, ExecutionKey{1}, 1, {create(0), child(0, 1)}));
  world.commit();
  const StartAttempt start = world.take_held<StartAttempt>().at(0);
  world.step(advanced(world, ExecutionKey{1}, 1, {create(1)}));
  world.step(RunDropped{ExecutionKey{1}, world.incarnation(), RunNumber{1}});
  world.step(returned(world, start, ok_outcome()));
  EXPECT_TRUE(world.take_now<Deliver>().empty()) << "its run has no inbox yet";
  world.commit();
  EXPECT_EQ(world.take_held<StartReplay>().size(), 1U);
  world.step(blocked(world, ExecutionKey{1}, 2, {join_next(0)}, 0));
  EXPECT_EQ(world.take_now<Deliver>().size(), 1U);
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
}

TEST(partition_recovery, an_undeployed_function_waits_for_its_deployment) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  world.crash(false);
  auto only_flows = std::make_shared<const Catalog>(DeploymentId{2}, std::vector<CatalogFunction>{},
                                                    std::vector<CatalogComponent>{});
  world.step(Deploy{only_flows});
  world.recover();
  EXPECT_TRUE(world.take_held<StartAttempt>().empty());
  world.load_ready.clear();
  world.step(Deploy{test_catalog(3)});
  EXPECT_EQ(world.load_ready.size(), 2U);
  world.admit(Pool::activity);
  EXPECT_EQ(world.take_held<StartAttempt>().size(), 1U);
}

TEST(partition_recovery, draining_starts_nothing) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  const StartAttempt start = world.take_held<StartAttempt>().at(0);
  world.step(Drain{});
  submit(world, 2, add_function);
  AttemptEnded report = returned(world, start, {});
  report.kind = AttemptEnded::Kind::not_started;
  world.step(report);
  world.commit();
  EXPECT_TRUE(world.take_held<StartAttempt>().empty());
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  EXPECT_EQ(world.row(2).stage, Stage::ready);
  EXPECT_EQ(world.partition->counters().executions_in_memory, 0U);
  EXPECT_TRUE(world.partition->close_batch(world.clock, true).clean_stop);
}

TEST(partition_recovery, an_older_load_does_not_bring_back_the_past) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  const ExecutionRow old = world.row(1);
  const auto token = world.partition->begin_load();
  world.step(returned(world, world.take_held<StartAttempt>().at(0), ok_outcome()));
  world.commit();
  EXPECT_NE(world.partition->peek(ExecutionKey{1}), nullptr) << "an older load is in flight";
  world.step(Admit{Pool::activity, {old}, BatchNumber{1}, true});
  world.partition->end_load(token);
  world.step(Tick{});
  EXPECT_EQ(world.partition->peek(ExecutionKey{1}), nullptr);
  world.step(Admit{Pool::activity, {old}, BatchNumber{1}, true});
  EXPECT_TRUE(world.take_held<StartAttempt>().empty());
}

TEST(partition_recovery, a_report_that_comes_again_is_not_taken_for_the_next_attempt) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  const auto wait_and_start = [&] {
    world.commit();
    EXPECT_EQ(world.partition->peek(ExecutionKey{1}), nullptr) << "a waiting row is not kept";
    world.fire(world.take_now<SetTimer>().at(0).due);
    world.commit();
    return world.take_held<StartAttempt>().at(0);
  };
  AttemptEnded report = returned(world, world.take_held<StartAttempt>().at(0), {});
  report.kind = AttemptEnded::Kind::not_started;
  world.step(report);
  AttemptEnded failed = returned(world, wait_and_start(), {});
  failed.kind = AttemptEnded::Kind::trapped;
  world.step(failed);
  const StartAttempt next = wait_and_start();
  world.step(failed);
  world.commit();
  EXPECT_EQ(world.row(1).attempts, 1U);
  world.step(returned(world, next, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::finished);
}

TEST(partition_recovery, rows_of_a_later_owner_are_left_alone) {
  World world;
  submit(world, 1, add_function);
  world.commit();
  world.take_held<StartAttempt>();
  ExecutionRow later = world.row(1);
  later.key = ExecutionKey{7};
  later.id.root = {9, 9};
  world.step(Admit{Pool::activity, {later}, BatchNumber{1}, true});
  EXPECT_EQ(world.partition->peek(later.key), nullptr);
  const auto token = world.partition->begin_load();
  world.partition->load({&later, 1}, {}, {}, BatchNumber{1});
  EXPECT_EQ(world.partition->peek(later.key), nullptr);
  world.partition->end_load(token);
  submit(world, 2, add_function);
  world.commit();
  EXPECT_EQ(world.take_held<StartAttempt>().at(0).key, ExecutionKey{2}) << "its own rows only";
}

TEST(partition_table, draws_a_diagram) {
  EXPECT_NE(partition_diagram().find("blocked --> running : satisfied: resume"), std::string::npos);
}

}  // namespace
}  // namespace stele::core

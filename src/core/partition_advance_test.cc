// SPDX-License-Identifier: Apache-2.0
// Upgrade (contract 5.8) and advance (5.14).
#include "core/partition_test_script.h"

namespace stele::core {
namespace {

constexpr ExecutionKey flow{1};

std::optional<Code> refusal_of(World& world) {
  world.commit();
  const auto answers = world.take_held<Answer>();
  if (!answers.back().refusal) return std::nullopt;
  return answers.back().refusal->code;
}
ComponentUpgrade upgrade_to(std::uint32_t deployment, ComponentUpgrade::Result result) {
  return {"sha256:00", DeploymentId{deployment}, result, {}};
}
std::optional<Code> upgrade(World& world, ExecutionKey key = flow) {
  world.step(
      Upgrade{80, key, 0, upgrade_to(5, ComponentUpgrade::Result::manual), {"ann", "mended"}});
  return refusal_of(world);
}
std::optional<Code> advance(World& world, std::uint32_t version, Advanced captured,
                            ExecutionKey key = flow) {
  Advance input;
  input.request = 81;
  input.key = key;
  input.version = version;
  input.advanced = std::move(captured);
  input.by = {"ann", "look"};
  world.step(input);
  return refusal_of(world);
}
/// What a dry run captured.
Advanced captured(std::vector<RunRequest> requests, RunState state = RunState::running,
                  std::uint32_t set = 0) {
  Advanced input;
  input.requests = std::move(requests);
  input.state = state;
  input.set = JoinSetOrdinal{set};
  input.outcome = ok_outcome("9");
  return input;
}

TEST(partition_upgrade, a_workflow_stays_with_its_deployment_until_an_upgrade) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  world.step(blocked(world, flow, 1, {call(0)}, 0));
  world.commit();
  world.step(Deploy{test_catalog(5)});
  world.step(RunDropped{flow, world.incarnation(), RunNumber{1}});
  world.step(returned(world, world.take_held<StartAttempt>().at(0), ok_outcome()));
  world.commit();
  const StartReplay replay = world.take_held<StartReplay>().at(0);
  EXPECT_EQ(replay.row.deployment.value, 1U);

  UpgradeChecked checked{flow, world.incarnation(), replay.run,
                         upgrade_to(5, ComponentUpgrade::Result::failed)};
  world.step(checked);
  world.commit();
  EXPECT_EQ(world.row(1).deployment.value, 1U);
  checked.upgrade.result = ComponentUpgrade::Result::automatic;
  world.step(checked);
  world.commit();
  EXPECT_EQ(world.row(1).deployment.value, 5U);
  EXPECT_EQ(std::get<ComponentUpgrade>(world.history(1).at(3).body), checked.upgrade);
  world.step(ended(world, flow, replay.run.value, {}, ok_outcome()));
  world.step(checked);
  world.commit();
  EXPECT_EQ(world.history(1).size(), 4U) << "late";
}

TEST(partition_upgrade, a_manual_one_starts_the_workflow_anew) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  world.commit();
  EXPECT_EQ(upgrade(world), std::nullopt);
  EXPECT_EQ(world.take_now<Interrupt>().size(), 1U);
  const StartReplay replay = world.take_held<StartReplay>().at(0);
  EXPECT_EQ(replay.row.deployment.value, 5U) << "not that of the catalog";
  world.step(blocked(world, flow, replay.run.value, {call(0)}, 0));
  EXPECT_EQ(upgrade(world), std::nullopt);
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
  EXPECT_TRUE(world.take_held<StartReplay>().empty());
  EXPECT_EQ(world.history(1).size(), 3U);

  EXPECT_EQ(upgrade(world, ExecutionKey{99}), Code::not_found);
  EXPECT_EQ(upgrade(world, ExecutionKey{2}), Code::failed_precondition) << "an activity";
  submit(world, 2, flow_function);
  world.step(ended(world, ExecutionKey{3}, 1, {}, ok_outcome()));
  EXPECT_EQ(upgrade(world, ExecutionKey{3}), Code::failed_precondition) << "finished";
}

TEST(partition_upgrade, counts_only_for_the_history_that_it_was_tried_against) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  Upgrade tried{80, flow, 1, upgrade_to(5, ComponentUpgrade::Result::manual), {"ann", "mended"}};
  world.step(blocked(world, flow, 1, {call(0)}, 0));
  world.step(tried);
  EXPECT_EQ(refusal_of(world), Code::aborted);
  EXPECT_EQ(world.row(1).deployment.value, 1U);
  tried.version = 4;
  world.step(tried);
  EXPECT_EQ(refusal_of(world), std::nullopt);
  EXPECT_EQ(world.row(1).deployment.value, 5U);
}

TEST(partition_advance, goes_on_with_the_code_that_was_tried) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  Advance input;
  input.request = 81;
  input.key = flow;
  input.version = 1;
  input.deployment = DeploymentId{5};
  input.advanced = captured({create(0)});
  world.step(input);
  EXPECT_EQ(refusal_of(world), std::nullopt);
  EXPECT_EQ(world.take_held<StartReplay>().at(0).row.deployment.value, 5U);
}

TEST(partition_advance, takes_what_was_captured_and_goes_on) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  RunRequest paused_child = child(0, 1);
  paused_child.paused = true;
  RunRequest paused_delay = delay(0, 1, world.clock);
  paused_delay.paused = true;
  EXPECT_EQ(advance(world, 1, captured({create(0), paused_child, paused_delay})), std::nullopt);
  EXPECT_EQ(world.take_now<Interrupt>().size(), 1U);
  EXPECT_TRUE(world.take_now<Deliver>().empty());
  EXPECT_TRUE(world.take_held<StartAttempt>().empty());
  EXPECT_EQ(world.row(2).lifecycle, Lifecycle::paused);
  EXPECT_EQ(std::get<Control>(world.history(2).at(0).body),
            (Control{Control::Kind::paused, "ann", "look"}));
  EXPECT_TRUE(world.delays.begin()->second.paused) << "it is due, but must not fire";
  EXPECT_TRUE(std::get<DelayRequest>(world.history(1).at(2).body).paused);
  const StartReplay replay = world.take_held<StartReplay>().at(0);
  world.step(blocked(world, flow, replay.run.value, {join_next(0)}, 0));
  world.step(advanced(world, flow, 1, {create(1)}));
  world.commit();
  EXPECT_EQ(world.history(1).size(), 4U) << "the interrupted run hands nothing over";
}

TEST(partition_advance, of_another_version_or_subject_is_refused) {
  World world;
  EXPECT_EQ(advance(world, 1, {}), Code::not_found);
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  EXPECT_EQ(advance(world, 2, {}), Code::aborted);
  EXPECT_TRUE(world.take_now<Interrupt>().empty());
  world.step(blocked(world, flow, 1, {call(0)}, 0));
  EXPECT_EQ(advance(world, 1, {}, ExecutionKey{2}), Code::failed_precondition);
  world.step(returned(world, world.take_held<StartAttempt>().at(0), ok_outcome()));
  world.step(ended(world, flow, 1, {}, ok_outcome()));
  EXPECT_EQ(advance(world, 4, {}), Code::failed_precondition);
}

TEST(partition_advance, a_paused_workflow_stays_paused) {
  World world;
  submit(world, 1, flow_function);
  world.step(Pause{0, flow, {}});
  world.commit();
  world.crash(false);
  EXPECT_EQ(advance(world, 2, captured({call(0)}, RunState::blocked)), std::nullopt);
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
  EXPECT_EQ(world.row(1).lifecycle, Lifecycle::paused);
  world.step(returned(world, world.take_held<StartAttempt>().at(0), ok_outcome()));
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  EXPECT_EQ(advance(world, 5, captured({}, RunState::ended)), std::nullopt);
  EXPECT_EQ(world.row(1).outcome->value, "9");
  EXPECT_EQ(world.row(1).lifecycle, Lifecycle::active);
  EXPECT_TRUE(world.take_held<StartReplay>().empty());
}

TEST(partition_advance, its_end_closes_the_open_sets) {
  World world;
  submit(world, 1, flow_function);
  EXPECT_EQ(advance(world, 1, captured({create(0), child(0, 1)}, RunState::ended)), std::nullopt);
  EXPECT_EQ(tear_down(world), 2U) << "the run and the child";
  world.commit();
  EXPECT_EQ(world.row(2).failure, FailureKind::cancelled);
  EXPECT_EQ(world.row(1).outcome->value, "9");
}

TEST(partition_advance, it_closes_a_set) {
  World world;
  submit(world, 1, flow_function);
  EXPECT_EQ(
      advance(world, 1,
              captured({create(0), child(0, 1), child(0, 2, flow_function)}, RunState::closing)),
      std::nullopt);
  EXPECT_EQ(world.row(1).stage, Stage::blocked);
  EXPECT_EQ(tear_down(world), 2U);
  EXPECT_TRUE(world.take_held<StartReplay>().empty());
  world.step(ended(world, ExecutionKey{3}, 1, {}, ok_outcome()));
  world.commit();
  EXPECT_EQ(world.take_held<StartReplay>().size(), 1U);
}

TEST(partition_advance, a_delay_that_is_due_makes_it_ready) {
  World world;
  submit(world, 1, flow_function);
  EXPECT_EQ(advance(world, 1, captured({sleep_for(0, world.clock)}, RunState::blocked)),
            std::nullopt);
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  EXPECT_EQ(world.history(1).size(), 2U);
  EXPECT_TRUE(world.take_now<Deliver>().empty());
  EXPECT_EQ(world.take_held<StartReplay>().size(), 1U);
}

TEST(partition_advance, values_are_given_only_at_once) {
  World world;
  submit(world, 1, flow_function);
  RunRequest stub;
  stub.body = Stub{};
  stub.value = ok_outcome("5");
  const std::vector<RunRequest> makes{create(0), child(0, 1, stub_function)};
  std::vector<RunRequest> gives = makes;
  gives.push_back(stub);
  EXPECT_EQ(advance(world, 1, captured(gives)), Code::failed_precondition) << "of another tree";
  gives.back().own_child = OwnChild{JoinSetOrdinal{0}, 1};
  gives.push_back(gives.back());
  EXPECT_EQ(advance(world, 1, captured(gives)), Code::failed_precondition) << "given twice";
  EXPECT_EQ(world.rows.size(), 1U);
  gives.pop_back();
  EXPECT_EQ(advance(world, 1, captured(gives)), std::nullopt);
  EXPECT_EQ(world.row(2).stage, Stage::finished);
  EXPECT_TRUE(world.take_now<Deliver>().empty());
  EXPECT_TRUE(world.take_now<Resume>().empty());
}

}  // namespace
}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Values for stubs and external activities (contract 5.12): from outside and from workflows.
#include "core/partition_test_script.h"

namespace stele::core {
namespace {

constexpr ExecutionKey flow{1};

std::optional<Code> complete(World& world, std::int64_t key, Outcome outcome) {
  world.step(Complete{70, ExecutionKey{key}, std::move(outcome), {"ann", ""}});
  world.commit();
  const auto answers = world.take_held<Answer>();
  if (!answers.back().refusal) return std::nullopt;
  return answers.back().refusal->code;
}

/// A value for the first child of set `set`.
RunRequest stub_own(std::uint32_t set, std::string value = "5") {
  RunRequest request;
  Stub body;
  body.target.suffix = ".g:0_1";
  request.body = body;
  request.own_child = OwnChild{JoinSetOrdinal{set}, 1};
  request.value = ok_outcome(std::move(value));
  return request;
}
RunRequest stub_other() {
  RunRequest request = stub_own(0, "6");
  request.own_child.reset();
  request.function = stub_function;
  return request;
}
TargetFound found(const FindTarget& wanted, TargetFound::State state, std::int64_t target = 0) {
  TargetFound input;
  input.key = wanted.key;
  input.incarnation = wanted.incarnation;
  input.run = wanted.run;
  input.stub = wanted.stub;
  input.value = wanted.value;
  input.state = state;
  input.target = ExecutionKey{target};
  input.text = "no";
  return input;
}
const Stub& stub_at(World& world, std::size_t position) {
  return std::get<Stub>(world.history(1).at(position).body);
}

TEST(partition_values, a_stub_is_completed_from_outside) {
  World world;
  EXPECT_EQ(complete(world, 9, ok_outcome()), Code::not_found);
  submit(world, 1, stub_function);
  world.commit();
  EXPECT_EQ(world.row(1).stage, Stage::held);
  world.crash(false);
  EXPECT_EQ(complete(world, 1, ok_outcome("5")), std::nullopt);
  EXPECT_EQ(world.row(1).outcome->value, "5");
  EXPECT_EQ(world.take_held<Notify>().size(), 1U);
  EXPECT_EQ(complete(world, 1, ok_outcome("5")), Code::already_exists);
  submit(world, 2, stub_function);
  world.step(Cancel{0, ExecutionKey{2}, {}});
  EXPECT_EQ(complete(world, 2, ok_outcome("5")), Code::failed_precondition);
  submit(world, 3, add_function);
  EXPECT_EQ(complete(world, 3, ok_outcome("5")), Code::failed_precondition);
}

TEST(partition_values, a_paused_stub_is_completed_and_its_cold_parent_goes_on) {
  World world;
  submit(world, 1, flow_function);
  world.step(blocked(world, flow, 1, {call(0, stub_function)}, 0));
  world.step(Pause{0, ExecutionKey{2}, {}});
  world.commit();
  world.crash(false);
  EXPECT_EQ(complete(world, 2, err_outcome("\"no\"")), std::nullopt);
  EXPECT_EQ(world.row(2).outcome_kind, OutcomeKind::err);
  EXPECT_EQ(world.row(2).lifecycle, Lifecycle::active);
  EXPECT_EQ(world.row(1).stage, Stage::ready);
  EXPECT_EQ(world.take_held<StartReplay>().size(), 1U);
}

TEST(partition_values, an_own_child_gets_its_value_at_once) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  world.step(advanced(world, flow, 1, {create(0), child(0, 1, stub_function), stub_own(0)}));
  const auto delivered = world.take_now<Deliver>();
  ASSERT_EQ(delivered.size(), 2U);
  EXPECT_EQ(delivered[0].response.position, 2U);
  EXPECT_TRUE(std::holds_alternative<Stub>(delivered[0].response.body));
  EXPECT_TRUE(std::holds_alternative<ChildResponse>(delivered[1].response.body));
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  world.commit();
  EXPECT_FALSE(stub_at(world, 2).refused);
  EXPECT_EQ(world.row(2).stage, Stage::finished);
  world.step(advanced(world, flow, 1, {stub_own(0)}));
  world.commit();
  EXPECT_EQ(world.take_held<FindTarget>().size(), 1U) << "finished: its value must be compared";
}

TEST(partition_values, an_own_child_in_the_store_is_loaded_for_its_value) {
  World world;
  submit(world, 1, flow_function);
  world.step(blocked(world, flow, 1,
                     {create(0), child(0, 1, stub_function), child(0, 2), join_next(0)}, 0));
  world.commit();
  world.crash(false);
  world.recover();
  world.commit();
  world.step(returned(world, world.take_held<StartAttempt>().at(0), ok_outcome()));
  world.commit();
  const StartReplay replay = world.take_held<StartReplay>().at(0);
  world.step(advanced(world, flow, replay.run.value, {stub_own(0)}));
  world.commit();
  EXPECT_EQ(world.row(2).stage, Stage::finished);
}

TEST(partition_values, what_is_no_stub_takes_no_value) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  world.step(advanced(world, flow, 1, {create(0), child(0, 1), stub_own(0)}));
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  RunRequest typed = stub_own(1);
  typed.function = add_function;
  world.step(advanced(world, flow, 1, {create(1), child(1, 1, stub_function), typed}));
  EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  world.commit();
  EXPECT_EQ(stub_at(world, 2).refused.kind, Refused::Kind::execution_not_found);
  EXPECT_EQ(stub_at(world, 5).refused.kind, Refused::Kind::execution_not_found);
  EXPECT_EQ(world.row(3).stage, Stage::held);
}

TEST(partition_values, another_target_is_looked_for) {
  const auto answer_of = [](TargetFound::State state) {
    World world;
    submit(world, 1, flow_function);
    world.take_now<StartFirstRun>();
    world.step(advanced(world, flow, 1, {stub_other()}));
    EXPECT_TRUE(world.take_held<FindTarget>().empty());
    world.commit();
    const FindTarget wanted = world.take_held<FindTarget>().at(0);
    EXPECT_EQ(wanted.function, stub_function);
    world.step(found(wanted, state));
    EXPECT_EQ(world.take_now<Deliver>().size(), 1U);
    EXPECT_EQ(world.take_now<Resume>().size(), 1U);
    world.step(found(wanted, state));
    EXPECT_EQ(world.partition->counters().refused_reports, 1U) << "repeated";
    world.commit();
    EXPECT_EQ(world.history(1).size(), 1U);
    return stub_at(world, 0).refused;
  };
  using State = TargetFound::State;
  EXPECT_EQ(answer_of(State::missing).kind, Refused::Kind::execution_not_found);
  EXPECT_EQ(answer_of(State::finished_same).kind, Refused::Kind::none);
  EXPECT_EQ(answer_of(State::finished_other).kind, Refused::Kind::conflict);
  EXPECT_EQ(answer_of(State::refused), (Refused{Refused::Kind::type_check, "no", ""}));
}

TEST(partition_values, an_open_target_of_another_tree_gets_the_value) {
  World world;
  submit(world, 1, flow_function);
  submit(world, 2, flow_function);
  world.step(blocked(world, ExecutionKey{2}, 1, {call(0, stub_function)}, 0));
  world.commit();
  world.crash(false);
  world.recover();
  world.commit();
  const std::uint32_t run = world.take_held<StartReplay>().at(0).run.value;
  world.step(advanced(world, flow, run, {stub_other()}));
  world.commit();
  const FindTarget wanted = world.take_held<FindTarget>().at(0);
  world.step(found(wanted, TargetFound::State::open, 3));
  world.commit();
  EXPECT_FALSE(stub_at(world, 0).refused);
  EXPECT_EQ(world.row(3).stage, Stage::finished);
  EXPECT_EQ(std::get<ChildResponse>(world.history(2).at(1).body).outcome.value, "6");
  EXPECT_EQ(world.row(2).stage, Stage::ready);
}

TEST(partition_values, a_target_that_finished_meanwhile_is_looked_for_again) {
  World world;
  submit(world, 1, flow_function);
  submit(world, 2, stub_function);
  world.take_now<StartFirstRun>();
  world.step(advanced(world, flow, 1, {stub_other()}));
  world.commit();
  const FindTarget wanted = world.take_held<FindTarget>().at(0);
  EXPECT_EQ(complete(world, 2, ok_outcome("5")), std::nullopt);
  world.step(found(wanted, TargetFound::State::open, 2));
  EXPECT_TRUE(world.take_now<Resume>().empty());
  world.commit();
  const FindTarget again = world.take_held<FindTarget>().at(0);
  EXPECT_EQ(again.value.value, "6");
  world.step(found(again, TargetFound::State::finished_other));
  world.commit();
  EXPECT_EQ(stub_at(world, 0).refused.kind, Refused::Kind::conflict);
}

TEST(partition_values, late_findings_change_nothing) {
  World world;
  submit(world, 1, flow_function);
  submit(world, 2, stub_function);
  world.take_now<StartFirstRun>();
  world.step(advanced(world, flow, 1, {stub_other()}));
  world.commit();
  const FindTarget wanted = world.take_held<FindTarget>().at(0);
  world.step(RunDropped{flow, world.incarnation(), RunNumber{1}});
  world.commit();
  world.step(found(wanted, TargetFound::State::open, 2));
  TargetFound foreign = found(wanted, TargetFound::State::open, 2);
  foreign.run = RunNumber{2};
  world.step(foreign);
  EXPECT_EQ(world.partition->open_rows(), 0U);
  EXPECT_EQ(world.partition->counters().refused_reports, 2U);
}

TEST(partition_values, in_careful_mode_the_caller_goes_on_after_the_commit) {
  World world({.careful = true});
  submit(world, 1, flow_function);
  world.commit();
  const std::uint32_t run = world.take_held<StartReplay>().at(0).run.value;
  world.step(advanced(world, flow, run, {create(0), child(0, 1, stub_function), stub_own(0)}));
  EXPECT_TRUE(world.take_now<Resume>().empty());
  world.commit();
  EXPECT_EQ(world.take_held<Resume>().size(), 1U);
  EXPECT_TRUE(world.row(1).mark);
}

TEST(partition_values, an_old_response_is_read_back_after_its_commit) {
  World world;
  submit(world, 1, flow_function);
  Advanced input = advanced(world, flow, 1, {create(0)});
  input.read_back = 0;
  world.step(input);
  EXPECT_TRUE(world.take_held<ReadBack>().empty());
  world.commit();
  EXPECT_EQ(world.take_held<ReadBack>().at(0).position, 0U);
}

}  // namespace
}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Top-level executions that workflows schedule, and requests that were refused.
#include "core/partition_test_script.h"

namespace stele::core {
namespace {

constexpr ExecutionKey flow{1};

RunRequest schedule(std::uint64_t id, FunctionId function, Instant at = {}) {
  RunRequest request;
  Schedule body;
  body.id = Ulid{0, id};
  body.function = function;
  body.params_hash.bytes[0] = 7;
  body.at = at;
  request.body = body;
  request.params = "[4]";
  return request;
}
RunRequest schedule_chosen(std::uint64_t id, FunctionId function) {
  RunRequest request = schedule(id, function);
  request.chosen_id = true;
  request.target_hash = Hash128{};  // as that of submit()
  return request;
}
const Schedule& schedule_at(World& world, std::size_t position) {
  return std::get<Schedule>(world.history(1).at(position).body);
}

TEST(partition_schedule, a_new_top_level_execution) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  const Instant later = world.clock + seconds(60);
  world.step(
      advanced(world, flow, 1, {schedule(8, add_function), schedule(9, add_function, later)}));
  EXPECT_TRUE(world.take_now<Resume>().empty()) << "its id is new: the run does not wait";
  world.commit();
  EXPECT_EQ(schedule_at(world, 0).target.value, 2);
  const ExecutionRow& row = world.row(2);
  EXPECT_EQ(row.root, row.key);
  EXPECT_FALSE(row.parent);
  EXPECT_EQ(row.id.root, (Ulid{0, 8}));
  EXPECT_EQ(row.scheduled_by, "E_00000000000000000000000001");
  EXPECT_EQ(row.params, "[4]");
  EXPECT_EQ(row.params_hash, schedule_at(world, 0).params_hash);
  EXPECT_EQ(row.scheduled, world.clock) << "not before now";
  EXPECT_EQ(world.take_held<StartAttempt>().size(), 1U);
  EXPECT_EQ(world.row(3).stage, Stage::waiting);
  EXPECT_EQ(world.row(3).wake, later);
}

TEST(partition_schedule, a_chosen_id_may_be_in_use) {
  World world;
  submit(world, 9, add_function);
  world.commit();
  submit(world, 1, flow_function);
  world.commit();
  const ExecutionKey asks{2};
  world.crash(false);
  world.recover();
  world.commit();
  const std::uint32_t run = world.take_held<StartReplay>().at(0).run.value;
  std::size_t told = 0;
  for (RunRequest request : {schedule_chosen(9, add_function), schedule_chosen(9, flow_function),
                             schedule_chosen(5, add_function), schedule_chosen(5, add_function)}) {
    world.step(advanced(world, asks, run, {std::move(request)}));
    const auto delivered = world.take_now<Deliver>();
    ASSERT_EQ(delivered.size(), 1U);
    EXPECT_EQ(delivered[0].response.position, told++);
    EXPECT_EQ(world.take_now<Resume>().size(), 1U);
  }
  world.commit();
  const auto target = [&](std::size_t position) {
    return std::get<Schedule>(world.history(2).at(position).body);
  };
  EXPECT_EQ(target(0).target.value, 1);
  EXPECT_EQ(target(1).refused.kind, Refused::Kind::type_check);
  EXPECT_EQ(target(1).target.value, 0);
  EXPECT_EQ(target(2).target.value, 3);
  EXPECT_EQ(target(3).target.value, 3) << "the same again";
  EXPECT_EQ(world.rows.size(), 3U);
}

TEST(partition_schedule, refused_requests_are_only_noted) {
  World world;
  submit(world, 1, flow_function);
  world.take_now<StartFirstRun>();
  RunRequest no_child = child(0, 1);
  std::get<ChildRequest>(no_child.body).refused.kind = Refused::Kind::function_not_found;
  RunRequest no_schedule = schedule_chosen(8, add_function);
  std::get<Schedule>(no_schedule.body).refused.kind = Refused::Kind::type_check;
  RunRequest no_stub;
  no_stub.body =
      Stub{.target = {}, .value_hash = {}, .refused = {Refused::Kind::type_check, {}, {}}};
  world.step(advanced(world, flow, 1, {create(0), no_child, no_schedule, no_stub, child(0, 2)}));
  EXPECT_TRUE(world.take_now<Resume>().empty());
  world.commit();
  EXPECT_EQ(world.rows.size(), 2U);
  EXPECT_EQ(std::get<ChildRequest>(world.history(1).at(1).body).child.value, 0);
  EXPECT_EQ(std::get<ChildRequest>(world.history(1).at(4).body).child.value, 2);
  EXPECT_EQ(to_text(world.row(2).id), "E_00000000000000000000000001.g:0_2");
}

}  // namespace
}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Dry runs: what they capture, where they stop, which versions a call stands for.
#include <gtest/gtest.h>

#include "core/run_tester.h"

namespace stele::core {
namespace {

class RunDryTest : public ::testing::Test, protected RunTester {
 protected:
  void dry(std::uint32_t captured_max = 100) { start({.dry = true, .captured_max = captured_max}); }
  void expect_recorded(std::uint32_t min, std::uint32_t max) {
    const auto range = run->recorded();
    ASSERT_TRUE(range.has_value());
    EXPECT_EQ(range->min, min);
    EXPECT_EQ(range->max, max);
  }
};

TEST_F(RunDryTest, CapturesWhatComesNextUntilItBlocks) {
  call(HostOp::direct_call, "[1]");
  child_ok(0, 1, "1");
  dry();
  EXPECT_EQ(call(HostOp::direct_call, "[1]").state, CallState::answered);
  EXPECT_FALSE(run->advanceable());
  EXPECT_EQ(call(HostOp::join_set_create).state, CallState::answered);
  EXPECT_EQ(call(HostOp::submit, "[7]", 1).text, R"({"id":"E_0000000000000G000000000002.g:1_1"})");
  EXPECT_TRUE(run->advanceable());
  EXPECT_FALSE(run->wants_hand_over());
  EXPECT_EQ(call(HostOp::join_next, "[]", 1).state, CallState::parked);
  EXPECT_TRUE(run->advanceable());
  ASSERT_EQ(taken.requests.size(), 3U);
  EXPECT_EQ(taken.requests[1].params, "[7]");
  EXPECT_EQ(taken.requests[1].join_set, "g:1");
  EXPECT_EQ(taken.state, RunState::blocked);
  EXPECT_EQ(taken.set, JoinSetOrdinal(1));
  // What was taken goes on as if a run had made it.
  restart();
  EXPECT_EQ(call(HostOp::direct_call, "[1]").state, CallState::answered);
  call(HostOp::join_set_create);
  call(HostOp::submit, "[7]", 1);
  EXPECT_EQ(call(HostOp::join_next, "[]", 1).state, CallState::parked);
  EXPECT_FALSE(run->advanceable());
}

TEST_F(RunDryTest, StopsAtItsCap) {
  dry(2);
  EXPECT_EQ(call(HostOp::random_u64, "[0,9]").state, CallState::answered);
  EXPECT_EQ(call(HostOp::random_u64, "[0,9]").state, CallState::answered);
  EXPECT_EQ(call(HostOp::random_u64, "[0,9]").state, CallState::parked);
  EXPECT_EQ(taken.requests.size(), 2U);
  EXPECT_EQ(taken.state, RunState::running);
  EXPECT_TRUE(run->advanceable());
}

TEST_F(RunDryTest, StopsWhereThePartitionMustAnswer) {
  dry();
  EXPECT_EQ(call(HostOp::stub, R"([{"id":"E_0000000000000G000000000003.n:a_1"},{"ok":1}])",
                 no_join_set_handle, 4)
                .state,
            CallState::parked);
  EXPECT_EQ(taken.requests.size(), 1U);
  EXPECT_EQ(taken.state, RunState::running);
}

TEST_F(RunDryTest, AnEndThatIsNotStoredIsSomethingNew) {
  call(HostOp::direct_call, "[1]");
  child_ok(0, 1, "1");
  dry();
  call(HostOp::direct_call, "[1]");
  run->end({.kind = OutcomeKind::ok, .value = "1"});
  EXPECT_TRUE(run->advanceable());
  accept();
  EXPECT_EQ(taken.state, RunState::ended);
  EXPECT_TRUE(taken.requests.empty());
  append(Ending{.outcome = taken.outcome});
  dry();
  call(HostOp::direct_call, "[1]");
  run->end({.kind = OutcomeKind::ok, .value = "1"});
  EXPECT_FALSE(run->advanceable());
  EXPECT_FALSE(run->broken().has_value());
}

TEST_F(RunDryTest, GoingOnAfterAStoredEndIsADifference) {
  append(Ending{.outcome = {.kind = OutcomeKind::ok, .value = "1"}});
  dry();
  EXPECT_EQ(call(HostOp::join_set_create).state, CallState::trapped);
  EXPECT_TRUE(run->differs());
  EXPECT_EQ(run->broken()->detail,
            "stored:\n! end: ok\n! value: 1\nnow:\n! call: join-set-create\n! join set: g:1");
  EXPECT_FALSE(run->advanceable());
}

TEST_F(RunDryTest, GoingOnAfterACancellationIsNone) {
  append(Ending{.outcome = {.kind = OutcomeKind::failure, .failure = FailureKind::cancelled}});
  dry();
  EXPECT_EQ(call(HostOp::join_set_create).state, CallState::parked);
  EXPECT_FALSE(run->differs());
  EXPECT_FALSE(run->advanceable());
  EXPECT_TRUE(taken.requests.empty());
}

TEST_F(RunDryTest, RecordedVersionsAreThoseOfTheCall) {
  call(HostOp::direct_call, "[1]");
  child_ok(0, 1, "1");
  call(HostOp::join_set_create);
  accept();
  dry();
  call(HostOp::direct_call, "[1]");
  expect_recorded(1, 4);
  call(HostOp::execution_id_current);
  EXPECT_FALSE(run->recorded().has_value());
  call(HostOp::join_set_create);
  expect_recorded(4, 5);
  call(HostOp::random_u64, "[0,9]");
  expect_recorded(5, 6);
  call(HostOp::direct_call, "[2]");
  expect_recorded(6, 9);
}

TEST_F(RunDryTest, AnUpgradeIsNoRequest) {
  call(HostOp::join_set_create);
  accept();
  append(ComponentUpgrade{.digest = "sha256:1"});
  restart();
  call(HostOp::join_set_create);
  EXPECT_FALSE(run->replaying());
  call(HostOp::random_u64, "[0,9]");
  expect_recorded(3, 4);
}

}  // namespace
}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
#include "core/workflow_run.h"

#include <gtest/gtest.h>

#include "core/run_tester.h"

namespace stele::core {
namespace {

constexpr const char* id_text = "E_0000000000000G000000000002";

class WorkflowRunTest : public ::testing::Test, protected RunTester {
 protected:
  static std::string child_id(const std::string& rest) {
    return std::string(R"({"id":")") + id_text + rest + R"("})";
  }
  std::string answered(const CallOutcome& outcome) {
    EXPECT_EQ(outcome.state, CallState::answered) << outcome.text;
    return outcome.text;
  }
  void expect_broken(const CallOutcome& outcome, const std::string& reason) {
    EXPECT_EQ(outcome.state, CallState::trapped);
    ASSERT_TRUE(run->broken().has_value());
    EXPECT_EQ(run->broken()->kind, OutcomeKind::failure);
    EXPECT_NE((run->broken()->reason + run->broken()->detail).find(reason), std::string::npos)
        << run->broken()->reason << run->broken()->detail;
  }
};

TEST_F(WorkflowRunTest, DirectCallParksUntilItsResponse) {
  EXPECT_EQ(call(HostOp::direct_call, "[1,2]").state, CallState::parked);
  EXPECT_EQ(taken.state, RunState::blocked);
  EXPECT_EQ(taken.set, JoinSetOrdinal(0));
  ASSERT_EQ(taken.requests.size(), 1U);
  EXPECT_EQ(taken.requests[0].params, "[1,2]");
  EXPECT_EQ(taken.requests[0].join_set, "o:1-add");
  const auto& request = std::get<DirectCall>(taken.requests[0].body);
  EXPECT_EQ(request.one_off, 1U);
  EXPECT_EQ(request.params_hash, blake2b_128("[1,2]"));
  EXPECT_EQ(resume().state, CallState::parked);
  child_ok(0, 1, "3");
  EXPECT_EQ(answered(resume()), R"({"ok":3})");
  EXPECT_EQ(answered(call(HostOp::last_direct_call_id)), child_id(".o:1-add_1"));
  EXPECT_EQ(answered(call(HostOp::last_oneoff_id)),
            R"({"execution_id":)" + child_id(".o:1-add_1") + "}");
  call(HostOp::direct_call, "[]", no_join_set_handle, 2);
  EXPECT_EQ(std::get<DirectCall>(taken.requests[0].body).join_set, JoinSetOrdinal(1));
  EXPECT_EQ(taken.requests[0].join_set, "o:2-ping");
}

TEST_F(WorkflowRunTest, FailureIsProjectedByTheFunctionsErrorType) {
  struct Row {
    std::uint32_t function;
    const char* answer;
  };
  const Outcome failure{.kind = OutcomeKind::failure, .failure = FailureKind::timed_out};
  std::uint32_t set = 0;
  for (const Row& row : {Row{1, R"({"err":"execution_failed"})"}, Row{2, R"({"err":null})"},
                         Row{3, R"({"err":"execution_failed"})"}}) {
    call(HostOp::direct_call, "[]", no_join_set_handle, row.function);
    child(set++, 1, failure);
    EXPECT_EQ(answered(resume()), row.answer);
  }
}

TEST_F(WorkflowRunTest, ReplayAnswersFromHistoryAndRendersNothing) {
  call(HostOp::direct_call, "[1]");
  child_ok(0, 1, "10");
  resume();
  call(HostOp::direct_call, "[2]");
  restart();
  EXPECT_TRUE(run->replaying());
  run->log(3, "seen before");
  EXPECT_EQ(answered(call(HostOp::direct_call, "[1]")), R"({"ok":10})");
  EXPECT_EQ(rendered, 0);
  EXPECT_TRUE(run->replaying());
  EXPECT_EQ(call(HostOp::direct_call, "[2]").state, CallState::parked);
  EXPECT_FALSE(run->replaying());
  EXPECT_TRUE(taken.requests.empty());
  EXPECT_TRUE(taken.logs.empty());
  EXPECT_EQ(taken.state, RunState::blocked);
  child_ok(1, 1, "20");
  EXPECT_EQ(answered(resume()), R"({"ok":20})");
  run->log(3, "new");
  run->end({.kind = OutcomeKind::ok, .value = "30"});
  accept();
  EXPECT_EQ(taken.state, RunState::ended);
  EXPECT_EQ(taken.outcome.value, "30");
  ASSERT_EQ(taken.logs.size(), 1U);
  EXPECT_EQ(taken.logs[0].message, "new");
}

TEST_F(WorkflowRunTest, ResponsesThatTheHistoryHadAreSkipped) {
  call(HostOp::direct_call);
  child_ok(0, 1, "1");
  restart();
  run->deliver(history);
  EXPECT_EQ(answered(call(HostOp::direct_call)), R"({"ok":1})");
  EXPECT_EQ(call(HostOp::direct_call).state, CallState::parked);
}

TEST_F(WorkflowRunTest, ResponseDeliveredDuringReplayIsKept) {
  call(HostOp::direct_call);
  child_ok(0, 1, "1");
  resume();
  call(HostOp::direct_call);
  restart();
  child_ok(1, 1, "2");
  EXPECT_EQ(answered(call(HostOp::direct_call)), R"({"ok":1})");
  EXPECT_EQ(answered(call(HostOp::direct_call)), R"({"ok":2})");
}

TEST_F(WorkflowRunTest, SleepAnswersItsStoredExpiry) {
  EXPECT_EQ(call(HostOp::sleep, R"([{"in":{"seconds":5}},null])").state, CallState::parked);
  const auto& request = std::get<Sleep>(taken.requests[0].body);
  EXPECT_EQ(request.name, "sleep");
  EXPECT_EQ(request.expires, now + seconds(5));
  EXPECT_EQ(taken.requests[0].join_set, "o:1-sleep");
  delay(0, 1);
  EXPECT_EQ(answered(resume()), R"({"ok":{"seconds":6,"nanoseconds":0}})");
  now = now + seconds(100);
  restart();
  EXPECT_EQ(answered(call(HostOp::sleep, R"([{"in":{"seconds":5}},null])")),
            R"({"ok":{"seconds":6,"nanoseconds":0}})");
  EXPECT_EQ(call(HostOp::sleep, R"(["now","nap"])").state, CallState::parked);
  EXPECT_EQ(taken.requests[0].join_set, "o:2-nap");
  delay(1, 1, true);
  EXPECT_EQ(answered(resume()), R"({"err":null})");
  EXPECT_EQ(answered(call(HostOp::last_oneoff_id)),
            R"({"delay_id":{"id":"Delay_0000000000000G000000000002.o:2-nap_1"}})");
}

TEST_F(WorkflowRunTest, SleepRefusesWhatItCannotDo) {
  struct Row {
    const char* params;
    const char* reason;
  };
  for (const Row& row :
       {Row{R"(["now","a b"])", "invalid name"}, Row{R"(["never",null])", "expected now"},
        Row{R"([{"at":{"seconds":99999999999999,"nanoseconds":0}},null])", "outside"},
        Row{R"(nonsense)", "parameters"}}) {
    restart();
    expect_broken(call(HostOp::sleep, row.params), row.reason);
    EXPECT_NE(run->broken()->reason.find("error calling imported function"), std::string::npos);
  }
}

TEST_F(WorkflowRunTest, JoinSetMixesFunctionsAndDelays) {
  EXPECT_EQ(answered(call(HostOp::join_set_create)), "0");
  EXPECT_EQ(answered(call(HostOp::join_set_id, "[]", 0)), R"("g:1")");
  EXPECT_EQ(answered(call(HostOp::submit, "[1]", 0)), child_id(".g:1_1"));
  EXPECT_EQ(answered(call(HostOp::submit_delay, R"([{"in":{"days":1}}])", 0)),
            R"({"id":"Delay_0000000000000G000000000002.g:1_1"})");
  EXPECT_EQ(answered(call(HostOp::submit, "[]", 0, 2)), child_id(".g:1_2"));
  EXPECT_EQ(answered(call(HostOp::join_set_last_id, "[]", 0)), "null");
  EXPECT_EQ(call(HostOp::await_next, "[]", 0, 1).state, CallState::parked);
  ASSERT_EQ(taken.requests.size(), 5U);
  EXPECT_EQ(taken.requests[3].join_set, "g:1");
  child_ok(0, 1, "7");
  EXPECT_EQ(answered(resume()), R"({"ok":{"ok":7}})");
  EXPECT_EQ(answered(call(HostOp::join_set_last_id, "[]", 0)),
            R"({"execution_id":)" + child_id(".g:1_1") + "}");
  delay(0, 1);
  EXPECT_EQ(answered(call(HostOp::await_next, "[]", 0, 1)),
            R"({"err":{"function_mismatch":{"specified_function":{"interface_name":"t:act/step",)"
            R"("function_name":"add"},"actual_function":null,"actual_id":{"delay_id":)"
            R"({"id":"Delay_0000000000000G000000000002.g:1_1"}}}}})");
  child_ok(0, 2, "");
  EXPECT_EQ(answered(call(HostOp::await_next, "[]", 0, 1)),
            R"({"err":{"function_mismatch":{"specified_function":{"interface_name":"t:act/step",)"
            R"("function_name":"add"},"actual_function":{"interface_name":"t:act/step",)"
            R"("function_name":"ping"},"actual_id":{"execution_id":)" +
                child_id(".g:1_2") + "}}}}");
  EXPECT_EQ(answered(call(HostOp::join_set_last_id, "[]", 0)),
            R"({"execution_id":)" + child_id(".g:1_1") + "}");
  EXPECT_EQ(answered(call(HostOp::await_next, "[]", 0, 1)), R"({"err":"all_processed"})");
  EXPECT_EQ(answered(call(HostOp::join_next, "[]", 0)), R"({"err":"all_processed"})");
}

TEST_F(WorkflowRunTest, JoinNextAnswersTextsOfPayloads) {
  call(HostOp::join_set_create);
  for (int i = 0; i < 4; ++i) call(HostOp::submit, "[]", 0, i == 3 ? 2 : 1);
  call(HostOp::submit_delay, R"(["now"])", 0);
  call(HostOp::submit_delay, R"(["now"])", 0);
  accept();
  child_ok(0, 1, R"({"a":"b"})");
  child(0, 2, {.kind = OutcomeKind::err, .value = "\"no\""});
  child(0, 3, {.kind = OutcomeKind::failure});
  child(0, 4, {.kind = OutcomeKind::failure});
  delay(0, 1);
  delay(0, 2, true);
  for (const char* expected : {R"({"ok":{"ok":"{\"a\":\"b\"}"}})", R"({"ok":{"err":"\"no\""}})",
                               R"({"ok":{"err":"\"execution_failed\""}})", R"({"ok":{"err":null}})",
                               R"({"ok":{"ok":null}})", R"({"ok":{"err":null}})"})
    EXPECT_EQ(answered(call(HostOp::join_next, "[]", 0)), expected);
}

TEST_F(WorkflowRunTest, JoinNextTryAnswersWhatWasStored) {
  call(HostOp::join_set_create);
  EXPECT_EQ(answered(call(HostOp::join_next_try, "[]", 0)), R"({"err":"all_processed"})");
  call(HostOp::submit, "[]", 0);
  EXPECT_EQ(answered(call(HostOp::join_next_try, "[]", 0)), R"({"err":"pending"})");
  accept();
  child_ok(0, 1, "1");
  // Not looked at before the next refresh.
  EXPECT_EQ(answered(call(HostOp::join_next_try, "[]", 0)), R"({"err":"pending"})");
  for (int i = 0; i < 32; ++i) call(HostOp::random_u64, "[0,9]");
  EXPECT_EQ(answered(call(HostOp::join_next_try, "[]", 0)), R"({"ok":{"ok":"1"}})");
  accept();
  restart();
  call(HostOp::join_set_create);
  call(HostOp::join_next_try, "[]", 0);
  call(HostOp::submit, "[]", 0);
  EXPECT_EQ(answered(call(HostOp::join_next_try, "[]", 0)), R"({"err":"pending"})");
  EXPECT_EQ(answered(call(HostOp::join_next_try, "[]", 0)), R"({"err":"pending"})");
  for (int i = 0; i < 32; ++i) call(HostOp::random_u64, "[0,9]");
  EXPECT_EQ(answered(call(HostOp::join_next_try, "[]", 0)), R"({"ok":{"ok":"1"}})");
  EXPECT_FALSE(run->replaying());
}

TEST_F(WorkflowRunTest, NamedSetsConflictForEver) {
  EXPECT_EQ(answered(call(HostOp::join_set_create_named, R"(["1"])")), R"({"ok":0})");
  EXPECT_EQ(answered(call(HostOp::join_set_create)), "1");  // g:1 does not clash with n:1
  EXPECT_EQ(answered(call(HostOp::join_set_close, "[]", 0)), "null");
  EXPECT_EQ(answered(call(HostOp::join_set_create_named, R"(["1"])")), R"({"err":"conflict"})");
  EXPECT_EQ(answered(call(HostOp::join_set_create_named, R"(["a_b"])")),
            R"({"err":{"invalid_name":"only letters, digits, '-' and '/' are allowed"}})");
  EXPECT_EQ(answered(call(HostOp::join_set_create_named, R"(["a/b-c"])")), R"({"ok":2})");
  accept();
  EXPECT_EQ(taken.requests.size(), 3U);
}

TEST_F(WorkflowRunTest, CloseWaitsForEveryUnawaitedMember) {
  call(HostOp::join_set_create);
  for (int i = 0; i < 3; ++i) call(HostOp::submit, "[]", 0);
  accept();
  child_ok(0, 2, "");
  EXPECT_EQ(answered(call(HostOp::join_next, "[]", 0)), R"({"ok":{"ok":null}})");
  EXPECT_EQ(call(HostOp::join_set_drop, "[]", 0).state, CallState::parked);
  EXPECT_EQ(taken.state, RunState::closing);
  const auto& closing = std::get<JoinNext>(taken.requests.back().body);
  EXPECT_TRUE(closing.closing);
  EXPECT_EQ(closing.count, 2U);
  child_ok(0, 1, "");
  EXPECT_EQ(resume().state, CallState::parked);
  child(0, 3, {.kind = OutcomeKind::failure, .failure = FailureKind::cancelled});
  EXPECT_EQ(answered(resume()), "null");
  EXPECT_EQ(answered(call(HostOp::join_set_drop, "[]", 0)), "null");
  expect_broken(call(HostOp::submit, "[]", 0), "the join set is closed");
  expect_broken(call(HostOp::random_u64, "[0,9]"), "the join set is closed");
  run->end({.kind = OutcomeKind::ok});
  accept();
  EXPECT_EQ(taken.outcome.kind, OutcomeKind::failure);
}

TEST_F(WorkflowRunTest, CloseOfAUsedUpSetIsNoEvent) {
  call(HostOp::join_set_create);
  call(HostOp::submit, "[]", 0);
  accept();
  child_ok(0, 1, "");
  call(HostOp::join_next, "[]", 0);
  accept();
  EXPECT_EQ(answered(call(HostOp::join_set_drop, "[]", 0)), "null");
  accept();
  EXPECT_TRUE(taken.requests.empty());
}

TEST_F(WorkflowRunTest, LimitsHaveTheirOwnErrors) {
  start({.open_sets_max = 1});
  call(HostOp::join_set_create);
  expect_broken(call(HostOp::join_set_create), "limit of 1 open join sets");
  start({.set_members_max = 1});
  call(HostOp::join_set_create);
  call(HostOp::submit, "[]", 0);
  expect_broken(call(HostOp::submit_delay, R"(["now"])", 0), "limit of 1 members of a join set");
  start({.history_events_max = 1});
  call(HostOp::join_set_create);
  expect_broken(call(HostOp::submit, "[]", 0), "limit of 1 events of a history");
  start({.name_bytes_max = 2});
  EXPECT_EQ(answered(call(HostOp::join_set_create_named, R"(["abc"])")),
            R"({"err":{"invalid_name":"3 bytes are too long, 2 are allowed"}})");
  expect_broken(call(HostOp::sleep, R"(["now","abc"])"), "too long");
}

TEST_F(WorkflowRunTest, HandsOverEveryHundredEvents) {
  call(HostOp::join_set_create);
  for (int i = 0; i < 98; ++i) call(HostOp::submit, "[]", 0);
  EXPECT_TRUE(history.empty());
  call(HostOp::submit, "[]", 0);
  EXPECT_EQ(history.size(), 100U);
  EXPECT_EQ(taken.state, RunState::running);
  EXPECT_FALSE(run->wants_hand_over());
}

}  // namespace
}  // namespace stele::core

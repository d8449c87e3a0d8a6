// SPDX-License-Identifier: Apache-2.0
// submit-json, call-json, schedule-json and -schedule.
#include <gtest/gtest.h>

#include "core/run_tester.h"

namespace stele::core {
namespace {

constexpr const char* fresh_id = "E_01J00000000000000000000000";

class RunNamedTest : public ::testing::Test, protected RunTester {
 protected:
  static std::string function(const std::string& name, const std::string& interface) {
    return R"({"interface_name":")" + interface + R"(","function_name":")" + name + R"("})";
  }
  static std::string named(const std::string& name, const std::string& params,
                           const std::string& interface = "t:act/step") {
    return '[' + function(name, interface) + ",\"" + params + "\"]";
  }
  static std::string scheduled(const std::string& name, const std::string& params,
                               const std::string& id = fresh_id) {
    return R"([{"id":")" + id + R"("},"now",)" + function(name, "t:act/step") + ",\"" + params +
           "\"]";
  }
  std::string submit(const std::string& params) {
    return call(HostOp::submit_json, params, 0).text;
  }
};

TEST_F(RunNamedTest, SubmitJsonMakesAChild) {
  call(HostOp::join_set_create);
  EXPECT_EQ(submit(named("add", "[1]")), R"({"ok":{"id":"E_0000000000000G000000000002.g:1_1"}})");
  accept();
  const auto& request = std::get<ChildRequest>(taken.requests.back().body);
  EXPECT_EQ(request.function, FunctionId(1));
  EXPECT_EQ(request.params_hash, blake2b_128("[1]"));
  EXPECT_EQ(taken.requests.back().params, "[1]");
  EXPECT_EQ(taken.requests.back().join_set, "g:1");
  child_ok(0, 1, "2");
  EXPECT_EQ(call(HostOp::await_next, "[]", 0).text, R"({"ok":{"ok":2}})");
}

struct BadCall {
  std::string params;
  const char* error;
  bool stored;
};

TEST_F(RunNamedTest, SubmitJsonErrors) {
  const BadCall rows[] = {
      {named("add", "[1]", "nothing"), R"({"err":{"ffqn_parsing_error":")", false},
      {named("", "[1]"), R"({"err":{"ffqn_parsing_error":")", false},
      {named("a.b", "[1]"), R"({"err":{"ffqn_parsing_error":")", false},
      {named("add", "x"), R"({"err":{"type_check_error":"cannot parse params as JSON array)",
       false},
      {named("add", "{}"), R"({"err":{"type_check_error":"params must be a json array"}})", false},
      {named("none", "x"), R"({"err":{"type_check_error":"cannot parse params as JSON array)",
       false},
      {named("none", "[]"), R"({"err":"function_not_found"})", true},
      {named("add", "[bad]"),
       R"({"err":{"type_check_error":"params type checking failed: parameter cardinality)", true},
  };
  for (const BadCall& row : rows) {
    history.clear();
    start({});
    call(HostOp::join_set_create);
    const std::string text = submit(row.params);
    EXPECT_TRUE(text.starts_with(row.error)) << text;
    accept();
    EXPECT_EQ(taken.requests.size(), row.stored ? 2U : 1U) << row.params;
    restart();
    call(HostOp::join_set_create);
    EXPECT_EQ(submit(row.params), text);
    EXPECT_FALSE(run->broken().has_value()) << run->broken()->detail;
    // A refused one uses up its index and is not waited for.
    EXPECT_EQ(call(HostOp::join_next, "[]", 0).text, R"({"err":"all_processed"})");
    EXPECT_TRUE(submit(named("add", "[1]")).contains(row.stored ? "g:1_2" : "g:1_1"));
    EXPECT_EQ(call(HostOp::join_next, "[]", 0).state, CallState::parked);
  }
}

TEST_F(RunNamedTest, RefusedChildrenCountAsMembersAndAreNotClosed) {
  start({.set_members_max = 1});
  call(HostOp::join_set_create);
  submit(named("none", "[]"));
  EXPECT_EQ(call(HostOp::join_set_close, "[]", 0).text, "null");
  EXPECT_EQ(call(HostOp::submit_json, named("add", "[1]"), 0).state, CallState::trapped);
  EXPECT_TRUE(run->broken()->reason.contains("the join set is closed"));
  start({.set_members_max = 1});
  call(HostOp::join_set_create);
  submit(named("none", "[]"));
  EXPECT_EQ(call(HostOp::submit_json, named("add", "[1]"), 0).state, CallState::trapped);
  EXPECT_TRUE(run->broken()->reason.contains("limit of 1 members"));
}

TEST_F(RunNamedTest, ParametersThatAreNoneFailTheRun) {
  for (const HostOp op : {HostOp::call_json, HostOp::schedule_json, HostOp::schedule, HostOp::stub,
                          HostOp::stub_json, HostOp::get, HostOp::get_result_json}) {
    restart();
    EXPECT_EQ(call(op, "[]").state, CallState::trapped);
    EXPECT_TRUE(run->broken()->reason.contains("error calling imported function"));
  }
}

TEST_F(RunNamedTest, AStoredRefusalWins) {
  call(HostOp::join_set_create);
  checks.refuse_all = true;
  const std::string refused = submit(named("add", "[1]"));
  EXPECT_TRUE(refused.contains("type_check_error"));
  accept();
  const auto& request = std::get<ChildRequest>(taken.requests.back().body);
  EXPECT_EQ(request.params_hash, Hash128());
  EXPECT_EQ(request.refused.ffqn, "t:act/step.add");
  checks.refuse_all = false;
  restart();
  call(HostOp::join_set_create);
  EXPECT_EQ(submit(named("add", "[1]")), refused);
  restart();
  call(HostOp::join_set_create);
  EXPECT_EQ(call(HostOp::submit_json, named("ping", "[1]"), 0).state, CallState::trapped);
  EXPECT_TRUE(run->differs());
  EXPECT_TRUE(run->broken()->detail.contains("! function: t:act/step.ping"));
}

TEST_F(RunNamedTest, AStoredAcceptanceWins) {
  call(HostOp::join_set_create);
  const std::string accepted = submit(named("add", "[1]"));
  accept();
  restart();
  call(HostOp::join_set_create);
  EXPECT_EQ(call(HostOp::submit_json, named("add", "[2]"), 0).state, CallState::trapped);
  EXPECT_TRUE(run->broken()->detail.contains("! params hash"));
  checks.refuse_all = true;
  restart();
  call(HostOp::join_set_create);
  EXPECT_EQ(submit(named("add", "[1]")), accepted);
  restart();
  call(HostOp::join_set_create);
  EXPECT_EQ(call(HostOp::submit_json, named("ping", "[1]"), 0).state, CallState::trapped);
}

TEST_F(RunNamedTest, CallJsonIsADirectCall) {
  EXPECT_EQ(call(HostOp::call_json, named("add", "[1]")).state, CallState::parked);
  EXPECT_EQ(taken.state, RunState::blocked);
  EXPECT_EQ(taken.requests[0].join_set, "o:1-add");
  EXPECT_EQ(taken.requests[0].params, "[1]");
  child_ok(0, 1, "\"x\"");
  EXPECT_EQ(resume().text, R"({"ok":{"ok":"\"x\""}})");
  EXPECT_EQ(call(HostOp::last_direct_call_id).text,
            R"({"id":"E_0000000000000G000000000002.o:1-add_1"})");
  call(HostOp::call_json, named("ping", "[]"));
  child(1, 1, {.kind = OutcomeKind::failure});
  EXPECT_EQ(resume().text, R"({"ok":{"err":null}})");
  restart();
  EXPECT_EQ(call(HostOp::call_json, named("add", "[1]")).text, R"({"ok":{"ok":"\"x\""}})");
}

TEST_F(RunNamedTest, CallJsonErrorsLeaveNoTrace) {
  const BadCall rows[] = {
      {named("add", "[1]", "a:b"), R"({"err":{"ffqn_parsing_error":")", false},
      {named("add", "x"), R"({"err":{"type_check_error":"cannot parse params)", false},
      {named("none", "[]"), R"({"err":"function_not_found"})", false},
      {named("add", "[bad]"), R"({"err":{"type_check_error":"params type checking failed: )",
       false},
  };
  for (const BadCall& row : rows)
    EXPECT_TRUE(call(HostOp::call_json, row.params).text.starts_with(row.error)) << row.params;
  accept();
  EXPECT_TRUE(taken.requests.empty());
}

TEST_F(RunNamedTest, ScheduleJsonWaitsForThePartition) {
  EXPECT_EQ(call(HostOp::schedule_json, scheduled("add", "[1]")).state, CallState::parked);
  EXPECT_EQ(taken.state, RunState::running);
  ASSERT_EQ(taken.requests.size(), 1U);
  EXPECT_TRUE(taken.requests[0].chosen_id);
  EXPECT_EQ(taken.requests[0].params, "[1]");
  const auto wanted = std::get<Schedule>(taken.requests[0].body);
  EXPECT_EQ(wanted.params_hash, blake2b_128("[1]"));
  EXPECT_EQ(resume().state, CallState::parked);
  run->deliver(std::vector{Entry{.position = 0, .version = 1, .at = now, .body = wanted}});
  EXPECT_EQ(resume().text, R"({"ok":null})");
  restart();
  EXPECT_EQ(call(HostOp::schedule_json, scheduled("add", "[1]")).text, R"({"ok":null})");
  restart();
  EXPECT_EQ(call(HostOp::schedule_json, scheduled("add", "[2]")).state, CallState::trapped);
  EXPECT_TRUE(run->broken()->detail.contains("! params hash"));
}

TEST_F(RunNamedTest, AnIdInUseIsTold) {
  call(HostOp::schedule_json, scheduled("add", "[1]"));
  auto body = std::get<Schedule>(history.back().body);
  body.refused = {.kind = Refused::Kind::conflict};
  history.back().body = body;
  run->deliver(history);
  const std::string text = resume().text;
  EXPECT_TRUE(text.contains("is in use")) << text;
  restart();
  EXPECT_EQ(call(HostOp::schedule_json, scheduled("add", "[1]")).text, text);
}

TEST_F(RunNamedTest, ScheduleJsonErrors) {
  const BadCall rows[] = {
      {scheduled("add", "[1]", "nonsense"), R"({"err":{"ffqn_parsing_error":")", false},
      {scheduled("add", "[1]", std::string(fresh_id) + ".g:1_1"),
       R"({"err":{"ffqn_parsing_error":"must be a top-level execution id"}})", false},
      {scheduled("add", "x"), R"({"err":{"type_check_error":"cannot parse params)", false},
      {scheduled("none", "[]"), R"({"err":"function_not_found"})", true},
      {scheduled("approve", "[]"), R"({"err":"function_not_found"})", true},
      {scheduled("add", "[bad]"), R"({"err":{"type_check_error":"params type checking failed: )",
       true},
  };
  for (const BadCall& row : rows) {
    history.clear();
    start({});
    const std::string text = call(HostOp::schedule_json, row.params).text;
    EXPECT_TRUE(text.starts_with(row.error)) << text;
    accept();
    EXPECT_EQ(taken.requests.size(), row.stored ? 1U : 0U);
    restart();
    EXPECT_EQ(call(HostOp::schedule_json, row.params).text, text);
    EXPECT_FALSE(run->replaying());
  }
}

TEST_F(RunNamedTest, TypedScheduleKeepsItsNumbersAndAnswersAtOnce) {
  const std::string params = R"([{"in":{"seconds":5}},1.50,18446744073709551615,{"a":[1,"],"]}])";
  const CallOutcome outcome = call(HostOp::schedule, params);
  EXPECT_EQ(outcome.state, CallState::answered);
  accept();
  ASSERT_EQ(taken.requests.size(), 1U);
  const RunRequest& request = taken.requests[0];
  EXPECT_EQ(request.params, R"([1.50,18446744073709551615,{"a":[1,"],"]}])");
  EXPECT_EQ(request.target_hash, blake2b_128(request.params));
  EXPECT_FALSE(request.chosen_id);
  const auto& body = std::get<Schedule>(request.body);
  EXPECT_EQ(body.params_hash, blake2b_128(params));
  EXPECT_EQ(body.function, FunctionId(1));
  EXPECT_EQ(body.at, now + seconds(5));
  EXPECT_EQ(outcome.text, R"({"id":")" + to_text(ExecutionId{.root = body.id}) + R"("})");
  EXPECT_NE(call(HostOp::schedule, R"(["now"])").text, outcome.text);
  EXPECT_EQ((run->take()).requests[0].params, "[]");
  now = now + seconds(9);
  restart();
  EXPECT_EQ(call(HostOp::schedule, params).text, outcome.text);
  restart();
  EXPECT_EQ(call(HostOp::schedule, R"(["now",1])").state, CallState::trapped);
  EXPECT_TRUE(run->broken()->detail.contains("! schedule: now")) << run->broken()->detail;
}

TEST_F(RunNamedTest, ParamsWithoutAPlainFormAreScheduledToo) {
  checks.refuse_all = true;
  EXPECT_EQ(call(HostOp::schedule, R"(["now",{"$float":"nan"}])").state, CallState::answered);
  accept();
  EXPECT_FALSE(taken.requests[0].target_hash.has_value());
  EXPECT_EQ(taken.requests[0].params, R"([{"$float":"nan"}])");
}

}  // namespace
}  // namespace stele::core

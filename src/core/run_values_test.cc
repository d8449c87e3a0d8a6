// SPDX-License-Identifier: Apache-2.0
// -get, get-result-json and get-execution-failure-kind.
#include <gtest/gtest.h>

#include "core/run_tester.h"

namespace stele::core {
namespace {

constexpr const char* not_found = R"({"err":"not_found_in_processed_responses"})";

class RunValuesTest : public ::testing::Test, protected RunTester {
 protected:
  static std::string target(const std::string& level) {
    return R"([{"id":"E_0000000000000G000000000002)" + level + R"("}])";
  }
  std::string get(const std::string& level, std::uint32_t function = 1) {
    return call(HostOp::get, target(level), no_join_set_handle, function).text;
  }
  std::string json(const std::string& level) {
    return call(HostOp::get_result_json, target(level)).text;
  }
  std::string kind(const std::string& level) {
    return call(HostOp::get_execution_failure_kind, target(level)).text;
  }
};

TEST_F(RunValuesTest, ADirectCallIsProcessedWhenItIsAnswered) {
  EXPECT_EQ(get(".o:1-add_1"), not_found);
  call(HostOp::direct_call, "[1]");
  child_ok(0, 1, R"({"a":1.50})");
  resume();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(get(".o:1-add_1"), R"({"ok":{"ok":{"a":1.50}}})");
    EXPECT_EQ(json(".o:1-add_1"), R"({"ok":{"ok":"{\"a\":1.50}"}})");
    EXPECT_EQ(kind(".o:1-add_1"), R"({"ok":null})");
  }
  EXPECT_EQ(get(".o:1-add_2"), not_found);
  EXPECT_EQ(get(".o:1-add_1.g:1_1"), not_found);
  EXPECT_EQ(json(".o:2-add_1"), not_found);
  EXPECT_EQ(kind(".o:2-add_1"), not_found);
  accept();
  EXPECT_TRUE(taken.requests.empty());
}

TEST_F(RunValuesTest, OtherFunctionsAreMismatches) {
  call(HostOp::direct_call, "[1]");
  child_ok(0, 1, "1");
  resume();
  EXPECT_EQ(get(".o:1-add_1", 2),
            R"({"err":{"function_mismatch":{"specified_function":{"interface_name":"t:act/step",)"
            R"("function_name":"ping"},"actual_function":{"interface_name":"t:act/step",)"
            R"("function_name":"add"},"actual_id":{"execution_id":)"
            R"({"id":"E_0000000000000G000000000002.o:1-add_1"}}}}})");
}

TEST_F(RunValuesTest, WrongIdsAreErrors) {
  EXPECT_EQ(get(""), not_found);
  for (const HostOp op : {HostOp::get_result_json, HostOp::get_execution_failure_kind}) {
    EXPECT_EQ(call(op, target("")).text,
              R"({"err":{"execution_id_parsing_error":"must not be a top-level execution id"}})");
    EXPECT_TRUE(call(op, R"([{"id":"what"}])")
                    .text.starts_with(R"({"err":{"execution_id_parsing_error":")"));
    EXPECT_EQ(call(op, R"([{"id":"E_0000000000000G000000000009.g:1_1"}])").text, not_found);
  }
  EXPECT_EQ(call(HostOp::get, R"([{"id":"what"}])").text, not_found);
}

TEST_F(RunValuesTest, FailuresAreProjectedAndHaveAKind) {
  call(HostOp::join_set_create);
  for (std::uint32_t function = 1; function <= 3; ++function)
    call(HostOp::submit, "[]", 0, function);
  accept();
  for (std::uint32_t index = 1; index <= 3; ++index) {
    child(0, index, {.kind = OutcomeKind::failure, .failure = FailureKind::timed_out});
    EXPECT_EQ(kind(".g:1_" + std::to_string(index)), not_found);
    call(HostOp::join_next, "[]", 0);
    EXPECT_EQ(kind(".g:1_" + std::to_string(index)), R"({"ok":"timed_out"})");
  }
  EXPECT_EQ(get(".g:1_1", 1), R"({"ok":{"err":"execution_failed"}})");
  EXPECT_EQ(get(".g:1_2", 2), R"({"ok":{"err":null}})");
  EXPECT_EQ(get(".g:1_3", 3), R"({"ok":{"err":"execution_failed"}})");
  EXPECT_EQ(json(".g:1_1"), R"({"ok":{"err":"\"execution_failed\""}})");
  EXPECT_EQ(json(".g:1_2"), R"({"ok":{"err":null}})");
  EXPECT_EQ(json(".g:1_3"), R"({"ok":{"err":"\"execution_failed\""}})");
}

TEST_F(RunValuesTest, EveryWayOfAwaitingCounts) {
  call(HostOp::join_set_create);
  for (int i = 0; i < 4; ++i) call(HostOp::submit, "[]", 0, i == 1 ? 2 : 1);
  accept();
  for (std::uint32_t index = 1; index <= 4; ++index) child_ok(0, index, std::to_string(index));
  call(HostOp::await_next, "[]", 0, 1);
  EXPECT_TRUE(call(HostOp::await_next, "[]", 0, 1).text.contains("function_mismatch"));
  EXPECT_TRUE(call(HostOp::join_next_try, "[]", 0).text.starts_with(R"({"ok":)"));
  EXPECT_EQ(get(".g:1_4"), not_found);
  call(HostOp::join_set_close, "[]", 0);
  EXPECT_EQ(get(".g:1_1"), R"({"ok":{"ok":1}})");
  EXPECT_EQ(get(".g:1_2", 2), R"({"ok":{"ok":2}})");
  EXPECT_EQ(get(".g:1_3"), R"({"ok":{"ok":3}})");
  EXPECT_EQ(get(".g:1_4"), R"({"ok":{"ok":4}})");
}

TEST_F(RunValuesTest, ColdValuesAreReadBack) {
  const std::string large = '"' + std::string(3U << 20U, 'x') + '"';
  call(HostOp::join_set_create);
  for (int i = 0; i < 2; ++i) call(HostOp::submit, "[]", 0);
  accept();
  child_ok(0, 1, large);
  child_ok(0, 2, large);
  const std::uint32_t position = history.back().position;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 2; ++i) call(HostOp::join_next, "[]", 0);
    accept();
    EXPECT_EQ(call(HostOp::get, target(".g:1_1")).state, CallState::answered);
    EXPECT_EQ(kind(".g:1_2"), R"({"ok":null})");
    EXPECT_EQ(call(HostOp::get, target(".g:1_2")).state, CallState::parked);
    EXPECT_EQ(taken.state, RunState::running);
    EXPECT_EQ(taken.read_back, position);
    EXPECT_EQ(resume().state, CallState::parked);
    run->read_back(history[position]);
    EXPECT_EQ(resume().text, R"({"ok":{"ok":)" + large + "}}");
    EXPECT_EQ(call(HostOp::get_result_json, target(".g:1_2")).state, CallState::parked);
    run->read_back(history[position - 1]);
    EXPECT_EQ(resume().state, CallState::parked) << "that was another one";
    run->read_back(history[position]);
    EXPECT_TRUE(resume().text.starts_with(R"({"ok":{"ok":"\"xxx)"));
    restart();
    call(HostOp::join_set_create);
    for (int i = 0; i < 2; ++i) call(HostOp::submit, "[]", 0);
  }
  start({.dry = true});
  call(HostOp::join_set_create);
  for (int i = 0; i < 2; ++i) call(HostOp::submit, "[]", 0);
  for (int i = 0; i < 2; ++i) call(HostOp::join_next, "[]", 0);
  EXPECT_EQ(call(HostOp::get, target(".g:1_2")).state, CallState::answered);
}

TEST_F(RunValuesTest, AChildKnowsItsOwnChildren) {
  suffix = ".n:a_7";
  restart();
  call(HostOp::direct_call, "[1]");
  child_ok(0, 1, "1");
  resume();
  EXPECT_EQ(get(".n:a_7.o:1-add_1"), R"({"ok":{"ok":1}})");
  EXPECT_EQ(get(".o:1-add_1"), not_found);
  EXPECT_EQ(get(".n:a_7"), not_found);
  EXPECT_EQ(get(".n:a_77.o:1-add_1"), not_found);
  EXPECT_EQ(json(".n:a_7.o:1-add_1"), R"({"ok":{"ok":"1"}})");
}

TEST_F(RunValuesTest, NothingIsKeptForCodeThatDoesNotAsk) {
  own_function = FunctionId(5);
  restart();
  call(HostOp::direct_call, "[1]");
  child_ok(0, 1, "1");
  resume();
  EXPECT_EQ(json(".o:1-add_1"), not_found);
}

}  // namespace
}  // namespace stele::core

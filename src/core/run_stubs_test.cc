// SPDX-License-Identifier: Apache-2.0
// -stub and stub-json.
#include <gtest/gtest.h>

#include "core/run_tester.h"

namespace stele::core {
namespace {

constexpr const char* elsewhere = "E_0000000000000G000000000009.n:a_1";
constexpr const char* own = "E_0000000000000G000000000002.g:1_1";
constexpr std::uint32_t approve = 4;

class RunStubsTest : public ::testing::Test, protected RunTester {
 protected:
  static std::string typed(const std::string& id, const std::string& value) {
    return R"([{"id":")" + id + R"("},)" + value + "]";
  }
  static std::string text(const std::string& id, const std::string& value) {
    return R"([{"id":")" + id + R"("},")" + value + R"("])";
  }
  CallOutcome stub(const std::string& params, std::uint32_t function = approve) {
    return call(HostOp::stub, params, no_join_set_handle, function);
  }
  CallOutcome stub_json(const std::string& params) { return call(HostOp::stub_json, params); }
  /// What the partition decided about the last request.
  std::string decide(Refused refused = {}) {
    std::get<Stub>(history.back().body).refused = std::move(refused);
    run->deliver(std::span(&history.back(), 1));
    return resume().text;
  }
  void own_stub(std::uint32_t function = approve) {
    call(HostOp::join_set_create);
    call(HostOp::submit, "[]", 0, function);
    accept();
  }
};

TEST_F(RunStubsTest, WaitsForItsEntryAndReplaysIt) {
  EXPECT_EQ(stub(typed(elsewhere, R"({"ok":1.50})")).state, CallState::parked);
  EXPECT_EQ(taken.state, RunState::running);
  ASSERT_EQ(taken.requests.size(), 1U);
  EXPECT_EQ(taken.requests[0].function, FunctionId(approve));
  EXPECT_EQ(taken.requests[0].value.value, "1.50");
  EXPECT_FALSE(taken.requests[0].own_child.has_value());
  EXPECT_EQ(resume().state, CallState::parked);
  EXPECT_EQ(decide(), R"({"ok":null})");
  stub(typed(elsewhere, R"({"err":"x"})"));
  EXPECT_EQ(taken.requests[0].value.kind, OutcomeKind::err);
  EXPECT_EQ(decide({.kind = Refused::Kind::conflict}), R"({"err":"conflict"})");
  stub_json(text(elsewhere, R"({\"ok\":1})"));
  EXPECT_EQ(taken.requests[0].params, R"({"ok":1})");
  EXPECT_EQ(taken.requests[0].function, FunctionId());
  EXPECT_EQ(decide({.kind = Refused::Kind::execution_not_found}),
            R"({"err":"execution_not_found"})");
  stub_json(text(elsewhere, R"({\"ok\":2})"));
  EXPECT_EQ(decide({.kind = Refused::Kind::type_check, .text = "no"}),
            R"({"err":{"type_check_error":"no"}})");
  restart();
  EXPECT_EQ(stub(typed(elsewhere, R"({"ok":1.50})")).text, R"({"ok":null})");
  EXPECT_EQ(stub(typed(elsewhere, R"({"err":"x"})")).text, R"({"err":"conflict"})");
  EXPECT_EQ(stub_json(text(elsewhere, R"({\"ok\":1})")).text, R"({"err":"execution_not_found"})");
  EXPECT_EQ(stub_json(text(elsewhere, R"({\"ok\":2})")).text,
            R"({"err":{"type_check_error":"no"}})");
  restart();
  EXPECT_EQ(stub(typed(elsewhere, R"({"ok":2})")).state, CallState::trapped);
  EXPECT_TRUE(run->broken()->detail.contains("! value hash"));
}

TEST_F(RunStubsTest, KnowsItsOwnChildren) {
  own_stub();
  stub(typed(own, R"({"ok":null})"));
  ASSERT_TRUE(taken.requests[0].own_child.has_value());
  EXPECT_EQ(taken.requests[0].own_child->join_set, JoinSetOrdinal(0));
  EXPECT_EQ(taken.requests[0].own_child->index, 1U);
  EXPECT_EQ(taken.requests[0].value.value, "null") << "its type says that it is no unit";
  EXPECT_EQ(decide(), R"({"ok":null})");
  stub_json(text(own, R"({\"ok\":7})"));
  EXPECT_TRUE(taken.requests[0].own_child.has_value());
  EXPECT_EQ(taken.requests[0].value.value, "7");
  EXPECT_TRUE(taken.requests[0].params.empty());
  decide();
  stub(typed("E_0000000000000G000000000002.g:1_2", R"({"ok":1})"));
  EXPECT_FALSE(taken.requests[0].own_child.has_value());
}

TEST_F(RunStubsTest, OtherFunctionsAndValuesAreTypeErrors) {
  own_stub(1);
  const std::string mismatch = stub(typed(own, R"({"ok":1})")).text;
  EXPECT_EQ(mismatch, std::string(R"({"err":{"type_check_error":"the execution )") + own +
                          R"( is a call of t:act/step.add, not of t:act/step.approve"}})");
  call(HostOp::submit, "[]", 0, approve);
  const std::string second = "E_0000000000000G000000000002.g:1_2";
  const std::string refused = stub_json(text(second, R"({\"ok\":\"bad\"})")).text;
  EXPECT_EQ(refused, R"({"err":{"type_check_error":"the value does not fit"}})");
  accept();
  ASSERT_EQ(taken.requests.size(), 3U);
  EXPECT_TRUE(std::get<Stub>(taken.requests[0].body).refused);
  restart();
  call(HostOp::join_set_create);
  call(HostOp::submit, "[]", 0, 1);
  EXPECT_EQ(stub(typed(own, R"({"ok":1})")).text, mismatch);
  call(HostOp::submit, "[]", 0, approve);
  EXPECT_EQ(stub_json(text(second, R"({\"ok\":\"bad\"})")).text, refused);
  EXPECT_FALSE(run->replaying());
}

TEST_F(RunStubsTest, WrongIdsLeaveNoTrace) {
  const std::string top = "E_0000000000000G000000000009";
  EXPECT_EQ(stub(typed(top, R"({"ok":1})")).text, R"({"err":"execution_not_found"})");
  EXPECT_EQ(stub(typed("what", R"({"ok":1})")).text, R"({"err":"execution_not_found"})");
  EXPECT_EQ(stub_json(text(top, "x")).text,
            R"({"err":{"execution_id_parsing_error":"must not be a top-level execution id"}})");
  EXPECT_TRUE(
      stub_json(text("what", "x")).text.starts_with(R"({"err":{"execution_id_parsing_error":")"));
  accept();
  EXPECT_TRUE(taken.requests.empty());
}

}  // namespace
}  // namespace stele::core

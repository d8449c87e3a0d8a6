// SPDX-License-Identifier: Apache-2.0
#include "wasm/wasmtime/engines.h"

#include <gtest/gtest.h>

#include "wasm/wasmtime/fixture_for_test.h"

namespace stele::wasm {
namespace {

using test::answered;
using test::EnginesTest;
using test::pending;
using test::ScriptedHost;

TEST_F(EnginesTest, answers_calls_at_once) {
  std::vector<std::string> seen;
  ScriptedHost host([&](const HostCall& call) {
    seen.push_back(call.params->render().value());
    return answered(std::to_string(seen.size() * 10));
  });
  const auto component = workflow(test::counting_guest());
  const auto guest = start(*component, host, "[3]");
  const PollResult result = poll(*guest);
  ASSERT_EQ(result.state, PollState::finished) << result.failure.reason;
  EXPECT_TRUE(result.finished.ok);
  EXPECT_EQ(result.finished.value, "60");
  EXPECT_EQ(seen, (std::vector<std::string>{"[3]", "[2]", "[1]"}));
}

TEST_F(EnginesTest, parks_and_goes_on_with_the_answer) {
  int calls = 0;
  ScriptedHost host([&](const HostCall& call) {
    EXPECT_EQ(call.import, 0U);
    EXPECT_EQ(call.handle, no_handle);
    ++calls;
    return pending();
  });
  const auto component = workflow(test::counting_guest());
  const auto guest = start(*component, host, "[2]");
  EXPECT_EQ(poll(*guest).state, PollState::parked);
  EXPECT_EQ(poll(*guest).state, PollState::parked);
  EXPECT_EQ(calls, 1);
  guest->resume(answered("5"));
  EXPECT_EQ(poll(*guest).state, PollState::parked);
  guest->resume(answered("18446744073709551000"));
  const PollResult result = poll(*guest);
  ASSERT_EQ(result.state, PollState::finished) << result.failure.reason;
  EXPECT_EQ(result.finished.value, "18446744073709551005");
  EXPECT_EQ(wakes_.count.load(), 0);
}

TEST_F(EnginesTest, describes_what_it_compiled) {
  const auto component = workflow(test::counting_guest());
  const Description& about = component->description();
  ASSERT_EQ(about.exports.size(), 1U);
  EXPECT_EQ(about.exports[0].ffqn(), "t:p/api.run");
  EXPECT_EQ(about.exports[0].result, "result<u64>");
  EXPECT_TRUE(about.exports[0].extendable);
  ASSERT_EQ(about.imports.size(), 1U);
  EXPECT_EQ(about.imports[0].ffqn(), "t:p/act.step");
  EXPECT_EQ(about.digest.size(), 71U);
}

/// Exports `t:p/api.run` with a record parameter and a variant error.
std::string typed_guest() {
  return R"((component
 (type $r' (record (field "first-name" string) (field "age" (option u8))))
 (type $e' (variant (case "execution-failed") (case "permanent-refusal" string) (case "busy")))
 (core module $m (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "run") (param i32 i32 i32 i32) (result i32)
   (i32.store8 (i32.const 0) (i32.const 1)) (i32.store8 (i32.const 8) (i32.const 1))
   (i32.store (i32.const 12) (local.get 0)) (i32.store (i32.const 16) (local.get 1))
   (i32.const 0)))
 (core instance $c (instantiate $m))
 (func $run (param "person" $r') (result (result u64 (error $e')))
  (canon lift (core func $c "run") (memory (core memory $c "memory"))
   (realloc (core func $c "realloc"))))
 (component $shim
  (type $r' (record (field "first-name" string) (field "age" (option u8))))
  (type $e' (variant (case "execution-failed") (case "permanent-refusal" string) (case "busy")))
  (import "r" (type $r (eq $r'))) (import "e" (type $e (eq $e')))
  (import "run" (func $run (param "person" $r) (result (result u64 (error $e)))))
  (export $xr "person" (type $r)) (export $xe "failure" (type $e))
  (export "run" (func $run) (func (param "person" $xr) (result (result u64 (error $xe))))))
 (instance $api (instantiate $shim (with "r" (type $r')) (with "e" (type $e'))
  (with "run" (func $run))))
 (export "t:p/api" (instance $api)))
)";
}

TEST_F(EnginesTest, checks_values_from_users) {
  const auto component =
      compiled({.kind = ComponentKind::activity, .name = "typed", .bytes = typed_guest()});
  const auto params = component->check_params(test::run_function, R"([{"first-name":"a"}])");
  ASSERT_TRUE(params.has_value()) << params.error().reason;
  EXPECT_EQ(params->text, R"([{"first_name":"a","age":null}])");
  const auto same =
      component->check_params(test::run_function, R"([ {"age":null, "first_name":"a"} ])");
  EXPECT_EQ(same->hash, params->hash);
  const auto wrong = component->check_params(test::run_function, R"([{"first_name":7}])");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, Code::invalid_argument);
  EXPECT_NE(wrong.error().reason.find("1-th parameter"), std::string::npos) << wrong.error().reason;
  EXPECT_FALSE(component->check_params(test::run_function, "[]").has_value());

  const auto check = [&](std::string_view json) {
    return component->check_result(test::run_function, json);
  };
  EXPECT_FALSE(check(R"({"ok":3})")->permanent);
  EXPECT_FALSE(check(R"({"err":"busy"})")->permanent);
  EXPECT_TRUE(check(R"({"err":{"permanent-refusal":"x"}})")->permanent);
  EXPECT_EQ(check(R"({"err":{"permanent-refusal":"x"}})")->text,
            R"({"err":{"permanent_refusal":"x"}})");
  EXPECT_FALSE(check(R"({"ok":"x"})").has_value());
}

TEST_F(EnginesTest, tells_a_permanent_error) {
  const auto component =
      compiled({.kind = ComponentKind::activity, .name = "typed", .bytes = typed_guest()});
  ScriptedHost host;
  const auto guest = start(*component, host, R"([{"first_name":"no","age":3}])");
  const PollResult result = poll(*guest);
  ASSERT_EQ(result.state, PollState::finished) << result.failure.reason;
  EXPECT_FALSE(result.finished.ok);
  EXPECT_TRUE(result.finished.permanent);
  EXPECT_EQ(result.finished.value, R"({"permanent_refusal":"no"})");
}

TEST_F(EnginesTest, keeps_the_order_of_join_set_calls) {
  std::vector<std::string> seen;
  const auto component = workflow(test::join_set_guest(R"(
    (local.set $first (call $create)) (local.set $second (call $create))
    (call $drop (local.get $first)) (call $id (local.get $second) (i32.const 4))
    (call $close (local.get $second)))"));
  const auto& imports = component->description().imports;
  std::uint32_t created = 6;
  ScriptedHost host([&](const HostCall& call) {
    const bool drop = call.import == import_drop_join_set;
    const std::string name = drop ? "drop" : imports.at(call.import).name;
    seen.push_back(name + " " + (call.handle == no_handle ? "-" : std::to_string(call.handle)) +
                   " " + call.params->render().value());
    if (drop) return pending();
    if (name == "join-set-create") return answered(std::to_string(++created));
    return answered(name == "join-set-close" ? "null" : "\"g:8\"");
  });
  const auto guest = start(*component, host, "[]");
  ASSERT_EQ(poll(*guest).state, PollState::parked);
  EXPECT_EQ(seen.back(), "drop 7 []");
  guest->resume(answered("null"));
  const PollResult result = poll(*guest);
  ASSERT_EQ(result.state, PollState::finished) << result.failure.reason;
  EXPECT_EQ(result.finished.value, "\"g:8\"");
  EXPECT_EQ(seen,
            (std::vector<std::string>{"join-set-create - []", "join-set-create - []", "drop 7 []",
                                      "[method]join-set.id 8 []", "join-set-close 8 []"}));
}

TEST_F(EnginesTest, takes_a_handle_within_a_result) {
  const auto component = workflow(test::join_set_guest(R"(
    (call $named (i32.const 512) (i32.const 4) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (call $id (i32.load (i32.const 68)) (i32.const 4))
    (call $drop (i32.load (i32.const 68))))"));
  const auto& imports = component->description().imports;
  std::uint32_t dropped = no_handle;
  ScriptedHost host([&](const HostCall& call) {
    if (call.import == import_drop_join_set) {
      dropped = call.handle;
      return answered("null");
    }
    if (imports.at(call.import).name != "join-set-create-named") return answered("\"n:name\"");
    EXPECT_EQ(call.params->render().value(), "[\"name\"]");
    return answered("{\"ok\":41}");
  });
  const auto guest = start(*component, host, "[]");
  const PollResult result = poll(*guest);
  ASSERT_EQ(result.state, PollState::finished) << result.failure.reason << result.failure.detail;
  EXPECT_EQ(result.finished.value, "\"n:name\"");
  EXPECT_EQ(dropped, 41U);
}

TEST_F(EnginesTest, a_parked_guest_may_be_dropped) {
  int calls = 0;
  ScriptedHost host([&](const HostCall& /*call*/) {
    ++calls;
    return calls == 1 ? answered("1") : pending();
  });
  const auto component = workflow(
      test::join_set_guest("(local.set $first (call $create)) (call $drop (local.get $first))"));
  auto guest = start(*component, host, "[]");
  ASSERT_EQ(poll(*guest).state, PollState::parked);
  EXPECT_LE(guest->resident_bytes(), 64U << 10U);
  guest.reset();
  EXPECT_EQ(calls, 2);
  auto unstarted = start(*component, host, "[]");
  unstarted.reset();
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace stele::wasm

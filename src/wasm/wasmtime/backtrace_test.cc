// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "wasm/wasmtime/fixture_for_test.h"

namespace stele::wasm {
namespace {

using test::EnginesTest;
using test::ScriptedHost;

/// Calls `random-u64` with and without a backtrace of its own; the parameter says with which:
/// 0 none, 1 plain function, 2 given.
constexpr const char* guest_with_own_backtrace = R"((component
 (import "obelisk:types/backtrace@5.0.0" (instance $types
  (type $symbol' (record (field "func-name" (option string)) (field "file" (option string))
   (field "line" (option u32)) (field "col" (option u32))))
  (export "frame-symbol" (type $symbol (eq $symbol')))
  (type $info' (record (field "module" string) (field "func-name" string)
   (field "symbols" (list $symbol))))
  (export "frame-info" (type $info (eq $info')))
  (type $trace' (record (field "frames" (list $info))))
  (export "wasm-backtrace" (type $trace (eq $trace')))))
 (alias export $types "wasm-backtrace" (type $trace))
 (import "obelisk:workflow/workflow-support-backtrace@6.0.0" (instance $own
  (alias outer 1 $trace (type $outer))
  (export "wasm-backtrace" (type $t (eq $outer)))
  (export "random-u64" (func (param "min" u64) (param "max-exclusive" u64)
   (param "backtrace" (option $t)) (result u64)))))
 (import "obelisk:workflow/workflow-support@6.0.0" (instance $plain
  (export "random-u64" (func (param "min" u64) (param "max-exclusive" u64) (result u64)))))
 (core module $mem (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
 (core instance $mem (instantiate $mem))
 (core func $own (canon lower (func $own "random-u64") (memory (core memory $mem "memory"))
  (realloc (core func $mem "realloc"))))
 (core func $plain (canon lower (func $plain "random-u64")))
 (core module $m
  (import "i" "memory" (memory 1))
  (import "i" "own" (func $own (param i64 i64 i32 i32 i32) (result i64)))
  (import "i" "plain" (func $plain (param i64 i64) (result i64)))
  (data (i32.const 100) "script.jsmain")
  ;; one frame: module, func-name, one symbol with only file and line
  (data (i32.const 200) "\64\00\00\00\09\00\00\00\6d\00\00\00\04\00\00\00\00\01\00\00\01\00\00\00")
  (data (i32.const 256) "\00\00\00\00\00\00\00\00\00\00\00\00\01\00\00\00\64\00\00\00\09\00\00\00\01\00\00\00\07\00\00\00\00\00\00\00\00\00\00\00")
  (func $caller (export "run") (param i64) (result i32)
   (if (i64.eq (local.get 0) (i64.const 1))
    (then (drop (call $plain (i64.const 3) (i64.const 9))))
    (else (drop (call $own (i64.const 3) (i64.const 9) (i64.eq (local.get 0) (i64.const 2))
     (i32.const 200) (i32.const 1)))))
   (i32.const 0)))
 (core instance $c (instantiate $m (with "i" (instance
  (export "memory" (memory $mem "memory")) (export "own" (func $own))
  (export "plain" (func $plain))))))
 (func $run (param "n" u64) (result (result))
  (canon lift (core func $c "run")))
 (instance $api (export "run" (func $run)))
 (export "t:p/api" (instance $api))))";

class BacktraceTest : public EnginesTest {
 protected:
  struct Asked {
    std::string params;
    Hash128 hash;
    std::string backtrace = "none";
  };

  Asked ask(Component& component, std::string_view params, bool backtraces) {
    Asked asked;
    ScriptedHost host([&](const HostCall& call) {
      asked.params = call.params->render().value();
      asked.hash = call.params_hash;
      if (call.backtrace != nullptr) asked.backtrace = call.backtrace->render().value();
      return test::answered("4");
    });
    const auto guest = component
                           .instantiate({.function = test::run_function,
                                         .params = params,
                                         .calls = &host,
                                         .wakes = &wakes_,
                                         .backtraces = backtraces})
                           .value();
    const PollResult result = poll(*guest);
    EXPECT_EQ(result.state, PollState::finished) << result.failure.reason;
    return asked;
  }
};

TEST_F(BacktraceTest, a_call_shows_the_stack_by_the_name_section) {
  const auto component = workflow(test::counting_guest());
  EXPECT_EQ(ask(*component, "[1]", false).backtrace, "none");
  EXPECT_EQ(ask(*component, "[1]", true).backtrace,
            R"({"frames":[{"module":"m","func_name":"summing","symbols":[]}]})");
}

TEST_F(BacktraceTest, a_backtrace_of_the_guest_is_no_parameter) {
  const auto component = workflow(guest_with_own_backtrace);
  const Asked none = ask(*component, "[0]", true);
  const Asked plain = ask(*component, "[1]", true);
  const Asked given = ask(*component, "[2]", true);
  for (const Asked& asked : {none, plain, given}) {
    EXPECT_EQ(asked.params, "[3,9]");
    EXPECT_EQ(asked.hash, plain.hash);
  }
  EXPECT_EQ(given.backtrace, R"({"frames":[{"module":"script.js","func_name":"main","symbols":[)"
                             R"({"func_name":null,"file":"script.js","line":7,"col":null}]}]})");
  EXPECT_NE(none.backtrace.find(R"("func_name":"caller")"), std::string::npos) << none.backtrace;
  EXPECT_EQ(none.backtrace, plain.backtrace);
  EXPECT_EQ(ask(*component, "[2]", false).backtrace, "none");
}

}  // namespace
}  // namespace stele::wasm

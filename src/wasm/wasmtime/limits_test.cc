// SPDX-License-Identifier: Apache-2.0
// What a guest may not use up: each is a failure of that guest alone.
#include <gtest/gtest.h>

#include "wasm/wasmtime/fixture_for_test.h"

namespace stele::wasm {
namespace {

using test::answered;
using test::EnginesTest;
using test::ScriptedHost;

class LimitsTest : public EnginesTest {
 protected:
  static std::shared_ptr<Component> compiled_in(WasmtimeEngines& engines, const std::string& text) {
    auto made = engines.compile({.kind = ComponentKind::workflow, .name = "w", .bytes = text});
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().reason);
    return made ? *made : nullptr;
  }

  Failure failure(Component& component, Limits limits = {}) {
    ScriptedHost host([](const HostCall& /*call*/) { return answered("1"); });
    const PollResult result = poll(*start(component, host, "[]", limits));
    EXPECT_EQ(result.state, PollState::failed);
    return result.failure;
  }

  /// `run: func() -> result` over a core module with these items and this body of `run`.
  static std::string plain_guest(const std::string& items, const std::string& body,
                                 const std::string& lift = {}) {
    return "(component (core module $m " + items + " (func (export \"run\") (result i32) " + body +
           " (i32.const 0))) (core instance $c (instantiate $m)) (func $run (result (result)) " +
           "(canon lift (core func $c \"run\") " + lift + ")) (instance $api (export \"run\" " +
           "(func $run))) (export \"t:p/api\" (instance $api)))";
  }
};

TEST_F(LimitsTest, tables_do_not_grow_past_their_limit) {
  const std::string grow = "(drop (table.grow (ref.null func) (i32.const 99999)))";
  const std::string text = plain_guest("(table 0 funcref)", grow + grow);
  for (const Allocation allocation : {Allocation::pool, Allocation::on_demand}) {
    const auto engines =
        make_wasmtime_engines({.workflow_guests = 4, .allocation = allocation}).value();
    const Failure broken = failure(*compiled_in(*engines, text));
    EXPECT_EQ(broken.kind, FailureKind::memory_limit) << broken.reason;
    EXPECT_EQ(broken.reason,
              "the guest wants 199998 table elements, its limit is 100000 table elements");
  }
  const Failure small = failure(*workflow(text), {.memory_bytes = 65536});
  EXPECT_EQ(small.kind, FailureKind::memory_limit) << small.reason;
}

TEST_F(LimitsTest, memory_does_not_grow_past_the_pools_slot) {
  const std::string text = plain_guest("(memory 1)", "(drop (memory.grow (i32.const 20)))");
  for (const Allocation allocation : {Allocation::pool, Allocation::on_demand}) {
    const auto engines =
        make_wasmtime_engines(
            {.workflow_guests = 4, .memory_bytes = 1U << 20U, .allocation = allocation})
            .value();
    const Failure broken = failure(*compiled_in(*engines, text), {.memory_bytes = 1U << 30U});
    EXPECT_EQ(broken.kind, FailureKind::memory_limit);
    EXPECT_EQ(broken.reason, "the guest wants 1376256 bytes of memory, its limit is 1048576 bytes");
  }
}

TEST_F(LimitsTest, a_declared_maximum_is_seen_by_the_guest) {
  const std::string text = plain_guest(
      "(table 0 10 funcref) (memory 1 2)",
      "(if (i32.ne (table.grow (ref.null func) (i32.const 11)) (i32.const -1)) (then unreachable))"
      "(if (i32.ne (memory.grow (i32.const 2)) (i32.const -1)) (then unreachable))");
  ScriptedHost host;
  const auto component = workflow(text);
  EXPECT_EQ(poll(*start(*component, host, "[]")).state, PollState::finished);
}

TEST_F(LimitsTest, a_start_function_may_trap) {
  const Failure broken = failure(*workflow(plain_guest("(func $s unreachable) (start $s)", "")));
  EXPECT_EQ(broken.kind, FailureKind::trap);
  EXPECT_NE(broken.reason.find("unreachable"), std::string::npos) << broken.reason;
  const Failure data =
      failure(*workflow(plain_guest("(memory 1) (data (i32.const 65536) \"x\")", "")));
  EXPECT_EQ(data.kind, FailureKind::trap);
}

TEST_F(LimitsTest, a_post_return_may_trap) {
  const Failure broken =
      failure(*workflow(plain_guest("(func (export \"after\") (param i32) unreachable)", "",
                                    "(post-return (core func $c \"after\"))")));
  EXPECT_EQ(broken.kind, FailureKind::trap);
  EXPECT_NE(broken.reason.find("unreachable"), std::string::npos) << broken.reason;
}

TEST_F(LimitsTest, a_destructor_may_trap) {
  const Failure broken = failure(*workflow(R"((component
 (core module $d (func (export "dtor") (param i32) unreachable))
 (core instance $d (instantiate $d))
 (type $r (resource (rep i32) (dtor (core func $d "dtor"))))
 (core func $new (canon resource.new $r))
 (core func $drop (canon resource.drop $r))
 (core module $m
  (import "i" "new" (func $new (param i32) (result i32)))
  (import "i" "drop" (func $drop (param i32)))
  (func (export "run") (result i32) (call $drop (call $new (i32.const 1))) (i32.const 0)))
 (core instance $c (instantiate $m (with "i" (instance
  (export "new" (func $new)) (export "drop" (func $drop))))))
 (func $run (result (result)) (canon lift (core func $c "run")))
 (instance $api (export "run" (func $run)))
 (export "t:p/api" (instance $api))))"));
  EXPECT_EQ(broken.kind, FailureKind::trap);
  EXPECT_NE(broken.reason.find("unreachable"), std::string::npos) << broken.reason;
}

TEST_F(LimitsTest, an_exhausted_pool_is_the_hosts_fault) {
  const auto engines = make_wasmtime_engines({.workflow_guests = 1, .other_guests = 1}).value();
  const auto component = compiled_in(
      *engines, plain_guest("(memory 1)", "")
                    .insert(10,
                            " (core module $o (memory 1)) (core instance (instantiate $o))"
                            " (core instance (instantiate $o))"));
  const Failure broken = failure(*component);
  EXPECT_EQ(broken.kind, FailureKind::host) << broken.reason;
  EXPECT_TRUE(broken.reason.starts_with("too many guests at once: ")) << broken.reason;
}

TEST_F(LimitsTest, fuel_is_metered_only_where_it_is_asked_for) {
  const std::string endless = test::summing_guest("(loop $l (br $l))");
  const auto metered = make_wasmtime_engines({.workflow_guests = 4, .fuel = true}).value();
  const auto run = [&](WasmtimeEngines& engines, const std::string& text, Limits limits) {
    ScriptedHost host([](const HostCall& /*call*/) { return answered("1"); });
    const auto component = compiled_in(engines, text);
    return poll(*start(*component, host, "[10]", limits));
  };
  const PollResult out = run(*metered, endless, {.fuel = 50'000});
  EXPECT_EQ(out.state, PollState::failed);
  EXPECT_EQ(out.failure.kind, FailureKind::out_of_fuel);
  EXPECT_EQ(out.failure.reason, "total fuel consumed: 50000");
  EXPECT_EQ(run(*metered, test::counting_guest(), {.fuel = 50'000}).state, PollState::finished);
  EXPECT_EQ(run(*metered, test::counting_guest(), {}).state, PollState::finished);
  EXPECT_EQ(run(engines(), test::counting_guest(), {.fuel = 1}).state, PollState::finished);
}

}  // namespace
}  // namespace stele::wasm

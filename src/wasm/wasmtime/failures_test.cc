// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <thread>

#include "wasm/wasmtime/fixture_for_test.h"

namespace stele::wasm {
namespace {

using test::answered;
using test::EnginesTest;
using test::ScriptedHost;

class FailuresTest : public EnginesTest {
 protected:
  Failure failure(const std::string& body, Limits limits = {}) {
    ScriptedHost host([](const HostCall& /*call*/) { return answered("1"); });
    const auto component = workflow(test::summing_guest(body));
    const auto guest = start(*component, host, "[1]", limits);
    const PollResult result = poll(*guest);
    EXPECT_EQ(result.state, PollState::failed);
    const PollResult again = guest->poll();
    EXPECT_EQ(again.state, PollState::failed);
    EXPECT_EQ(again.failure.reason, result.failure.reason);
    return result.failure;
  }
};

TEST_F(FailuresTest, a_trap_has_a_backtrace) {
  const Failure trap = failure("unreachable");
  EXPECT_EQ(trap.kind, FailureKind::trap);
  EXPECT_NE(trap.reason.find("unreachable"), std::string::npos) << trap.reason;
  EXPECT_NE(trap.detail.find("summing"), std::string::npos) << trap.detail;
}

TEST_F(FailuresTest, the_stack_is_limited) {
  EXPECT_EQ(failure("(local.set $s (call $deep (i64.const 0)))").kind, FailureKind::stack_overflow);
}

TEST_F(FailuresTest, growth_past_the_limit_traps) {
  const Failure limit = failure("(local.set $s (i64.extend_i32_s (memory.grow (i32.const 100))))",
                                {.memory_bytes = 64ULL * 65536});
  EXPECT_EQ(limit.kind, FailureKind::memory_limit);
  EXPECT_NE(limit.reason.find("limit"), std::string::npos) << limit.reason;
  EXPECT_EQ(failure("", {.memory_bytes = 65536}).kind, FailureKind::memory_limit);
}

TEST_F(FailuresTest, computing_ends_at_its_deadline) {
  const Failure deadline = failure("(loop $l (br $l))", {.cpu = milliseconds(50)});
  EXPECT_EQ(deadline.kind, FailureKind::deadline);
  EXPECT_NE(deadline.reason.find("50 ms"), std::string::npos) << deadline.reason;
}

TEST_F(FailuresTest, host_calls_restart_the_deadline) {
  const auto engines = make_wasmtime_engines({.epoch_tick = {}}).value();
  const std::string text = test::summing_guest(
      "(loop $l (drop (call $step (local.get $n))) (loop $m (br_if $m (i64.lt_s (local.tee $s "
      "(i64.add (local.get $s) (i64.const 1))) (i64.const 1000)))) (local.set $s (i64.const 0)) "
      "(br_if $l (i64.ne (local.tee $n (i64.sub (local.get $n) (i64.const 1))) (i64.const 0))))");
  const auto component =
      engines->compile({.kind = ComponentKind::workflow, .name = "w", .bytes = text}).value();
  int calls = 0;
  ScriptedHost host([&](const HostCall& /*call*/) {
    ++calls;
    engines->tick();  // 10 ms of computing for each call
    return answered("1");
  });
  const auto guest = start(*component, host, "[20]", {.cpu = milliseconds(25)});
  const PollResult result = poll(*guest);
  EXPECT_EQ(result.state, PollState::finished) << result.failure.reason;
  EXPECT_EQ(calls, 20);
}

TEST_F(FailuresTest, an_interrupt_ends_an_endless_loop_at_once) {
  const auto engines = make_wasmtime_engines({.epoch_tick = {}}).value();
  const std::string text =
      test::summing_guest("(drop (call $step (i64.const 1))) (loop $l (br $l))");
  const auto component =
      engines->compile({.kind = ComponentKind::workflow, .name = "w", .bytes = text}).value();
  Guest* running = nullptr;
  std::thread interrupter;
  ScriptedHost host([&](const HostCall& /*call*/) {
    interrupter = std::thread([&] { running->interrupt(); });
    return answered("1");
  });
  const auto guest = start(*component, host, "[1]");
  running = guest.get();
  const PollResult result = poll(*guest);
  interrupter.join();
  EXPECT_EQ(result.state, PollState::failed);
  EXPECT_EQ(result.failure.kind, FailureKind::interrupted);
}

TEST_F(FailuresTest, a_guest_yields_at_each_epoch) {
  const auto engines = make_wasmtime_engines({.epoch_tick = {}}).value();
  const std::string text = test::summing_guest("(loop $l (br $l))");
  const auto component =
      engines->compile({.kind = ComponentKind::workflow, .name = "w", .bytes = text}).value();
  ScriptedHost host;
  const auto guest = start(*component, host, "[1]", {.cpu = milliseconds(30)});
  std::atomic<bool> done = false;
  std::thread ticking([&] {
    while (!done) engines->tick();
  });
  int yields = 0;
  PollResult result = guest->poll();
  for (; result.state == PollState::yielded; result = guest->poll()) ++yields;
  done = true;
  ticking.join();
  EXPECT_EQ(result.failure.kind, FailureKind::deadline);
  EXPECT_EQ(yields, 2);
  EXPECT_EQ(wakes_.count.load(), 0);
}

TEST_F(FailuresTest, the_host_may_trap_a_guest) {
  ScriptedHost host([](const HostCall& call) {
    return call.params->render().value() == "[2]" ? test::pending() : test::trapping("no more");
  });
  const auto component = workflow(test::counting_guest());
  const auto guest = start(*component, host, "[1]");
  const PollResult at_once = poll(*guest);
  EXPECT_EQ(at_once.failure.kind, FailureKind::trap);
  EXPECT_EQ(at_once.failure.reason, "no more");
  const auto later = start(*component, host, "[2]");
  ASSERT_EQ(poll(*later).state, PollState::parked);
  later->resume(test::trapping("gone"));
  EXPECT_EQ(poll(*later).failure.reason, "gone");
}

TEST_F(FailuresTest, params_and_answers_are_checked) {
  ScriptedHost host([](const HostCall& /*call*/) { return answered("\"x\""); });
  const auto component = workflow(test::counting_guest());
  EXPECT_EQ(poll(*start(*component, host, "[true]")).failure.kind, FailureKind::params);
  const PollResult answer = poll(*start(*component, host, "[1]"));
  EXPECT_EQ(answer.failure.kind, FailureKind::host) << answer.failure.reason;
  const auto unknown = component->instantiate(
      {.function = "t:p/api.walk", .params = "[]", .calls = &host, .wakes = &wakes_});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, Code::not_found);
}

TEST_F(FailuresTest, a_full_pool_is_an_error_of_instantiate) {
  const auto engines = make_wasmtime_engines({.workflow_guests = 2}).value();
  const auto component =
      engines
          ->compile({.kind = ComponentKind::workflow, .name = "w", .bytes = test::counting_guest()})
          .value();
  ScriptedHost host([](const HostCall& /*call*/) { return test::pending(); });
  auto first = start(*component, host, "[1]");
  auto second = start(*component, host, "[1]");
  const Start third{
      .function = test::run_function, .params = "[1]", .calls = &host, .wakes = &wakes_};
  const auto refused = component->instantiate(third);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::resource_exhausted);
  EXPECT_EQ(poll(*first).state, PollState::parked);
  second.reset();
  EXPECT_TRUE(component->instantiate(third).has_value());
}

}  // namespace
}  // namespace stele::wasm

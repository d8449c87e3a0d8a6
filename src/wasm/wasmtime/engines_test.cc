// SPDX-License-Identifier: Apache-2.0
#include "wasm/wasmtime/engines.h"

#include <gtest/gtest.h>

#include "wasm/wasmtime/guests_for_test.h"

namespace stele::wasm {
namespace {

using test::answered;
using test::pending;
using test::ScriptedHost;

class EnginesTest : public testing::Test {
 protected:
  static WasmtimeEngines& engines() {
    static const std::unique_ptr<WasmtimeEngines> made =
        make_wasmtime_engines({.workflow_guests = 64, .other_guests = 16}).value();
    return *made;
  }

  static std::shared_ptr<Component> workflow(const std::string& text) {
    auto made = engines().compile({.kind = ComponentKind::workflow, .name = "w", .bytes = text});
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().reason);
    return made ? *made : nullptr;
  }

  std::unique_ptr<Guest> start(Component& component, HostCalls& host, std::string_view params,
                               Limits limits = {}) {
    auto made = component.instantiate({.guest_id = 1,
                                       .function = test::run_function,
                                       .params = params,
                                       .calls = &host,
                                       .wakes = &wakes_,
                                       .limits = limits});
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().reason);
    return made ? std::move(*made) : nullptr;
  }

  /// Polls until the guest is not just preempted.
  static PollResult poll(Guest& guest) {
    PollResult result = guest.poll();
    while (result.state == PollState::yielded) result = guest.poll();
    return result;
  }

  test::CountedWakes wakes_;
};

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

}  // namespace
}  // namespace stele::wasm

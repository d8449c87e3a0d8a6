// SPDX-License-Identifier: Apache-2.0
// Owns: the engines and the small steps that the tests of this folder share.
// Life cycle: one pair of engines per test program. Thread: the test's.
// Must hold: a test that needs other limits or a cache makes engines of its own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "wasm/wasmtime/guests_for_test.h"

namespace stele::wasm::test {

class EnginesTest : public testing::Test {
 protected:
  static WasmtimeEngines& engines() {
    static const std::unique_ptr<WasmtimeEngines> made =
        make_wasmtime_engines({.workflow_guests = 64, .other_guests = 16}).value();
    return *made;
  }

  static std::shared_ptr<Component> compiled(const ComponentSource& source) {
    auto made = engines().compile(source);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().reason);
    return made ? *made : nullptr;
  }

  static std::shared_ptr<Component> workflow(const std::string& text) {
    return compiled({.kind = ComponentKind::workflow, .name = "w", .bytes = text});
  }

  /// The reason why the source is refused; empty if it is not.
  static std::string refusal(const ComponentSource& source) {
    auto made = engines().compile(source);
    if (made) return {};
    EXPECT_EQ(made.error().code, Code::invalid_argument) << made.error().reason;
    return made.error().reason;
  }

  std::unique_ptr<Guest> start(Component& component, HostCalls& host, std::string_view params,
                               Limits limits = {}, const Environment* environment = nullptr) {
    auto made = component.instantiate({.guest_id = 1,
                                       .function = run_function,
                                       .params = params,
                                       .calls = &host,
                                       .wakes = &wakes_,
                                       .limits = limits,
                                       .environment = environment});
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().reason);
    return made ? std::move(*made) : nullptr;
  }

  /// Polls until the guest is not just preempted.
  static PollResult poll(Guest& guest) {
    PollResult result = guest.poll();
    while (result.state == PollState::yielded) result = guest.poll();
    return result;
  }

  CountedWakes wakes_;
};

}  // namespace stele::wasm::test

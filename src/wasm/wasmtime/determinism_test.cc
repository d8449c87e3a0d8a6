// SPDX-License-Identifier: Apache-2.0
// What WebAssembly leaves open is settled for workflows.
#include <gtest/gtest.h>

#include "wasm/wasmtime/fixture_for_test.h"

namespace stele::wasm {
namespace {

using test::EnginesTest;
using test::ScriptedHost;

class DeterminismTest : public EnginesTest {
 protected:
  std::string outcome(const std::string& body, std::string_view params) {
    ScriptedHost host;
    const auto component = workflow(test::summing_guest(body));
    const PollResult result = poll(*start(*component, host, params));
    EXPECT_EQ(result.state, PollState::finished) << result.failure.reason;
    return result.finished.value;
  }
};

TEST_F(DeterminismTest, a_nan_has_one_form) {
  // The parameter is a signalling NaN with a payload.
  EXPECT_EQ(outcome("(local.set $s (i64.reinterpret_f64 (f64.add (f64.const 1) "
                    "(f64.reinterpret_i64 (local.get $n)))))",
                    "[9219994337134248227]"),
            "9221120237041090560");
}

TEST_F(DeterminismTest, relaxed_operations_have_one_result) {
  EXPECT_EQ(outcome("(local.set $s (i64.extend_i32_u (i32x4.extract_lane 0 "
                    "(i32x4.relaxed_trunc_f32x4_s (f32x4.splat (f32.convert_i64_u "
                    "(local.get $n)))))))",
                    "[10000000000]"),
            "2147483647");
}

TEST_F(DeterminismTest, there_are_no_threads) {
  std::string text = test::summing_guest("");
  const std::string memory = "(memory (export \"memory\") 17)";
  text.insert(text.find(memory) + memory.size(), " (memory 1 1 shared)");
  const std::string reason = refusal({.kind = ComponentKind::workflow, .name = "w", .bytes = text});
  EXPECT_NE(reason.find("threads"), std::string::npos) << reason;
}

}  // namespace
}  // namespace stele::wasm

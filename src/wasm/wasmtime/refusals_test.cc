// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "wasm/wasmtime/fixture_for_test.h"

namespace stele::wasm {
namespace {

using test::EnginesTest;

class RefusalsTest : public EnginesTest {
 protected:
  static void expect_refused(const ComponentSource& source, std::string_view part) {
    const std::string reason = refusal(source);
    EXPECT_NE(reason.find(part), std::string::npos) << reason;
  }

  /// A component that exports one function of a type without code behind it.
  static std::string exporting(const std::string& interface, const std::string& function,
                               const std::string& result) {
    return "(component (core module $m (memory (export \"memory\") 1) (func (export \"f\") "
           "(result i32) unreachable)) (core instance $c (instantiate $m)) (func $f " +
           result + " (canon lift (core func $c \"f\") (memory (core memory $c \"memory\")))) " +
           "(instance $i (export \"" + function + "\" (func $f))) (export \"" + interface +
           "\" (instance $i)))";
  }
};

constexpr const char* unit_result = "(result (result))";

TEST_F(RefusalsTest, bytes_that_are_no_component) {
  expect_refused({.name = "x", .bytes = "hello"}, "not WebAssembly");
  expect_refused({.name = "x", .bytes = ""}, "not WebAssembly");
  expect_refused({.name = "x", .bytes = "(module)"}, "core module");
  expect_refused({.name = "x", .bytes = std::string_view("\0asm\1\0\0\0", 8)}, "core module");
  expect_refused({.name = "x", .bytes = std::string_view("\0asm\x0d\0\1\0\7\7", 10)}, "damaged");
}

TEST_F(RefusalsTest, return_types_that_are_not_allowed) {
  const std::string number = exporting("a:b/c", "f", "(result u32)");
  expect_refused({.kind = ComponentKind::activity, .name = "x", .bytes = number}, "a:b/c.f");
  expect_refused({.kind = ComponentKind::workflow, .name = "x", .bytes = number}, "u32");
  const std::string good = exporting("a:b/c@1.0.0", "f", unit_result);
  EXPECT_EQ(refusal({.kind = ComponentKind::activity, .name = "x", .bytes = good}), "");
}

TEST_F(RefusalsTest, names_that_are_not_allowed) {
  const std::string suffix = exporting("a:b-obelisk-ext/c", "f", unit_result);
  expect_refused({.kind = ComponentKind::workflow, .name = "x", .bytes = suffix}, "-obelisk-ext");
  const std::string cancellable = exporting("a:b/c", "f-cancellable", unit_result);
  expect_refused({.kind = ComponentKind::activity, .name = "x", .bytes = cancellable},
                 "f-cancellable");
  EXPECT_EQ(refusal({.kind = ComponentKind::workflow, .name = "x", .bytes = cancellable}), "");
}

TEST_F(RefusalsTest, imports_that_a_kind_may_not_have) {
  const std::string counting = test::counting_guest();
  expect_refused({.kind = ComponentKind::activity, .name = "x", .bytes = counting}, "t:p/act.step");
  const std::string sets = test::join_set_guest("");
  expect_refused({.kind = ComponentKind::activity, .name = "x", .bytes = sets}, "obelisk:");
  EXPECT_EQ(refusal({.kind = ComponentKind::workflow, .name = "x", .bytes = sets}), "");
  const std::string webhook =
      "(component (import \"obelisk:webhook/webhook-support@6.0.0\" (instance (export "
      "\"execution-id-generate\" (func (result string)))))" +
      exporting("a:b/c", "f", unit_result).substr(10);
  expect_refused({.kind = ComponentKind::workflow, .name = "x", .bytes = webhook},
                 "obelisk:webhook/webhook-support@6.0.0.execution-id-generate");
}

}  // namespace
}  // namespace stele::wasm

// SPDX-License-Identifier: Apache-2.0
#include "wasm/wasmtime/toolchain.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace stele::wasm {
namespace {

constexpr std::string_view flow_wit = R"(package demo:flow;
world flow {
  import obelisk:workflow/workflow-support@6.0.0;
  import demo:act/api@1.0.0;
  export run;
}
interface run { run: func(n: u32) -> result<u32, string>; }
)";
constexpr std::string_view act_wit = R"(package demo:act@1.0.0;
interface api { step: func(n: u32) -> result<u32>; }
world act { export api; }
)";

Function make_function(std::string interface, std::string name, std::vector<Param> params,
                       std::string result) {
  return {.interface = std::move(interface),
          .name = std::move(name),
          .params = std::move(params),
          .result = std::move(result),
          .extendable = true};
}

std::vector<SourceFile> sources() {
  return {{.path = "flow.wit", .text = std::string(flow_wit)},
          {.path = "act.wit", .text = std::string(act_wit)}};
}

class ToolchainTest : public testing::Test {
 protected:
  /// The description of a component that exports `functions`.
  Description exporting(std::vector<Function> functions) {
    const auto component = toolchain->types_only(functions);
    EXPECT_TRUE(component) << component.error().reason;
    auto description = toolchain->inspect(*component);
    EXPECT_TRUE(description) << description.error().reason;
    return *description;
  }

  /// The only problem's reason.
  std::string only_problem(std::span<const LinkParty> parties) {
    const std::vector<LinkProblem> problems = toolchain->check_links(parties);
    EXPECT_EQ(problems.size(), 1U);
    return problems.empty() ? "" : problems[0].reason;
  }

  std::unique_ptr<Toolchain> toolchain = make_toolchain();
};

TEST_F(ToolchainTest, InspectSaysWhatWasSynthesised) {
  const Function function =
      make_function("a:b/c@1.0.0", "go", {{.name = "in", .type = "record{a:u32,b-c:list<string>}"}},
                    "result<variant{x,y(u8)}, string>");
  const Description description = exporting({function});
  ASSERT_EQ(description.exports.size(), 1U);
  const Function& got = description.exports[0];
  EXPECT_EQ(got.ffqn(), "a:b/c@1.0.0.go");
  ASSERT_EQ(got.params.size(), 1U);
  EXPECT_EQ(got.params[0].name, "in");
  EXPECT_EQ(got.params[0].type, function.params[0].type);
  EXPECT_EQ(got.result, function.result);
  EXPECT_TRUE(got.extendable);
  EXPECT_TRUE(description.digest.starts_with("sha256:"));
  EXPECT_EQ(description.digest.size(), 71U);
}

TEST_F(ToolchainTest, RefusalsSayWhatIsWrong) {
  const auto nothing = toolchain->inspect("not wasm");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Code::invalid_argument);
  EXPECT_EQ(nothing.error().reason, "this is not WebAssembly");
  const std::vector<Function> wrong = {make_function("a:b/c", "f", {}, "result<u9>")};
  const auto synthesised = toolchain->types_only(wrong);
  ASSERT_FALSE(synthesised);
  EXPECT_EQ(synthesised.error().reason,
            "function `a:b/c.f`: unknown type `u9` at position 8 of type `result<u9>`");
  const std::vector<SourceFile> bad = {{.path = "bad.wit", .text = "package a:b;\ninterface {"}};
  const auto printed = toolchain->print_wit(bad);
  ASSERT_FALSE(printed);
  EXPECT_NE(printed.error().reason.find("bad.wit:2"), std::string::npos);
}

TEST_F(ToolchainTest, PrintsSources) {
  const auto printed = toolchain->print_wit(sources());
  ASSERT_TRUE(printed) << printed.error().reason;
  EXPECT_TRUE(printed->starts_with("package demo:flow;"));
  EXPECT_NE(printed->find("step: func(n: u32) -> result<u32>;"), std::string::npos);
}

TEST_F(ToolchainTest, GeneratesBindings) {
  const auto made = toolchain->bindings(BindingsLanguage::c, sources(), "flow");
  ASSERT_TRUE(made) << made.error().reason;
  ASSERT_EQ(made->size(), 3U);
  EXPECT_EQ((*made)[0].path, "flow.c");
  EXPECT_EQ((*made)[1].path, "flow.h");
  EXPECT_EQ((*made)[2].path, "flow_component_type.o");
  EXPECT_TRUE((*made)[2].text.starts_with(std::string_view("\0asm", 4)));
  const auto cpp = toolchain->bindings(BindingsLanguage::cpp, sources(), "flow");
  ASSERT_TRUE(cpp) << cpp.error().reason;
  const auto is_header = [](const SourceFile& file) { return file.path == "flow_cpp.h"; };
  EXPECT_TRUE(std::ranges::any_of(*cpp, is_header));
}

TEST_F(ToolchainTest, MakesComponents) {
  const std::string core = R"((module
    (func (export "demo:act/api@1.0.0#step") (param i32) (result i32) unreachable)
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)))";
  const auto made = toolchain->new_component({.core_module = core, .wit = act_wit, .world = "act"});
  ASSERT_TRUE(made) << made.error().reason;
  const auto description = toolchain->inspect(*made);
  ASSERT_TRUE(description) << description.error().reason;
  ASSERT_EQ(description->exports.size(), 1U);
  EXPECT_EQ(description->exports[0].ffqn(), "demo:act/api@1.0.0.step");
  const auto text = toolchain->wit(*made);
  ASSERT_TRUE(text) << text.error().reason;
  EXPECT_NE(text->find("export demo:act/api@1.0.0;"), std::string::npos);
  const auto refused = toolchain->new_component({.core_module = core, .wit = {}, .world = {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "the module embeds no WIT; name its WIT and world");
}

TEST_F(ToolchainTest, LinksThatMeetAreNoProblem) {
  const Description activity =
      exporting({make_function("demo:act/api@1.0.0", "step", {{"n", "u32"}}, "result<u32>")});
  Description workflow = exporting({make_function("demo:flow/run", "run", {}, "result")});
  workflow.imports = {
      make_function("demo:act/api@1.0.0", "step", {{"other-name", "u32"}}, "result<u32>"),
      make_function("demo:act-obelisk-ext/api@1.0.0", "step-submit",
                    {{"join-set", "borrow<join-set>"}, {"n", "u32"}}, "record{id:string}"),
      make_function("obelisk:types/join-set@5.0.0", "[method]join-set.id",
                    {{"self", "borrow<join-set>"}}, "string"),
  };
  const std::vector<LinkParty> parties = {
      {.component = "act", .kind = ComponentKind::activity, .description = &activity},
      {.component = "flow", .kind = ComponentKind::workflow, .description = &workflow}};
  for (const LinkProblem& problem : toolchain->check_links(parties)) {
    ADD_FAILURE() << problem.component << ": " << problem.reason;
  }
}

TEST_F(ToolchainTest, LinkProblemsShowBothSidesAndTheNearest) {
  const Description activity =
      exporting({make_function("demo:act/api@1.0.0", "step", {{"n", "u32"}}, "result<u32>")});
  Description workflow;
  const std::vector<LinkParty> parties = {
      {.component = "act", .kind = ComponentKind::activity, .description = &activity},
      {.component = "flow", .kind = ComponentKind::workflow, .description = &workflow}};
  workflow.imports = {make_function("demo:act/api@1.0.0", "step", {{"n", "u64"}}, "result<u32>")};
  EXPECT_EQ(only_problem(parties),
            "`demo:act/api@1.0.0.step` is imported with other types than it is exported with\n"
            "  imported by `flow`: func(n: u64) -> result<u32>\n"
            "  exported by `act`: func(n: u32) -> result<u32>");
  workflow.imports = {make_function("demo:act/api@1.1.0", "step", {{"n", "u32"}}, "result<u32>")};
  EXPECT_EQ(only_problem(parties),
            "`demo:act/api@1.1.0.step` is exported by no component\n"
            "  imported by `flow`: func(n: u32) -> result<u32>\n"
            "  nearest match: `demo:act/api@1.0.0.step` of `act`: func(n: u32) -> result<u32>");
  workflow.imports = {make_function("zoo:keeper/feeding", "lions", {}, "result")};
  EXPECT_EQ(only_problem(parties),
            "`zoo:keeper/feeding.lions` is exported by no component\n"
            "  imported by `flow`: func() -> result\n"
            "  nothing that is exported resembles it");
}

TEST_F(ToolchainTest, DoubleExportsAreNamed) {
  const Description one = exporting({make_function("a:b/c", "f", {}, "result")});
  const std::vector<LinkParty> parties = {
      {.component = "first", .kind = ComponentKind::activity, .description = &one},
      {.component = "second", .kind = ComponentKind::activity, .description = &one}};
  const std::vector<LinkProblem> problems = toolchain->check_links(parties);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].component, "second");
  EXPECT_EQ(problems[0].function, "a:b/c.f");
  EXPECT_EQ(problems[0].reason,
            "`a:b/c.f` is exported by `first` already; only one component may export a function");
}

}  // namespace
}  // namespace stele::wasm

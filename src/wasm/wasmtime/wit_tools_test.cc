// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "wasm/wasmtime/fixture_for_test.h"
#include "wasm/wasmtime/toolchain.h"

namespace stele::wasm {
namespace {

constexpr std::string_view wait_wit = R"(package demo:outside@1.0.0;
interface desk { wait: func(id: u32) -> result<string, string>; }
)";

class WitToolsTest : public test::EnginesTest {
 protected:
  static std::vector<SourceFile> sources() {
    return {{.path = "desk.wit", .text = std::string(wait_wit)}};
  }

  static std::vector<std::string> paths(const std::vector<SourceFile>& files) {
    std::vector<std::string> paths;
    for (const SourceFile& file : files) paths.push_back(file.path);
    return paths;
  }

  std::unique_ptr<Toolchain> toolchain = make_toolchain();
};

TEST_F(WitToolsTest, describes_sources_as_if_exported) {
  const auto described = toolchain->describe_wit(sources());
  ASSERT_TRUE(described) << described.error().reason;
  ASSERT_EQ(described->exports.size(), 1U);
  EXPECT_EQ(described->exports[0].ffqn(), "demo:outside/desk@1.0.0.wait");
  EXPECT_TRUE(described->exports[0].extendable);
  const std::vector<SourceFile> bad = {{.path = "bad.wit", .text = "package a:b;\ninterface {"}};
  const auto refused = toolchain->describe_wit(bad);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid_argument);
  EXPECT_NE(refused.error().reason.find("bad.wit:2"), std::string::npos);
}

TEST_F(WitToolsTest, writes_what_a_kind_may_import) {
  const std::vector<std::string> workflow = {"obelisk_types@5.0.0/types.wit",
                                             "obelisk_workflow@6.0.0/workflow.wit",
                                             "obelisk_log@1.0.0/log.wit"};
  EXPECT_EQ(paths(toolchain->support_wit(ComponentKind::workflow)), workflow);
  EXPECT_EQ(paths(toolchain->support_wit(ComponentKind::external)).size(), 1U);
}

TEST_F(WitToolsTest, writes_derived_packages) {
  const auto made = toolchain->extension_wit(ComponentKind::external, sources());
  ASSERT_TRUE(made) << made.error().reason;
  const std::vector<std::string> expected = {
      "demo_outside-obelisk-ext@1.0.0/outside-obelisk-ext.wit",
      "demo_outside-obelisk-schedule@1.0.0/outside-obelisk-schedule.wit",
      "demo_outside-obelisk-stub@1.0.0/outside-obelisk-stub.wit"};
  EXPECT_EQ(paths(*made), expected);
  std::vector<SourceFile> all = sources();
  std::ranges::copy(*made, std::back_inserter(all));
  std::ranges::copy(toolchain->support_wit(ComponentKind::workflow), std::back_inserter(all));
  const auto printed = toolchain->print_wit(all);
  EXPECT_TRUE(printed) << printed.error().reason;
}

TEST_F(WitToolsTest, writes_what_a_deployment_offers) {
  const std::vector<Exporter> exporters = {{.kind = ComponentKind::stub, .component = wait_wit}};
  const auto made = toolchain->dependency_wit(exporters);
  ASSERT_TRUE(made) << made.error().reason;
  const std::vector<std::string> expected = {
      "demo_outside@1.0.0/outside.wit", "demo_outside-obelisk-ext@1.0.0/outside-obelisk-ext.wit",
      "demo_outside-obelisk-stub@1.0.0/outside-obelisk-stub.wit", "obelisk_types@5.0.0/types.wit"};
  EXPECT_EQ(paths(*made), expected);
  const std::vector<Exporter> damaged = {{.kind = ComponentKind::stub, .component = "x"}};
  EXPECT_FALSE(toolchain->dependency_wit(damaged));
}

TEST_F(WitToolsTest, stubs_of_wit_are_checked_but_never_run) {
  for (const ComponentKind kind : {ComponentKind::stub, ComponentKind::external}) {
    const auto component = compiled({.kind = kind, .name = "desk", .bytes = wait_wit});
    ASSERT_EQ(component->description().exports.size(), 1U);
    const std::string function = "demo:outside/desk@1.0.0.wait";
    EXPECT_EQ(component->check_params(function, "[7.0]").value().text, "[7]");
    EXPECT_EQ(component->check_result(function, R"({"err":"x"})").value().text, R"({"err":"x"})");
    test::ScriptedHost host;
    const auto guest = component->instantiate(
        {.function = function, .params = "[7]", .calls = &host, .wakes = &wakes_});
    ASSERT_FALSE(guest);
    EXPECT_EQ(guest.error().code, Code::invalid_argument);
  }
  const std::string activity =
      refusal({.kind = ComponentKind::activity, .name = "desk", .bytes = wait_wit});
  EXPECT_EQ(activity, "this is not WebAssembly");
  const std::string name = "package a:b-obelisk-stub; interface c { f: func() -> result; }";
  const std::string suffix = refusal({.kind = ComponentKind::external, .name = "x", .bytes = name});
  EXPECT_NE(suffix.find("packages that end in `-obelisk-stub`"), std::string::npos) << suffix;
}

TEST_F(WitToolsTest, origins_may_not_be_mixed) {
  const Description first = toolchain->describe_wit(sources()).value();
  Description second = first;
  second.exports[0].name = "leave";
  const std::vector<LinkParty> parties = {{.component = "one",
                                           .kind = ComponentKind::stub,
                                           .description = &first,
                                           .origin = WitOrigin::authored},
                                          {.component = "two",
                                           .kind = ComponentKind::external,
                                           .description = &second,
                                           .origin = WitOrigin::synthesised}};
  const std::vector<LinkProblem> problems = toolchain->check_links(parties);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].component, "two");
  EXPECT_NE(problems[0].reason.find("the same origin"), std::string::npos) << problems[0].reason;
}

}  // namespace
}  // namespace stele::wasm

// SPDX-License-Identifier: Apache-2.0
#include "server/wit_deps.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/fixture_for_test.h"

namespace stele::server {
namespace {

/// Notes what it is asked about.
class NotingToolchain final : public cli::FakeToolchain {
 public:
  Result<std::string> types_only(std::span<const wasm::Function> functions) override {
    std::string text = "types";
    for (const wasm::Function& each : functions) {
      text.append(" ").append(each.ffqn()).append(each.result);
    }
    return text;
  }
  Result<wasm::Description> describe_wit(std::span<const wasm::SourceFile> sources) override {
    wasm::Description found;
    found.exports.push_back({"a:b/c", sources[0].text, {}, "u8", true});
    return found;
  }
  Result<std::vector<wasm::SourceFile>> dependency_wit(
      std::span<const wasm::Exporter> exporters) override {
    for (const wasm::Exporter& each : exporters) {
      seen.emplace_back(each.kind, std::string(each.component));
    }
    return std::vector<wasm::SourceFile>{{"a_b/a.wit", "package a:b;"}};
  }

  std::vector<std::pair<wasm::ComponentKind, std::string>> seen;
};

std::optional<std::string> no_variable(const std::string& /*name*/) { return std::nullopt; }

class WitDepsTest : public testing::Test {
 protected:
  WitDepsTest() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder + "/wit");
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder + "/" + name) << text;
  }

  const std::string folder = testing::TempDir() + "stele_wit_deps_test";
  NotingToolchain toolchain;
};

TEST_F(WitDepsTest, ComponentsAreReadBesideTheDeploymentFile) {
  write("d.toml",
        "[[activity_wasm]]\nname=\"a\"\nlocation=\"a.wasm\"\n"
        "[[workflow_wasm]]\nname=\"w\"\nlocation=\"w.wasm\"\n");
  write("a.wasm", "A");
  write("w.wasm", "W");
  const auto files = deployment_wit(folder + "/d.toml", toolchain, no_variable);
  ASSERT_TRUE(files) << files.error().reason;
  EXPECT_EQ(files->front().path, "a_b/a.wit");
  EXPECT_EQ(toolchain.seen,
            (std::vector<std::pair<wasm::ComponentKind, std::string>>{
                {wasm::ComponentKind::activity, "A"}, {wasm::ComponentKind::workflow, "W"}}));
}

TEST_F(WitDepsTest, WhatIsMissingIsNamed) {
  EXPECT_EQ(deployment_wit(folder + "/none.toml", toolchain, no_variable).error().code,
            Code::not_found);
  write("d.toml", "[[activity_wasm]]\nname=\"a\"\nlocation=\"a.wasm\"\n");
  const auto missing = deployment_wit(folder + "/d.toml", toolchain, no_variable);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::not_found);
  EXPECT_NE(missing.error().reason.find("/d.toml:1: component `a`: "), std::string::npos)
      << missing.error().reason;
  EXPECT_EQ(missing.error().subject, folder + "/a.wasm");
}

ComponentSettings inline_of(SectionKind kind, InlineFunction function) {
  ComponentSettings settings;
  settings.kind = kind;
  settings.name = function.ffqn;
  settings.inline_function = std::move(function);
  return settings;
}

TEST_F(WitDepsTest, InlineFunctionsAreOneComponentOfEachKind) {
  write("wit/a.wit", "ask");
  DeploymentFile file;
  const InlineFunction of_wit{"a:b/c.ask", {}, "", "wit"};
  file.components = {inline_of(SectionKind::activity_stub, {"x:y/z.f", {}, "string", ""}),
                     inline_of(SectionKind::activity_external, {"x:y/z.g", {}, "", ""}),
                     inline_of(SectionKind::activity_stub, of_wit)};
  ASSERT_TRUE(deployment_wit(file, folder + "/d.toml", toolchain));
  EXPECT_EQ(toolchain.seen, (std::vector<std::pair<wasm::ComponentKind, std::string>>{
                                {wasm::ComponentKind::stub, "types x:y/z.fstring a:b/c.asku8"},
                                {wasm::ComponentKind::external, "types x:y/z.g"}}));
  file.components[2].inline_function->ffqn = "a:b/c.other";
  const auto missing = deployment_wit(file, folder + "/d.toml", toolchain);
  EXPECT_EQ(missing.error().code, Code::not_found);
  EXPECT_NE(missing.error().reason.find("there is no function a:b/c.other in"), std::string::npos);
}

}  // namespace
}  // namespace stele::server

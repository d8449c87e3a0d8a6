// SPDX-License-Identifier: Apache-2.0
// Deployments that are written in the file itself, as stored and as made again.
#include "server/deployment.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "store/memory/memory_store.h"
#include "wasm/wasmtime/engines.h"
#include "wasm/wasmtime/toolchain.h"

namespace stele::server {
namespace {

class DeploymentTest : public testing::Test {
 protected:
  DeploymentTest() {
    std::string name = std::filesystem::temp_directory_path() / "stele-deployment-XXXXXX";
    folder_ = mkdtemp(name.data());
    engines = *wasm::make_wasmtime_engines({.cache_directory = folder_ + "/cache"});
  }
  ~DeploymentTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }
  void write_component(const std::string& name, const std::string& interface,
                       const std::string& function) {
    const std::array functions{wasm::Function{
        .interface = interface, .name = function, .params = {}, .result = "result<u8>"}};
    write(name, toolchain->types_only(functions).value());
  }
  Result<Deployment> load(const std::string& text) {
    write("d.toml", text);
    return load_deployment(folder_ + "/d.toml", *engines, *toolchain, environment_variable);
  }
  DeploymentRow save(const Deployment& deployment) {
    return store.save_deployment(to_store(deployment, Instant{1})).value();
  }

  std::unique_ptr<wasm::Toolchain> toolchain = wasm::make_toolchain();
  std::unique_ptr<wasm::WasmtimeEngines> engines;
  MemoryStore store{make_memory_content()};

  std::string folder_;
};

constexpr const char* ask = "[[activity_external]]\nffqn = \"demo:shop/outside@1.0.0.ask\"\n";
constexpr const char* approve =
    "[[activity_stub]]\nffqn = \"demo:shop/approvals.wait\"\n"
    "params = [{name = \"order_id\", type = \"u64\"}]\n";

TEST_F(DeploymentTest, InlineFunctionsAreInTheCatalog) {
  const auto deployment = load(std::string(ask) + approve);
  ASSERT_TRUE(deployment) << deployment.error().reason;
  const core::CatalogPtr catalog = make_catalog(*deployment, save(*deployment));
  const core::CatalogFunction* external = catalog->find("demo:shop/outside@1.0.0.ask");
  ASSERT_NE(external, nullptr);
  EXPECT_EQ(external->kind, core::FunctionKind::external);
  EXPECT_EQ(external->error_type, core::ErrorType::text);
  const core::CatalogFunction* stub = catalog->find("demo:shop/approvals.wait");
  ASSERT_NE(stub, nullptr);
  EXPECT_EQ(stub->kind, core::FunctionKind::stub);
  EXPECT_EQ(catalog->component(stub->component).name, "approvals.wait");
  const std::string preimage =
      "activity_stub_inline:demo:shop/approvals.waitu64result<string, string>";
  EXPECT_EQ(catalog->component(stub->component).digest, sha256(preimage));
}

TEST_F(DeploymentTest, AFormerDeploymentIsAsItWas) {
  const auto first = load(ask);
  ASSERT_TRUE(first) << first.error().reason;
  const DeploymentRow row = save(*first);
  const auto second = load(approve);
  ASSERT_TRUE(second) << second.error().reason;
  ASSERT_NE(save(*second).id, row.id);
  const auto former = former_deployment(store, *engines, row.id);
  ASSERT_TRUE(former) << former.error().reason;
  const core::CatalogPtr was = make_catalog(*first, row);
  const core::Catalog& is = *(*former)->catalog;
  EXPECT_EQ(is.deployment(), row.id);
  ASSERT_EQ(is.functions().size(), 1U);
  EXPECT_EQ(is.functions()[0].ffqn, "demo:shop/outside@1.0.0.ask");
  EXPECT_EQ(is.functions()[0].id, was->functions()[0].id);
  EXPECT_EQ(is.functions()[0].lock_expiry, was->functions()[0].lock_expiry);
  EXPECT_EQ(is.component(0).digest, was->component(0).digest);
  ASSERT_EQ((*former)->components.size(), 1U);
  EXPECT_NE((*former)->components[0].component, nullptr);
  EXPECT_EQ(former_deployment(store, *engines, DeploymentId{9}).error().code, Code::not_found);
}

TEST_F(DeploymentTest, SettingsAndSourcesOutliveTheirDeployment) {
  write_component("a.wasm", "demo:x/a", "go");
  write_component("w.wasm", "demo:x/w", "run");
  write("w.rs", "fn run() {}");
  const auto first = load(
      "[[activity_wasm]]\nname = \"a\"\nlocation = \"a.wasm\"\nexec.keepalive = true\n"
      "exec.lock_expiry.seconds = 7\nmax_retries = 2\nretry_jitter = 0.5\n"
      "[[workflow_wasm]]\nname = \"w\"\nlocation = \"w.wasm\"\nexec.instance_limiter = 4\n"
      "exec.locking_strategy = \"by_ffqns\"\nlogs_store_min_level = \"error\"\n"
      "backtrace.sources = {\".../w.rs\" = \"w.rs\"}\n");
  ASSERT_TRUE(first) << first.error().reason;
  const auto former = former_deployment(store, *engines, save(*first).id);
  ASSERT_TRUE(former) << former.error().reason;
  const core::Catalog& catalog = *(*former)->catalog;
  const core::CatalogFunction* go = catalog.find("demo:x/a.go");
  ASSERT_NE(go, nullptr);
  EXPECT_TRUE(go->keepalive);
  EXPECT_EQ(go->lock_expiry, seconds(7));
  EXPECT_EQ(go->retry.max_retries, 2U);
  EXPECT_EQ(go->retry.jitter_percent, 50U);
  EXPECT_FALSE(catalog.find("demo:x/w.run")->retry.max_retries.has_value());
  EXPECT_EQ(catalog.component(1).instances_max, 4U);
  EXPECT_EQ(catalog.component(1).upgrade, core::UpgradeRule::by_function);
  EXPECT_EQ((*former)->components[1].output.log_level_min, 5);
  EXPECT_EQ((*former)->components[1].sources.at(".../w.rs"), "fn run() {}");
}

TEST_F(DeploymentTest, ASourceThatIsNotThereIsRefused) {
  write_component("w.wasm", "demo:x/w", "run");
  const auto deployment = load(
      "[[workflow_wasm]]\nname = \"w\"\nlocation = \"w.wasm\"\n"
      "backtrace.sources = {\".../w.rs\" = \"none.rs\"}\n");
  ASSERT_FALSE(deployment);
  EXPECT_NE(deployment.error().reason.find("none.rs"), std::string::npos);
}

TEST_F(DeploymentTest, TypesComeFromAWitFolder) {
  std::filesystem::create_directory(folder_ + "/wit");
  write("wit/outside.wit",
        "package demo:shop;\ninterface outside {\n  ask: func(n: u32) -> result<bool, string>;\n}\n"
        "world any {\n  export outside;\n}\n");
  const auto deployment =
      load("[[activity_external]]\nffqn = \"demo:shop/outside.ask\"\nwit = \"wit\"\n");
  ASSERT_TRUE(deployment) << deployment.error().reason;
  EXPECT_EQ(deployment->components[0].origin, wasm::WitOrigin::authored);
  const wasm::Description& description = deployment->components[0].component->description();
  ASSERT_EQ(description.exports.size(), 1U);
  EXPECT_EQ(description.exports[0].result, "result<bool, string>");
}

TEST_F(DeploymentTest, AnInterfaceHasOneOrigin) {
  write_component("w.wasm", "demo:shop/approvals", "other");
  const auto deployment =
      load(std::string(approve) + "[[activity_wasm]]\nname = \"w\"\nlocation = \"w.wasm\"\n");
  ASSERT_FALSE(deployment);
  EXPECT_NE(deployment.error().reason.find("demo:shop/approvals"), std::string::npos);
}

TEST_F(DeploymentTest, AFunctionOfTwoComponentsIsRefused) {
  const auto deployment = load(std::string(ask) +
                               "[[activity_stub]]\nname = \"other\"\n"
                               "ffqn = \"demo:shop/outside@1.0.0.ask\"\n");
  ASSERT_FALSE(deployment);
  EXPECT_NE(deployment.error().reason.find("demo:shop/outside@1.0.0.ask"), std::string::npos);
}

TEST_F(DeploymentTest, ProblemsOfAllComponentsAreTogether) {
  const auto deployment = load(
      "[[activity_wasm]]\nname = \"a\"\nlocation = \"no.wasm\"\n"
      "[[activity_stub]]\nffqn = \"demo:shop/approvals.wait-cancellable\"\n"
      "[[activity_external]]\nffqn = \"demo:shop/x.y\"\n"
      "params = [{name = \"a\", type = \"u9\"}]\n");
  ASSERT_FALSE(deployment);
  const std::string& reason = deployment.error().reason;
  for (const char* part : {"no.wasm", "-cancellable", "u9"}) {
    EXPECT_NE(reason.find(part), std::string::npos) << part << ": " << reason;
  }
}

}  // namespace
}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
// Deployments that are written in the file itself, as stored and as made again.
#include "server/deployment.h"

#include <gtest/gtest.h>

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

 private:
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

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "wasm/wasmtime/fixture_for_test.h"

namespace stele::wasm {
namespace {

namespace fs = std::filesystem;

class CacheTest : public testing::Test {
 protected:
  CacheTest() {
    std::string name = testing::TempDir() + "stele-cache-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~CacheTest() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }

  /// Compiles with fresh engines and runs the result; what the cache did.
  WasmtimeFacts compile() {
    const auto engines =
        make_wasmtime_engines({.cache_directory = directory_ / "aot", .workflow_guests = 2})
            .value();
    const std::string text = test::counting_guest();
    auto component =
        engines->compile({.kind = ComponentKind::workflow, .name = "w", .bytes = text});
    EXPECT_TRUE(component.has_value());
    test::ScriptedHost host([](const HostCall& /*call*/) { return test::answered("3"); });
    const auto guest =
        (*component)
            ->instantiate(
                {.function = test::run_function, .params = "[2]", .calls = &host, .wakes = &wakes_})
            .value();
    PollResult result = guest->poll();
    while (result.state == PollState::yielded) result = guest->poll();
    EXPECT_EQ(result.finished.value, "6");
    return engines->facts();
  }

  fs::path entry() const {
    fs::path only;
    for (const auto& file : fs::directory_iterator(directory_ / "aot")) {
      EXPECT_TRUE(only.empty()) << only << " and " << file.path();
      only = file.path();
    }
    return only;
  }

  void expect_recompiled() {
    const WasmtimeFacts facts = compile();
    EXPECT_EQ(facts.compiled, 1U);
    EXPECT_EQ(facts.cached, 0U);
    EXPECT_EQ(compile().cached, 1U);
  }

  test::CountedWakes wakes_;
  fs::path directory_;
};

TEST_F(CacheTest, a_second_start_does_not_compile) {
  expect_recompiled();
  struct stat about{};
  ASSERT_EQ(stat(entry().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  EXPECT_EQ(about.st_uid, geteuid());
}

TEST_F(CacheTest, a_damaged_entry_is_compiled_again) {
  compile();
  const auto size = fs::file_size(entry());
  for (const auto at : {std::uintmax_t{0}, std::uintmax_t{20}, size / 2, size - 1}) {
    std::fstream file(entry(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char old = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(old ^ 1));
    file.close();
    expect_recompiled();
  }
}

TEST_F(CacheTest, a_truncated_entry_is_compiled_again) {
  compile();
  fs::resize_file(entry(), fs::file_size(entry()) - 1);
  expect_recompiled();
  fs::resize_file(entry(), 0);
  expect_recompiled();
}

TEST_F(CacheTest, an_entry_that_others_may_write_is_not_trusted) {
  compile();
  fs::permissions(entry(), fs::perms::group_write, fs::perm_options::add);
  expect_recompiled();
}

TEST_F(CacheTest, a_link_is_not_followed) {
  compile();
  const fs::path real = directory_ / "elsewhere";
  const fs::path name = entry();
  fs::rename(name, real);
  fs::create_symlink(real, name);
  expect_recompiled();
  EXPECT_FALSE(fs::is_symlink(name));
  EXPECT_TRUE(fs::exists(real));
}

TEST_F(CacheTest, without_a_usable_directory_nothing_is_cached) {
  std::ofstream(directory_ / "aot") << "a file";
  EXPECT_EQ(compile().cached, 0U);
  fs::remove(directory_ / "aot");
  fs::create_directory(directory_ / "aot");
  fs::permissions(directory_ / "aot", fs::perms::others_write, fs::perm_options::add);
  compile();
  EXPECT_TRUE(fs::is_empty(directory_ / "aot"));
}

}  // namespace
}  // namespace stele::wasm

// SPDX-License-Identifier: Apache-2.0
#include "server/server_paths.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace stele::server {
namespace {

namespace fs = std::filesystem;

TEST(server_paths, a_data_directory_behind_a_link_is_the_one_that_it_leads_to) {
  const fs::path folder = fs::path(::testing::TempDir()) / "stele_server_paths";
  fs::remove_all(folder);
  fs::create_directories(folder / "real");
  fs::create_directory_symlink(folder / "real", folder / "link");
  const std::string real = fs::canonical(folder / "real").string();
  EXPECT_EQ(data_directory(folder / "link").value(), real);
  EXPECT_EQ(data_directory(folder / "link" / "new").value(), real + "/new") << "not made yet";
  EXPECT_FALSE(fs::exists(folder / "real" / "new"));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace stele::server

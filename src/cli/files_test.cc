// SPDX-License-Identifier: Apache-2.0
#include "cli/files.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace stele::cli {
namespace {

class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    std::string pattern = testing::TempDir() + "stele-files-XXXXXX";
    directory = ::mkdtemp(pattern.data());
  }
  ~FilesTest() override { std::filesystem::remove_all(directory); }
  std::string directory;
};

TEST_F(FilesTest, WritesMakeDirectoriesAndSayWhatChanged) {
  const std::string path = directory + "/a/b/c.txt";
  EXPECT_EQ(write_file(path, "one").value(), WriteStatus::written);
  EXPECT_EQ(write_file(path, "one").value(), WriteStatus::unchanged);
  EXPECT_EQ(write_file(path, "two").value(), WriteStatus::written);
  EXPECT_EQ(read_file(path).value(), "two");
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_F(FilesTest, ErrorsNameTheFile) {
  const auto missing = read_file(directory + "/none");
  EXPECT_EQ(missing.error().code, Code::not_found);
  EXPECT_EQ(missing.error().subject, directory + "/none");
  EXPECT_EQ(read_file(directory).error().code, Code::invalid_argument);
  ASSERT_TRUE(write_file(directory + "/file", "x"));
  EXPECT_FALSE(write_file(directory + "/file/below", "x"));
}

TEST_F(FilesTest, WitIsFoundBelowTheFolderInOrder) {
  ASSERT_TRUE(write_file(directory + "/world.wit", "w"));
  ASSERT_TRUE(write_file(directory + "/deps/a/x.wit", "x"));
  ASSERT_TRUE(write_file(directory + "/deps/readme.md", "r"));
  const auto files = read_wit(directory).value();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].path, "deps/a/x.wit");
  EXPECT_EQ(files[1].path, "world.wit");
  EXPECT_EQ(read_wit(directory + "/world.wit")->front().text, "w");
  EXPECT_EQ(read_wit(directory + "/none").error().code, Code::not_found);
  ASSERT_TRUE(write_file(directory + "/empty/x.txt", ""));
  EXPECT_EQ(read_wit(directory + "/empty").error().code, Code::not_found);
}

}  // namespace
}  // namespace stele::cli

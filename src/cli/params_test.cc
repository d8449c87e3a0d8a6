// SPDX-License-Identifier: Apache-2.0
#include "cli/params.h"

#include <gtest/gtest.h>

namespace stele::cli {
namespace {

TEST(Params, AreOneArrayOrOneValueForEachWord) {
  EXPECT_EQ(read_params({}).value(), "[]");
  EXPECT_EQ(read_params({.words = {" [1, \"two\"]"}, .separate = false}).value(), " [1, \"two\"]");
  EXPECT_EQ(read_params({.words = {"1", "\"two\"", "[]"}, .separate = true}).value(),
            "[1,\"two\",[]]");
}

TEST(Params, OtherTextIsRefused) {
  const std::string with_nul("[1]\0[2]", 7);
  for (const std::string& word : {std::string("{}"), std::string("[1"), std::string(), with_nul}) {
    const auto refused = read_params({.words = {word}, .separate = false});
    ASSERT_FALSE(refused) << word;
    EXPECT_EQ(refused.error().code, Code::invalid_argument);
  }
  EXPECT_FALSE(read_params({.words = {"two"}, .separate = true}));
  EXPECT_FALSE(read_params({.words = {with_nul}, .separate = true}));
  EXPECT_FALSE(read_params({.words = {"[1]", "[2]"}, .separate = false}));
}

}  // namespace
}  // namespace stele::cli

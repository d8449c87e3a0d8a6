// SPDX-License-Identifier: Apache-2.0
#include "core/run_raw.h"

#include <gtest/gtest.h>

#include <string>

namespace stele::core {
namespace {

TEST(RunRaw, CutsWithoutReading) {
  const auto elements = raw_elements(R"( [ 1.50 , "a,]\"" ,{"x":[1,2]}, [] ] )");
  ASSERT_TRUE(elements.has_value());
  EXPECT_EQ(*elements,
            (std::vector<std::string_view>{"1.50", R"("a,]\"")", R"({"x":[1,2]})", "[]"}));
  EXPECT_TRUE(raw_elements("[]")->empty());
  const auto member = raw_member(R"({ "ok" : {"a":":"} })");
  ASSERT_TRUE(member.has_value());
  EXPECT_EQ(member->key, "ok");
  EXPECT_EQ(member->value, R"({"a":":"})");
}

TEST(RunRaw, RefusesOtherText) {
  for (const char* text : {"", "x", "[", "{}", "\"[\""})
    EXPECT_FALSE(raw_elements(text).has_value()) << text;
  for (const char* text : {"", "[]", "{}", "{1:2}", "{\"a\"}", "{", R"({"a":1,"b":2})"})
    EXPECT_FALSE(raw_member(text).has_value()) << text;
}

}  // namespace
}  // namespace stele::core

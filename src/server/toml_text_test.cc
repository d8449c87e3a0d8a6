// SPDX-License-Identifier: Apache-2.0
#include "server/toml_text.h"

#include <gtest/gtest.h>

namespace stele::server {
namespace {

TEST(TomlText, QuotesAndCommentsMayHoldAnyCharacter) {
  const auto table = parse_toml("a = \"\"\"ł\"\"\"\" # ł\n\"ł\" = 'ł'\n", "d.toml");
  ASSERT_TRUE(table) << table.error().reason;
  EXPECT_EQ(table->at("a").value_or(std::string()), "ł\"");
  EXPECT_EQ(table->at("ł").value_or(std::string()), "ł");
}

TEST(TomlText, TextThatIsNoTomlIsRefusedWithItsPlace) {
  for (const std::string_view text : {"[$", "[${", "[[=", "a.$", "\"", "'''", "\"\"\"\\", "ł",
                                      "a = ł", "a = 1ł", "[ł]", "a = 998.8[\"8ˮ\"\"\nca"}) {
    const auto refused = parse_toml(text, "d.toml");
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code::invalid_argument);
    EXPECT_TRUE(refused.error().reason.starts_with("d.toml:1:")) << refused.error().reason;
  }
}

}  // namespace
}  // namespace stele::server

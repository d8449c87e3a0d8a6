// SPDX-License-Identifier: Apache-2.0
#include "server/toml_text.h"

#include <gtest/gtest.h>

namespace stele::server {
namespace {

constexpr std::size_t nowhere = std::string_view::npos;

TEST(TomlText, QuotesAndCommentsMayHoldAnyCharacter) {
  for (const std::string_view text :
       {"a = \"ł\" # ł\n", "a = 'ł\\' # ł", "\"ł\" = 1", "a = \"\\\"ł\"", "\xef\xbb\xbfname = 1",
        "a = \"\"\"\n\"ł\\\"\"\"ł\"\"\"\"\nb = 2", "a = '''ł'ł''''", "a = \"\"\nb = ''", ""}) {
    EXPECT_EQ(stray_character(text), nowhere) << text;
  }
  const auto table = parse_toml("a = \"\"\"ł\"\"\"\" # ł\n\"ł\" = 'ł'\n", "d.toml");
  ASSERT_TRUE(table) << table.error().reason;
  EXPECT_EQ(table->at("a").value_or(std::string()), "ł\"");
  EXPECT_EQ(table->at("ł").value_or(std::string()), "ł");
}

TEST(TomlText, OtherCharactersAreRefusedWithTheirPlace) {
  EXPECT_EQ(stray_character("ł"), 0U);
  EXPECT_EQ(stray_character("a = \"x\" ł"), 8U);
  EXPECT_EQ(stray_character("a = '''x'''ł"), 11U);
  EXPECT_EQ(stray_character("a = \"open\nł = 1"), 10U);
  const auto refused = parse_toml("a = 1\nł = 2\n", "d.toml");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().reason.starts_with("d.toml:2:1: ")) << refused.error().reason;
}

TEST(TomlText, TextThatIsNoTomlIsRefusedWithItsPlace) {
  for (const std::string_view text : {"[$", "[${", "[[=", "a.$", "\"", "'''", "\"\"\"\\"}) {
    const auto refused = parse_toml(text, "d.toml");
    ASSERT_FALSE(refused) << text;
    EXPECT_TRUE(refused.error().reason.starts_with("d.toml:1:")) << refused.error().reason;
  }
}

}  // namespace
}  // namespace stele::server

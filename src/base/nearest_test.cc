// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace stele {
namespace {

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance(std::string(1000, 'a'), std::string(1000, 'a')), 0U);
}

TEST(Nearest, FindsWhatWasMeant) {
  constexpr std::array<std::string_view, 3> keys{"max_retries", "name", "location"};
  EXPECT_EQ(nearest("max_retry", keys), "max_retries");
  EXPECT_EQ(nearest("nmae", keys), "name");
  EXPECT_EQ(nearest("quite_different", keys), "");
}

}  // namespace
}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
#include "base/json_slice.h"

#include <gtest/gtest.h>

namespace stele {
namespace {

using Parts = std::vector<std::string_view>;

TEST(JsonSlice, CutsAnArrayWithoutChangingItsParts) {
  EXPECT_EQ(json_elements("[]"), Parts());
  EXPECT_EQ(json_elements(" [ 1.0 , \"a,]\\\"\" , {\"k\":[1,2]} ] "),
            (Parts{"1.0", "\"a,]\\\"\"", "{\"k\":[1,2]}"}));
  EXPECT_EQ(json_elements("[[],[1,[2]]]"), (Parts{"[]", "[1,[2]]"}));
}

TEST(JsonSlice, GivesNothingForWhatIsNoArray) {
  for (const std::string_view text :
       {"", "[", "1", "{}", "[1", "[1,]", "[,]", "[\"a]", "[]]", "[}{]", "[1] 2", "[\"\\\"]"})
    EXPECT_EQ(json_elements(text), std::nullopt) << text;
}

}  // namespace
}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <gtest/gtest.h>

#include <array>

namespace stele {
namespace {

struct TimeCase {
  std::int64_t us;
  std::string_view text;
};

constexpr std::array cases{
    TimeCase{0, "1970-01-01T00:00:00Z"},
    TimeCase{1'500'000, "1970-01-01T00:00:01.5Z"},
    TimeCase{-1, "1969-12-31T23:59:59.999999Z"},
    TimeCase{951'782'400'000'000, "2000-02-29T00:00:00Z"},
    TimeCase{1'795'248'000'000'001, "2026-11-21T08:00:00.000001Z"},
};

TEST(Time, TextGoesBothWays) {
  for (const TimeCase& row : cases) {
    EXPECT_EQ(to_rfc3339(Instant{row.us}), row.text);
    const auto parsed = from_rfc3339(row.text);
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(parsed->us, row.us) << row.text;
  }
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const std::string_view text :
       {"", "2026", "2026-13-01T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1x Z"})
    EXPECT_FALSE(from_rfc3339(text)) << text;
}

TEST(Time, ArithmeticSaturates) {
  EXPECT_EQ((instant_max + seconds(1)).us, INT64_MAX);
  EXPECT_EQ((Instant{INT64_MIN} + seconds(-1)).us, INT64_MIN);
  EXPECT_EQ((instant_max - Instant{INT64_MIN}).us, INT64_MAX);
}

}  // namespace
}  // namespace stele

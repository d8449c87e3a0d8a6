// SPDX-License-Identifier: Apache-2.0
// Ids of delays, and what may be submitted.
#include <gtest/gtest.h>

#include "runtime/engine.h"
#include "runtime/submittable.h"

namespace stele::runtime {
namespace {

constexpr std::string_view ulid = "01JQ0000000000000000000000";

TEST(DelayName, IsCutIntoItsParts) {
  const std::string text = "Delay_" + std::string(ulid) + ".n:a_1.o:2-sleep_1";
  const auto name = parse_delay_name(text);
  ASSERT_TRUE(name) << name.error().reason;
  EXPECT_EQ(to_text(name->owner), "E_" + std::string(ulid) + ".n:a_1");
  EXPECT_EQ(name->join_set, "o:2-sleep");
  EXPECT_EQ(name->index, 1U);
}

TEST(DelayName, OfOlderReleasesIsAcceptedToo) {
  const auto name = parse_delay_name("Delay_E_" + std::string(ulid) + ".g:1_12");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->join_set, "g:1");
  EXPECT_EQ(name->index, 12U);
}

TEST(DelayName, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "Delay_", "Delay_x.g:1_1", "E_01JQ0000000000000000000000",
        "Delay_01JQ0000000000000000000000", "Delay_01JQ0000000000000000000000.g:1",
        "Delay_01JQ0000000000000000000000.g:1_", "Delay_01JQ0000000000000000000000.g:1_x",
        "Delay_01JQ0000000000000000000000.g:1_99999999999"})
    EXPECT_EQ(parse_delay_name(text).error().code, Code::invalid_argument) << text;
}

TEST(Submittable, IsTheFunctionItself) {
  const auto plain = submittable("a:b/c@1.0.0.f", "[1.0]");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->ffqn, "a:b/c@1.0.0.f");
  EXPECT_EQ(plain->params, "[1.0]");
  EXPECT_FALSE(plain->schedule);
}

TEST(Submittable, OfAScheduleFunctionIsItsTargetWithATime) {
  const auto later = submittable("a:b-obelisk-schedule/c@1.0.0.f-schedule",
                                 R"([{"in":{"seconds":5}}, 1.0 , "x"])");
  ASSERT_TRUE(later) << later.error().reason;
  EXPECT_EQ(later->ffqn, "a:b/c@1.0.0.f");
  EXPECT_EQ(later->params, R"([1.0,"x"])");
  ASSERT_TRUE(later->schedule);
  EXPECT_EQ(later->schedule->in, seconds(5));
  const auto now = submittable("a:b-obelisk-schedule/c.f-schedule", R"(["now"])");
  ASSERT_TRUE(now);
  EXPECT_EQ(now->params, "[]");
}

TEST(Submittable, RefusesWhatCannotBe) {
  const auto code = [](std::string_view ffqn, std::string_view params) {
    const auto made = submittable(ffqn, params);
    return made ? std::string_view("ok") : code_name(made.error().code);
  };
  EXPECT_EQ(code("a:b-obelisk-ext/c.f-submit", "[]"), "invalid_argument");
  EXPECT_EQ(code("a:b-obelisk-stub/c.f-stub", "[]"), "invalid_argument");
  EXPECT_EQ(code("obelisk:workflow/workflow-support@6.0.0.sleep", "[]"), "invalid_argument");
  EXPECT_EQ(code("a:b-obelisk-schedule/c.f-schedule", "[]"), "invalid_argument");
  EXPECT_EQ(code("a:b-obelisk-schedule/c.f-schedule", "{}"), "invalid_argument");
  EXPECT_EQ(code("a:b-obelisk-schedule/c.f-schedule", "[\"soon\"]"), "invalid_argument");
  EXPECT_EQ(code("a:b-obelisk-schedule/c.f-schedule", "["), "invalid_argument");
}

}  // namespace
}  // namespace stele::runtime

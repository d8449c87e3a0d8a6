// SPDX-License-Identifier: Apache-2.0
#include "telemetry/log.h"

#include <gtest/gtest.h>

namespace stele::telemetry {
namespace {

TEST(Log, TextQuotesWhatIsNotPlain) {
  EXPECT_EQ(render(Format::text, Level::warn, "commit failed",
                   {{"batch", "7"}, {"reason", "disk \"full\""}}),
            R"(warn  commit failed batch=7 reason="disk \"full\"")");
}

TEST(Log, JsonEscapesControlCharacters) {
  EXPECT_EQ(render(Format::json, Level::info, "line", {{"text", "a\nb"}}),
            R"("level":"info","event":"line","text":"a\u000ab")");
}

TEST(Log, ErrorsAreCountedEvenWhenHidden) {
  const std::uint64_t before = errors_logged();
  configure(Format::text, Level::error);
  log(Level::info, "not shown");
  EXPECT_EQ(errors_logged(), before);
}

}  // namespace
}  // namespace stele::telemetry

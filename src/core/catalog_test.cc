// SPDX-License-Identifier: Apache-2.0
#include "core/catalog.h"

#include <gtest/gtest.h>

#include <array>

namespace stele::core {
namespace {

TEST(Catalog, FindsByIdAndName) {
  const Catalog catalog(DeploymentId(3),
                        {{.id = FunctionId(7), .ffqn = "a:b/c.d", .name = "d", .component = 0}},
                        {{.name = "one", .digest = "sha256:00", .imports = {}}});
  EXPECT_EQ(catalog.deployment(), DeploymentId(3));
  ASSERT_NE(catalog.find(FunctionId(7)), nullptr);
  EXPECT_EQ(catalog.find("a:b/c.d"), catalog.find(FunctionId(7)));
  EXPECT_EQ(catalog.find(FunctionId(8)), nullptr);
  EXPECT_EQ(catalog.find("a:b/c.e"), nullptr);
  EXPECT_EQ(catalog.component(0).name, "one");
}

TEST(RetryDelay, DoublesUpToTheLimit) {
  const RetryRule rule{
      .backoff = milliseconds(100), .backoff_max = seconds(1), .jitter_percent = 0};
  constexpr std::array expected{100, 200, 400, 800, 1000, 1000};
  for (std::uint32_t failures = 1; failures <= expected.size(); ++failures)
    EXPECT_EQ(retry_delay(rule, failures, 77), milliseconds(expected[failures - 1])) << failures;
}

TEST(RetryDelay, NeverOverflows) {
  const RetryRule rule{.backoff = Duration{INT64_MAX}, .backoff_max = Duration{INT64_MAX}};
  EXPECT_EQ(retry_delay(rule, UINT32_MAX, UINT64_MAX - 1).us, INT64_MAX);
  EXPECT_EQ(retry_delay({.backoff = Duration{0}}, UINT32_MAX, 5), Duration{0});
  EXPECT_EQ(retry_delay({.backoff = Duration{-5}}, 3, 5), Duration{0});
}

TEST(RetryDelay, JitterStaysInItsRange) {
  const RetryRule rule{.backoff = milliseconds(100), .jitter_percent = 30};
  Duration least{INT64_MAX}, most{};
  for (std::uint64_t drawn = 0; drawn < 60'002; ++drawn) {
    const Duration delay = retry_delay(rule, 1, drawn);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_EQ(least, milliseconds(100));
  EXPECT_EQ(most, milliseconds(130));
}

TEST(Project, GivesWhatTheCallerSees) {
  const Outcome unit{.kind = OutcomeKind::ok};
  const Outcome value{.kind = OutcomeKind::ok, .value = "5"};
  const Outcome refused{.kind = OutcomeKind::err, .value = R"("no")"};
  const Outcome failure{.kind = OutcomeKind::failure, .failure = FailureKind::timed_out};
  EXPECT_EQ(project(unit, ErrorType::none), R"({"ok":null})");
  EXPECT_EQ(project(value, ErrorType::text), R"({"ok":5})");
  EXPECT_EQ(project(refused, ErrorType::text), R"({"err":"no"})");
  EXPECT_EQ(project(failure, ErrorType::none), R"({"err":null})");
  EXPECT_EQ(project(failure, ErrorType::text), R"({"err":"execution_failed"})");
  EXPECT_EQ(project(failure, ErrorType::variant), R"({"err":"execution_failed"})");
}

}  // namespace
}  // namespace stele::core

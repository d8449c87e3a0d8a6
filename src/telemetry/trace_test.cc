// SPDX-License-Identifier: Apache-2.0
#include "telemetry/trace.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

namespace stele::telemetry {
namespace {

using nlohmann::json;

struct TraceTest : ::testing::Test {
  std::string path = std::filesystem::path(::testing::TempDir()) /
                     ("trace-" + std::to_string(::getpid()) + ".json");
  ~TraceTest() override { std::filesystem::remove(path); }

  json read() const {
    std::ifstream file(path);
    return json::parse(file);
  }
  static json spans_of(const json& all) {
    json spans = json::array();
    for (const json& event : all["traceEvents"])
      if (event["ph"] == "X") spans.push_back(event);
    return spans;
  }
};

TEST_F(TraceTest, NothingHappensWhenNobodyLooks) {
  ASSERT_EQ(trace_sink, nullptr);
  const TraceSpan span("unseen", 1);
  trace_hand_over(Flow::turn, 1);
  trace_name_thread("unseen");
}

TEST_F(TraceTest, SpansNestAndAHandOverIsAnArrowBetweenThreads) {
  {
    auto trace = Trace::open(path);
    ASSERT_TRUE(trace);
    trace_sink = trace->get();
    trace_name_thread("giver");
    {
      const TraceSpan outer("outer", 7);
      const TraceSpan inner("inner");
      trace_hand_over(Flow::turn, 42);
    }
    std::thread([] {
      trace_name_thread("taker");
      const TraceSpan span("takes");
      span.arrived(Flow::turn, 42);
      span.arrived(Flow::turn, 43);  // nobody has sent this
    }).join();
    EXPECT_TRUE((*trace)->write());
  }
  EXPECT_EQ(trace_sink, nullptr);
  const json all = read();
  EXPECT_EQ(all["otherData"]["dropped"], 0);
  const json spans = spans_of(all);
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[0]["name"], "outer");
  EXPECT_EQ(spans[0]["args"]["subject"], 7);
  EXPECT_EQ(spans[1]["name"], "inner");
  EXPECT_GE(spans[0]["dur"].get<double>(), spans[1]["dur"].get<double>());
  EXPECT_NE(spans[2]["tid"], spans[0]["tid"]);
  std::string ends;
  std::vector<std::string> rows;
  for (const json& event : all["traceEvents"]) {
    if (event.contains("cat")) ends += event["ph"].get<std::string>();
    if (event["name"] == "thread_name") rows.push_back(event["args"]["name"]);
  }
  EXPECT_EQ(ends, "sf");
  EXPECT_EQ(rows, (std::vector<std::string>{"giver", "taker"}));
}

TEST_F(TraceTest, TheOldestGoAndAreCountedButLongSpansStay) {
  auto trace = Trace::open(path, {.events_per_thread = 4, .long_spans_per_thread = 2});
  ASSERT_TRUE(trace);
  (*trace)->put({.name = "long", .begin_ns = 1, .end_ns = 9'000'000});
  for (int i = 1; i <= 10; ++i) {
    const std::int64_t at = 10'000'000 + i;
    (*trace)->put({.name = "short", .begin_ns = at, .end_ns = at, .subject = i});
  }
  ASSERT_TRUE((*trace)->write());
  const json all = read();
  const json spans = spans_of(all);
  ASSERT_EQ(spans.size(), 5U);
  EXPECT_EQ(spans[0]["name"], "long");
  EXPECT_EQ(spans[1]["args"]["subject"], 7);
  EXPECT_EQ(spans[4]["args"]["subject"], 10);
  EXPECT_EQ(all["otherData"]["dropped"], 6);
}

TEST_F(TraceTest, ThreadsBeyondTheLimitAreCounted) {
  auto trace = Trace::open(path, {.threads = 1});
  ASSERT_TRUE(trace);
  (*trace)->put({.name = "kept", .begin_ns = 1, .end_ns = 2});
  std::thread([&] { (*trace)->put({.name = "lost", .begin_ns = 1, .end_ns = 2}); }).join();
  ASSERT_TRUE((*trace)->write());
  EXPECT_EQ(spans_of(read()).size(), 1U);
  EXPECT_EQ(read()["otherData"]["dropped"], 1);
}

TEST_F(TraceTest, AFileThatCannotBeMadeIsRefusedBeforeAnythingStarts) {
  const auto trace = Trace::open(path + "/none/here.json");
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().code, Code::invalid_argument);
  EXPECT_NE(trace.error().reason.find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace stele::telemetry

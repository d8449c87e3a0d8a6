// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "script.h"

namespace exports::test::contract::chance {

namespace support = script::support;
namespace time = ::obelisk::types::time;
using script::Lines;
using script::Script;

namespace {

template <typename Step>
time::ScheduleAt in(std::uint32_t value) {
  return {time::ScheduleAt::In{time::Duration{Step{value}}}};
}

std::uint64_t nanoseconds(const time::Datetime& at) {
  return at.seconds * 1'000'000'000 + at.nanoseconds;
}

}  // namespace

Lines Random() {
  Script out;
  out.say(support::RandomU64Inclusive(5, 5), support::RandomU64(7, 8));
  bool least = false;
  bool most = false;
  bool inside = true;
  for (int i = 0; i < 64; ++i) {
    const std::uint64_t drawn = support::RandomU64Inclusive(1, 2);
    least = least || drawn == 1;
    most = most || drawn == 2;
    inside = inside && drawn >= 1 && drawn <= 2 && support::RandomU64(3, 5) < 5;
  }
  out.say("both ends", least, most, "within", inside);
  const std::uint64_t whole = support::RandomU64Inclusive(0, UINT64_MAX);
  out.say("differ", whole != support::RandomU64(0, UINT64_MAX));
  const wit::string fixed = support::RandomString(12, 13);
  const bool letters = std::ranges::all_of(fixed.get_view(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  out.say("length", fixed.size(), letters, support::RandomString(0, 1).size());
  out.say(stele::join(whole), fixed);
  return out.end();
}

std::expected<void, wit::Void> RandomEmpty(wit::string which) {
  if (which.get_view() == "u64") (void)support::RandomU64(7, 7);
  if (which.get_view() == "inclusive") (void)support::RandomU64Inclusive(8, 7);
  if (which.get_view() == "string") (void)support::RandomString(4, 4);
  return {};
}

Lines Sleeps() {
  Script out;
  const auto start = support::Sleep(stele::now(), std::nullopt);
  out.say("now", start.has_value(), script::LastOneoff{});
  const auto later = support::Sleep(in<time::Duration::Milliseconds>(20), "short/one");
  out.say("at least 20 ms", nanoseconds(*later) >= nanoseconds(*start) + 20'000'000,
          script::LastOneoff{});
  out.say(support::Sleep({time::ScheduleAt::At{{1'000'000'000, 5'000}}}, "past"),
          script::LastOneoff{});
  const time::Datetime soon{later->seconds + 1, 0};
  out.say("at", nanoseconds(*support::Sleep({time::ScheduleAt::At{soon}}, "")) == nanoseconds(soon),
          script::LastOneoff{});
  for (const auto& at : {in<time::Duration::Seconds>(0), in<time::Duration::Minutes>(0),
                         in<time::Duration::Hours>(0), in<time::Duration::Days>(0)})
    out.say("no time", support::Sleep(at, std::nullopt).has_value());
  return out.end();
}

Lines Nap(wit::string name, std::uint64_t ms) {
  Script out;
  const auto slept = support::Sleep(stele::in_milliseconds(ms), name.get_view());
  out.say(slept ? "slept" : "cancelled", script::LastOneoff{});
  return out.end();
}

std::expected<wit::string, wit::Void> Later(std::uint64_t ms) {
  auto id = ::test::contract_obelisk_schedule::work::AddSchedule(stele::in_milliseconds(ms), 1, 2);
  ::test::contract_obelisk_schedule::nested::DepthSchedule(stele::now(), 1);
  return std::move(id.id);
}

std::expected<void, wit::Void> Chatter() {
  namespace out = ::obelisk::log::log;
  out::Trace("workflow trace");
  out::Debug("workflow debug");
  support::Sleep(stele::in_milliseconds(5), "between");
  out::Info("workflow info");
  out::Warn("workflow warn");
  out::Error("workflow error");
  return {};
}

std::expected<void, wit::Void> SpinCancellable() {
  volatile std::uint64_t sink = 0;
  for (;;) sink = sink + 1;
}

}  // namespace exports::test::contract::chance

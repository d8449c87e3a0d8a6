// SPDX-License-Identifier: Apache-2.0
#include "core/run_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>  // tidy: allow(header-home) the one reader of host parameters

namespace stele::core {
namespace {

using nlohmann::json;

constexpr std::uint64_t us_per_second = 1'000'000;

Result<json> parse_list(std::string_view params, std::size_t size) {
  json list = json::parse(params, nullptr, false);
  if (!list.is_array() || list.size() < size)
    return fail(Code::invalid_argument, fmt::format("expected {} parameters", size));
  return list;
}

/// `count` units of `unit_us`, saturating.
Duration duration_of(std::uint64_t count, std::uint64_t unit_us) {
  std::uint64_t product = 0;
  const bool overflow = __builtin_mul_overflow(count, unit_us, &product);
  const auto limit = static_cast<std::uint64_t>(INT64_MAX);
  return Duration{static_cast<std::int64_t>(overflow ? limit : std::min(product, limit))};
}

Result<Duration> parse_duration(const json& value) {
  struct Unit {
    const char* name;
    std::uint64_t us;
  };
  constexpr std::array units{Unit{"milliseconds", 1'000}, Unit{"seconds", us_per_second},
                             Unit{"minutes", 60 * us_per_second},
                             Unit{"hours", 3'600 * us_per_second},
                             Unit{"days", 86'400 * us_per_second}};
  for (const Unit& unit : units) {
    const auto found = value.is_object() ? value.find(unit.name) : value.end();
    if (found == value.end() || !found->is_number_unsigned()) continue;
    return duration_of(found->get<std::uint64_t>(), unit.us);
  }
  return fail(Code::invalid_argument, "expected a duration");
}

Result<Instant> parse_datetime(const json& value) {
  if (!value.is_object() || !value.contains("seconds") || !value["seconds"].is_number_unsigned() ||
      !value.contains("nanoseconds") || !value["nanoseconds"].is_number_unsigned())
    return fail(Code::invalid_argument, "expected a datetime");
  const auto whole = value["seconds"].get<std::uint64_t>();
  const auto nanoseconds = value["nanoseconds"].get<std::uint64_t>();
  constexpr auto seconds_max = static_cast<std::uint64_t>(INT64_MAX) / us_per_second - 1;
  if (whole > seconds_max || nanoseconds > 999'999'999)
    return fail(Code::invalid_argument,
                fmt::format("{} s and {} ns are outside the range of times", whole, nanoseconds));
  // Rounded up: a timer never fires early.
  return Instant{static_cast<std::int64_t>(whole * us_per_second + (nanoseconds + 999) / 1000)};
}

Result<ScheduleAt> parse_schedule(const json& value) {
  if (value.is_string() && value.get_ref<const std::string&>() == "now") return ScheduleAt{};
  if (value.is_object() && value.contains("at")) {
    const Instant at = TRY(parse_datetime(value["at"]));
    return ScheduleAt{.kind = ScheduleAt::Kind::at, .at = at};
  }
  if (value.is_object() && value.contains("in")) {
    const Duration in = TRY(parse_duration(value["in"]));
    return ScheduleAt{.kind = ScheduleAt::Kind::in, .in = in};
  }
  return fail(Code::invalid_argument, "expected now, at or in");
}

Result<std::string> parse_id(const json& value) {
  if (!value.is_object() || !value.contains("id") || !value["id"].is_string())
    return fail(Code::invalid_argument, "expected an execution id");
  return value["id"].get<std::string>();
}

Result<CallByName> parse_function(const json& function, const json& params) {
  const auto text = [&](const char* key) {
    return function.is_object() && function.contains(key) && function[key].is_string();
  };
  if (!text("interface_name") || !text("function_name") || !params.is_string())
    return fail(Code::invalid_argument, "expected a function and its parameters");
  return CallByName{function["interface_name"].get<std::string>(),
                    function["function_name"].get<std::string>(), params.get<std::string>()};
}

}  // namespace

Result<RangeParams> parse_range(std::string_view params) {
  const json list = TRY(parse_list(params, 2));
  if (!list[0].is_number_unsigned() || !list[1].is_number_unsigned())
    return fail(Code::invalid_argument, "expected two numbers");
  return RangeParams{list[0].get<std::uint64_t>(), list[1].get<std::uint64_t>()};
}

Result<SleepParams> parse_sleep(std::string_view params) {
  const json list = TRY(parse_list(params, 2));
  SleepParams sleep { .schedule = TRY(parse_schedule(list[0])) };
  if (list[1].is_string()) sleep.name = list[1].get<std::string>();
  return sleep;
}

Result<ScheduleAt> parse_delay(std::string_view params) {
  const json list = TRY(parse_list(params, 1));
  return parse_schedule(list[0]);
}

Result<std::string> parse_name(std::string_view params) {
  const json list = TRY(parse_list(params, 1));
  if (!list[0].is_string()) return fail(Code::invalid_argument, "expected a name");
  return list[0].get<std::string>();
}

Result<CallByName> parse_call_by_name(std::string_view params) {
  const json list = TRY(parse_list(params, 2));
  return parse_function(list[0], list[1]);
}

Result<ScheduleByName> parse_schedule_by_name(std::string_view params) {
  const json list = TRY(parse_list(params, 4));
  ScheduleByName parsed;
  parsed.id = TRY(parse_id(list[0]));
  parsed.schedule = TRY(parse_schedule(list[1]));
  parsed.call = TRY(parse_function(list[2], list[3]));
  return parsed;
}

Result<std::string> parse_target(std::string_view params) {
  const json list = TRY(parse_list(params, 1));
  return parse_id(list[0]);
}

Result<StubByText> parse_stub_by_text(std::string_view params) {
  const json list = TRY(parse_list(params, 2));
  StubByText parsed;
  parsed.id = TRY(parse_id(list[0]));
  if (!list[1].is_string()) return fail(Code::invalid_argument, "expected a text");
  parsed.result = list[1].get<std::string>();
  return parsed;
}

std::string json_array_error(std::string_view text) {
  const json parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return "cannot parse params as JSON array: it is no JSON";
  return parsed.is_array() ? "" : "params must be a json array";
}

std::string json_string(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string json_datetime(Instant at) {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(at.us, 0));
  return fmt::format(R"({{"seconds":{},"nanoseconds":{}}})", us / us_per_second,
                     us % us_per_second * 1000);
}

std::string json_function(std::string_view ffqn) {
  const std::size_t dot = std::min(ffqn.rfind('.'), ffqn.size());
  const std::string_view name = dot == ffqn.size() ? std::string_view{} : ffqn.substr(dot + 1);
  return fmt::format(R"({{"interface_name":{},"function_name":{}}})",
                     json_string(ffqn.substr(0, dot)), json_string(name));
}

}  // namespace stele::core

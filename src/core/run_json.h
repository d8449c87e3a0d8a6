// SPDX-License-Identifier: Apache-2.0
// Owns: the JSON of the host's own functions: their parameters in, their small answers out.
// Life cycle: functions only. Thread: any.
// Must hold: text that does not fit gives invalid_argument, never a crash; further elements of a
//   parameter list (a backtrace) are ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "journal/entry.h"

namespace stele::core {

struct RangeParams {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};
/// [min, max]
Result<RangeParams> parse_range(std::string_view params);

struct SleepParams {
  ScheduleAt schedule{};
  std::optional<std::string> name{};
};
/// [schedule-at, option<string>]
Result<SleepParams> parse_sleep(std::string_view params);
/// [schedule-at]
Result<ScheduleAt> parse_delay(std::string_view params);
/// ["name"]
Result<std::string> parse_name(std::string_view params);

/// The function and the parameters' text of a call by name.
struct CallByName {
  std::string interface{};
  std::string function{};
  std::string params{};
  std::string ffqn() const { return interface + '.' + function; }
};
/// [function, "params"]
Result<CallByName> parse_call_by_name(std::string_view params);
struct ScheduleByName {
  std::string id{};
  ScheduleAt schedule{};
  CallByName call{};
};
/// [execution-id, schedule-at, function, "params"]
Result<ScheduleByName> parse_schedule_by_name(std::string_view params);
/// [execution-id, …]
Result<std::string> parse_target(std::string_view params);
struct StubByText {
  std::string id{};
  std::string result{};
};
/// [execution-id, "result"]
Result<StubByText> parse_stub_by_text(std::string_view params);
/// Of parameters by name: empty, or why they are no JSON array.
std::string json_array_error(std::string_view text);

/// A JSON string literal.
std::string json_string(std::string_view text);
/// {"seconds":…,"nanoseconds":…}; before 1970 it is 1970.
std::string json_datetime(Instant at);
/// {"interface_name":…,"function_name":…}
std::string json_function(std::string_view ffqn);

}  // namespace stele::core

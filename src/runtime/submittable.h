// SPDX-License-Identifier: Apache-2.0
// Owns: what a submission is about: a function itself, or its -schedule function (contract 5.15).
// Life cycle: functions only. Thread: any. Must hold: no text makes it fail otherwise than with
//   invalid_argument.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "journal/entry.h"

namespace stele::runtime {

struct Submittable {
  std::string ffqn{};  ///< of the function that is to be called
  std::string params{};
  std::optional<ScheduleAt> schedule{};
};
/// Errors: invalid_argument (another derived function; params of a -schedule function without
/// schedule-at).
Result<Submittable> submittable(std::string_view ffqn, std::string_view params);

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
#include "runtime/trace_points.h"

#include <array>

namespace stele::runtime {
namespace {

constexpr std::array<const char*, std::variant_size_v<core::Input>> names{
    "step submit",        "step advanced",     "step run_stopped",     "step run_dropped",
    "step attempt_ended", "step timer_due",    "step cancel",          "step cancel_delay",
    "step admit",         "step deploy",       "step continue",        "step tick",
    "step drain",         "step target_found", "step upgrade_checked", "step pause",
    "step unpause",       "step pause_delay",  "step complete",        "step upgrade",
    "step advance"};

/// Its execution; of a request without one its number.
std::int64_t subject_of(const core::Input& input) {
  return std::visit(
      [](const auto& known) {
        if constexpr (requires { known.key.value; })
          return static_cast<std::int64_t>(known.key.value);
        else if constexpr (requires { known.request; })
          return static_cast<std::int64_t>(known.request);
        else
          return std::int64_t{0};
      },
      input);
}

/// Executions and requests are numbered apart.
Flow flow_of(const core::Input& input) {
  return std::holds_alternative<core::Submit>(input) ? Flow::request : Flow::input;
}

const char* name_of(const core::Input& input) { return names.at(input.index()); }

}  // namespace

void trace_posted(const Message& message) {
  const auto* input = std::get_if<core::Input>(&message);
  if (trace_sink != nullptr && input != nullptr)
    trace_hand_over(flow_of(*input), subject_of(*input));
}

TracedStep::TracedStep(const core::Input& input)
    : span_(trace_sink != nullptr ? name_of(input) : nullptr,
            trace_sink != nullptr ? subject_of(input) : 0) {
  if (trace_sink != nullptr) span_.arrived(flow_of(input), subject_of(input));
}

}  // namespace stele::runtime

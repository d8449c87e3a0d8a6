// SPDX-License-Identifier: Apache-2.0
#include "runtime/submittable.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>

#include "core/imports.h"
#include "core/run_json.h"
#include "core/run_raw.h"

namespace stele::runtime {

Result<Submittable> submittable(std::string_view ffqn, std::string_view params) {
  const std::size_t dot = ffqn.rfind('.');
  const auto meaning =
      dot == ffqn.npos ? std::nullopt : core::meaning_of(ffqn.substr(0, dot), ffqn.substr(dot + 1));
  if (!meaning || meaning->op == core::HostOp::direct_call)
    return Submittable{.ffqn = std::string(ffqn), .params = std::string(params)};
  if (meaning->op != core::HostOp::schedule)
    return fail(Code::invalid_argument,
                fmt::format("{} can be called by workflows only; submit {} instead", ffqn,
                            meaning->ffqn.empty() ? "one of your functions" : meaning->ffqn),
                std::string(ffqn));
  const auto elements = core::raw_elements(params);
  if (!elements || elements->empty())
    return fail(Code::invalid_argument,
                "the params of a -schedule function are a JSON array that begins with schedule-at: "
                "\"now\", {\"in\":{\"seconds\":5}} or {\"at\":{\"seconds\":0,\"nanoseconds\":0}}",
                std::string(ffqn));
  auto schedule = core::parse_delay(fmt::format("[{}]", elements->front()));
  if (!schedule)
    return fail(Code::invalid_argument,
                fmt::format("schedule-at cannot be used: {}", schedule.error().reason),
                std::string(ffqn));
  return Submittable{.ffqn = meaning->ffqn,
                     .params = fmt::format("[{}]", fmt::join(std::span(*elements).subspan(1), ",")),
                     .schedule = *schedule};
}

}  // namespace stele::runtime

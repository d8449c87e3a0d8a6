// SPDX-License-Identifier: Apache-2.0
#include "api/service.h"

#include <fmt/format.h>

#include <charconv>

#include "api/page.h"
#include "api/service_reading.h"
#include "api/service_views.h"

namespace stele::api {
namespace {

constexpr std::size_t histories_cached = 16;

Result<ExecutionKey> parse_cursor(const std::string& text) {
  std::int64_t value = 0;
  if (text.empty()) return ExecutionKey();
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec == std::errc() && parsed.ptr == end && value > 0) return ExecutionKey(value);
  return fail(Code::invalid_argument,
              "this is no cursor of a list: use `next_cursor` of the page before", text);
}

}  // namespace

Service::Service(ServiceParts parts)
    : engine_(parts.engine),
      deployment_(std::move(parts.deployment)),
      new_ulid_(std::move(parts.new_ulid)),
      histories_(histories_cached),
      hub_(std::make_shared<FollowHub>(parts.engine)) {}

std::string Service::generate_id() const { return to_text(ExecutionId{new_ulid_(), ""}); }

Result<ExecutionDetail> Service::get(std::string_view text) {
  const ExecutionId id = TRY(parse_execution_id(text));
  const runtime::ExecutionView view = TRY(engine_.get(id));
  return detail(view);
}

Result<ExecutionPage> Service::list(const ListInput& input) {
  const ExecutionKey before = TRY(parse_cursor(input.cursor));
  const ListFilter filter{.ffqn_prefix = input.ffqn_prefix,
                          .id_prefix = input.id_prefix,
                          .derived = input.derived,
                          .hide_finished = input.hide_finished,
                          .open_values = input.open_values,
                          .before = before,
                          .limit = clamped(input.limit, 20)};
  const auto views = TRY(engine_.list(filter));
  ExecutionPage page;
  for (const runtime::ExecutionView& view : views) page.executions.push_back(summary(view));
  if (!views.empty() && views.size() >= filter.limit) {
    page.next_cursor = std::to_string(views.back().row.key.value);
  }
  return page;
}

ExecutionDetail Service::detail(const runtime::ExecutionView& view) {
  const auto name = names();
  if (view.row.stage != Stage::blocked) return make_detail(view, render_state(view, nullptr, name));
  Reading reading(view.row.key, histories_);
  const auto read = scan(reading, UINT32_MAX, [](std::span<const Entry>) { return true; });
  // A history that cannot be read does not hide the state of its execution.
  return make_detail(view, render_state(view, read ? &reading.index() : nullptr, name));
}

ExecutionDetail Service::summary(const runtime::ExecutionView& view) const {
  const auto name = names();
  ExecutionDetail made = make_detail(view, render_state(view, nullptr, name));
  made.params_json.clear();
  if (made.result) {
    made.result->json.clear();
    made.result->detail.clear();
  }
  return made;
}

std::string Service::function_name(FunctionId id) const {
  std::string name = engine_.function_name(id);
  return name.empty() ? fmt::format("unknown function {}", id.value) : name;
}

std::function<std::string(FunctionId)> Service::names() const {
  return [this](FunctionId function) { return function_name(function); };
}

std::vector<FunctionView> Service::functions(std::string_view prefix) const {
  return make_functions(*engine_.catalog(), deployment_, prefix);
}

Counters Service::counters() const { return make_counters(engine_.counters()); }

}  // namespace stele::api

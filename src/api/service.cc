// SPDX-License-Identifier: Apache-2.0
#include "api/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/json_text.h"
#include "api/service_views.h"

namespace stele::api {
namespace {

constexpr std::uint32_t page_entries = 512;
constexpr std::size_t page_bytes_max = 4U << 20U;
constexpr std::uint32_t page_items_max = 1000;
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t histories_cached = 16;

std::uint32_t clamped(std::uint32_t limit, std::uint32_t otherwise) {
  return limit == 0 ? otherwise : std::min(limit, page_items_max);
}

Result<Ulid> parse_top_level(std::string_view text) {
  const ExecutionId id = TRY(parse_execution_id(text));
  if (id.suffix.empty()) return id.root;
  return fail(Code::invalid_argument,
              "a new execution needs a top-level id: `E_` and 26 characters, without a `.`",
              std::string(text));
}

Result<void> check_length(std::string_view name, std::string_view value) {
  if (value.size() <= name_bytes_max) return {};
  return fail(Code::invalid_argument, fmt::format("{} has {} bytes; at most {} are accepted", name,
                                                  value.size(), name_bytes_max));
}

Result<ExecutionKey> parse_cursor(const std::string& text) {
  std::int64_t value = 0;
  if (text.empty()) return ExecutionKey();
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec == std::errc() && parsed.ptr == end && value > 0) return ExecutionKey(value);
  return fail(Code::invalid_argument,
              "this is no cursor of a list: use `next_cursor` of the page before", text);
}

/// Counts what a page holds.
class Room {
 public:
  explicit Room(std::uint32_t items) : items_(items) {}
  /// False if the page is full; at least one item always fits.
  bool take(std::size_t bytes) {
    const bool fits = used_ == 0 || (used_ < items_ && bytes_ + bytes <= page_bytes_max);
    if (!fits) return false;
    ++used_;
    bytes_ += bytes;
    return true;
  }
  bool full() const { return used_ >= items_ || bytes_ >= page_bytes_max; }

 private:
  std::uint32_t items_;
  std::uint32_t used_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

/// One use of the index of a history.
struct Service::Reading {
  ExecutionKey key;
  std::shared_ptr<IndexedHistory> history;
  Lock lock;

  Reading(ExecutionKey of, HistoryCache& cache)
      : key(of), history(cache.get(of)), lock(history->mutex) {}
  HistoryIndex& index() const { return history->index; }
};

Service::Service(ServiceParts parts)
    : engine_(parts.engine),
      deployment_(std::move(parts.deployment)),
      new_ulid_(std::move(parts.new_ulid)),
      histories_(histories_cached),
      hub_(std::make_shared<FollowHub>(parts.engine)) {}

std::string Service::generate_id() const { return to_text(ExecutionId{new_ulid_(), ""}); }

void Service::submit(SubmitInput input, runtime::Done<runtime::Submitted> done) {
  runtime::SubmitRequest request{.id = std::nullopt,
                                 .ffqn = std::move(input.ffqn),
                                 .params = std::move(input.params),
                                 .requester = std::move(input.requester)};
  if (auto fits = check_length("the requester", request.requester); !fits) {
    return done(std::unexpected(std::move(fits.error())));
  }
  if (!input.id.empty()) {
    auto id = parse_top_level(input.id);
    if (!id) return done(std::unexpected(std::move(id.error())));
    request.id = *id;
  }
  if (auto name = parse_ffqn(request.ffqn); !name) {
    return done(std::unexpected(std::move(name.error())));
  }
  engine_.submit(std::move(request), std::move(done));
}

void Service::cancel(std::string_view text, core::Requester by, runtime::Done<void> done) {
  auto id = parse_execution_id(text);
  if (!id) return done(std::unexpected(std::move(id.error())));
  auto fits = check_length("the requester", by.who);
  if (fits) fits = check_length("the reason", by.why);
  if (!fits) return done(std::unexpected(std::move(fits.error())));
  engine_.cancel(std::move(*id), std::move(by), std::move(done));
}

void Service::replay(std::string_view text, runtime::Done<runtime::ReplayReport> done) {
  auto id = parse_execution_id(text);
  if (!id) return done(std::unexpected(std::move(id.error())));
  engine_.replay(std::move(*id), std::move(done));
}

Result<ExecutionDetail> Service::get(std::string_view text) {
  const ExecutionId id = TRY(parse_execution_id(text));
  const runtime::ExecutionView view = TRY(engine_.get(id));
  return detail(view);
}

Result<ExecutionPage> Service::list(const ListInput& input) {
  ListFilter filter {
    .ffqn_prefix = input.ffqn_prefix, .id_prefix = input.id_prefix, .derived = input.derived,
    .hide_finished = input.hide_finished, .before = TRY(parse_cursor(input.cursor))
    , .limit = clamped(input.limit, 20)
  };
  const auto views = TRY(engine_.list(filter));
  ExecutionPage page;
  for (const runtime::ExecutionView& view : views) page.executions.push_back(summary(view));
  if (!views.empty() && views.size() >= filter.limit) {
    page.next_cursor = std::to_string(views.back().row.key.value);
  }
  return page;
}

Result<bool> Service::scan(Reading& reading, std::uint32_t position,
                           const std::function<bool(const Entry&)>& take) {
  std::uint32_t next = std::min(reading.index().next_position(), position);
  while (true) {
    const HistoryPage page = TRY(engine_.history(reading.key, next, page_entries));
    for (const Entry& entry : page.entries) {
      reading.index().add(entry);
      next = entry.position + 1;
      if (entry.position >= position && !take(entry)) return true;
    }
    if (!page.more || page.entries.empty()) return false;
  }
}

Result<EventPage> Service::events(std::string_view text, std::uint32_t from_version,
                                  std::uint32_t limit) {
  const ExecutionId id = TRY(parse_execution_id(text));
  const runtime::ExecutionView view = TRY(engine_.get(id));
  Reading reading(view.row.key, histories_);
  const RenderContext context{id, reading.index(),
                              [this](FunctionId function) { return function_name(function); },
                              from_version, page_items_max};
  EventPage page;
  Room room(clamped(limit, 100));
  const auto add = [&](EventView event) {
    if (event.version < from_version) return true;
    if (!room.take(event.json.size())) return false;
    page.next_version = event.version + 1;
    page.events.push_back(std::move(event));
    return true;
  };
  page.next_version = from_version;
  if (from_version == 0) add(render_created(view));
  const auto add_entry = [&](const Entry& entry) {
    for (EventView& event : render_events(entry, context)) {
      if (!add(std::move(event))) return false;
    }
    return true;
  };
  page.more = TRY(scan(reading, reading.index().position_of_version(from_version), add_entry));
  const bool finished = view.row.stage == Stage::finished;
  if (!page.more && finished) page.more = !add(render_finished(view));
  return page;
}

Result<ResponsePage> Service::responses(std::string_view text, std::uint32_t from_seq,
                                        std::uint32_t limit) {
  const ExecutionId id = TRY(parse_execution_id(text));
  const runtime::ExecutionView view = TRY(engine_.get(id));
  Reading reading(view.row.key, histories_);
  const RenderContext context{id, reading.index(),
                              [this](FunctionId function) { return function_name(function); }};
  ResponsePage page;
  page.next_seq = std::max(from_seq, 1U);
  Room room(clamped(limit, 100));
  const auto take = [&](const Entry& entry) {
    if (!is_response(entry.body)) return true;
    ResponseView response = render_response(entry, context);
    if (response.seq < from_seq) return true;
    if (!room.take(response.json.size())) return false;
    page.next_seq = response.seq + 1;
    page.responses.push_back(std::move(response));
    return true;
  };
  page.more = TRY(scan(reading, reading.index().position_of_response(from_seq), take));
  return page;
}

Result<LogPage> Service::logs(std::string_view text, std::uint64_t after, std::uint32_t limit) {
  const ExecutionId id = TRY(parse_execution_id(text));
  const runtime::ExecutionView view = TRY(engine_.get(id));
  return engine_.logs(view.row.key, after, clamped(limit, 100));
}

Result<FollowStep> Service::follow(const ExecutionId& id, FollowFrom from) {
  const runtime::ExecutionView view = TRY(engine_.get(id));
  Reading reading(view.row.key, histories_);
  const RenderContext context{id, reading.index(),
                              [this](FunctionId function) { return function_name(function); }};
  FollowStep step;
  step.next_position = from.position;
  Room room(256);
  if (from.created) step.updates.emplace_back(from.position, render_created(view));
  const auto take = [&](const Entry& entry) {
    if (room.full()) return false;
    step.next_position = entry.position + 1;
    if (is_response(entry.body)) {
      ResponseView response = render_response(entry, context);
      room.take(response.json.size());
      step.updates.emplace_back(step.next_position, std::move(response));
      return true;
    }
    for (EventView& event : render_events(entry, context)) {
      room.take(event.json.size());
      step.updates.emplace_back(step.next_position, std::move(event));
    }
    return true;
  };
  const bool more = TRY(scan(reading, from.position, take));
  if (more || view.row.stage != Stage::finished) return step;
  step.updates.emplace_back(step.next_position, render_finished(view));
  step.finished = make_detail(view, "");
  step.finished->state_json = render_state(view, nullptr, context.function_name);
  return step;
}

ExecutionDetail Service::detail(const runtime::ExecutionView& view) {
  const auto name = [this](FunctionId function) { return function_name(function); };
  if (view.row.stage != Stage::blocked) return make_detail(view, render_state(view, nullptr, name));
  Reading reading(view.row.key, histories_);
  const auto read = scan(reading, UINT32_MAX, [](const Entry&) { return true; });
  // A history that cannot be read does not hide the state of its execution.
  return make_detail(view, render_state(view, read ? &reading.index() : nullptr, name));
}

ExecutionDetail Service::summary(const runtime::ExecutionView& view) const {
  const auto name = [this](FunctionId function) { return function_name(function); };
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

std::vector<FunctionView> Service::functions(std::string_view prefix) const {
  return make_functions(*engine_.catalog(), deployment_, prefix);
}

Counters Service::counters() const { return make_counters(engine_.counters()); }

}  // namespace stele::api

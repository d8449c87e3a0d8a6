// SPDX-License-Identifier: Apache-2.0
// Reads of an execution's history: events, responses, log lines, and what follows a position.
#include "api/child_params.h"
#include "api/page.h"
#include "api/service_reading.h"
#include "api/service_views.h"

namespace stele::api {
namespace {

constexpr std::uint32_t page_entries = 512;

}  // namespace

Result<bool> Service::scan(Reading& reading, std::uint32_t position, const Take& take) {
  std::uint32_t next = std::min(reading.index().next_position(), position);
  while (true) {
    const HistoryPage page = TRY(engine_.history(reading.key, next, page_entries));
    const std::span<const Entry> entries(page.entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      reading.index().add(entries[i]);
      next = entries[i].position + 1;
      if (entries[i].position >= position && !take(entries.subspan(i))) return true;
    }
    if (!page.more || page.entries.empty()) return false;
  }
}

Result<EventPage> Service::events(std::string_view text, std::uint32_t from_version,
                                  std::uint32_t limit) {
  const ExecutionId id = TRY(parse_execution_id(text));
  const runtime::ExecutionView view = TRY(engine_.get(id));
  Reading reading(view.row.key, histories_);
  ChildParams params(engine_);
  const RenderContext context{id,           reading.index(), names(),
                              from_version, page_items_max,  &params.known()};
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
  const auto add_entry = [&](std::span<const Entry> entries) {
    params.read(entries);
    for (EventView& event : render_events(entries.front(), context)) {
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
  const RenderContext context{id, reading.index(), names()};
  ResponsePage page;
  page.next_seq = std::max(from_seq, 1U);
  Room room(clamped(limit, 100));
  const auto take = [&](std::span<const Entry> entries) {
    const Entry& entry = entries.front();
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
  ChildParams params(engine_);
  const RenderContext context{id, reading.index(), names(), 0, page_items_max, &params.known()};
  FollowStep step;
  step.next_position = from.position;
  Room room(256);
  if (from.created) step.updates.emplace_back(from.position, render_created(view));
  const auto take = [&](std::span<const Entry> entries) {
    if (room.full()) return false;
    const Entry& entry = entries.front();
    step.next_position = entry.position + 1;
    if (is_response(entry.body)) {
      ResponseView response = render_response(entry, context);
      room.take(response.json.size());
      step.updates.emplace_back(step.next_position, std::move(response));
      return true;
    }
    params.read(entries);
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

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
// Looking at the code of an execution: what it would do next, and where it stood.
#include <charconv>

#include "api/page.h"
#include "api/service_reading.h"
#include "api/service_views.h"

namespace stele::api {
namespace {

/// `context.index` is `index`, which grows by what was captured.
ReplayView make_replay(const runtime::ReplayReport& report, const RenderContext& context,
                       HistoryIndex& index) {
  ReplayView view{.equal = report.equal,
                  .difference = report.difference,
                  .events = report.events,
                  .state = report.state,
                  .version = report.version,
                  .captured = {},
                  .captured_count = 0,
                  .outcome = {}};
  Room room(page_items_max);
  bool fits = true;
  for (const Entry& entry : report.captured) {
    index.add(entry);
    view.captured_count += version_width(entry.body);
    if (!fits) continue;
    for (EventView& event : render_events(entry, context)) {
      fits = fits && room.take(event.json.size());
      if (fits) view.captured.push_back(std::move(event));
    }
  }
  if (report.outcome) view.outcome = make_result(*report.outcome);
  return view;
}

Result<BacktraceAt> parse_place(std::string_view version) {
  if (version.empty() || version == "last") return BacktraceAt{BacktraceAt::Place::last, 0};
  if (version == "first") return BacktraceAt{BacktraceAt::Place::first, 0};
  BacktraceAt at{BacktraceAt::Place::version, 0};
  const char* end = version.data() + version.size();
  const auto parsed = std::from_chars(version.data(), end, at.version);
  if (parsed.ec == std::errc() && parsed.ptr == end) return at;
  return fail(Code::invalid_argument,
              "a backtrace is named by `first`, `last` or the version of an event",
              std::string(version));
}

}  // namespace

Result<HistoryIndex> Service::index_of(ExecutionKey key) {
  Reading reading(key, histories_);
  TRY(scan(reading, UINT32_MAX, [](std::span<const Entry>) { return true; }));
  return reading.index();
}

void Service::replay(std::string_view text, runtime::Done<ReplayView> done) {
  auto id = parse_execution_id(text);
  if (!id) return done(std::unexpected(std::move(id.error())));
  const auto view = engine_.get(*id);
  if (!view) return done(std::unexpected(view.error()));
  // Read here and not in the answer, which may come on a thread that must not wait. What has
  // finished asks for nothing new, so there is nothing to be shown by it.
  const bool finished = view->row.stage == Stage::finished;
  auto index = finished ? Result<HistoryIndex>() : index_of(view->row.key);
  if (!index) return done(std::unexpected(std::move(index.error())));
  auto answer = [owner = *id, names = names(), index = std::move(*index),
                 done = std::move(done)](Result<runtime::ReplayReport> report) mutable {
    if (!report) return done(std::unexpected(std::move(report.error())));
    const RenderContext context{
        .owner = owner, .index = index, .function_name = names, .params = &report->captured_params};
    done(make_replay(*report, context, index));
  };
  engine_.replay(std::move(*id), std::move(answer));
}

void Service::persist_backtraces(std::string_view text, runtime::Done<std::uint32_t> done) {
  auto id = parse_execution_id(text);
  if (!id) return done(std::unexpected(std::move(id.error())));
  engine_.persist_backtraces(std::move(*id), std::move(done));
}

Result<BacktraceRow> Service::backtrace(std::string_view text, std::string_view version) {
  const ExecutionId id = TRY(parse_execution_id(text));
  const BacktraceAt at = TRY(parse_place(version));
  const runtime::ExecutionView view = TRY(engine_.get(id));
  auto found = engine_.backtrace(view.row.key, at);
  const bool missing = !found && found.error().code == Code::not_found;
  if (!missing) return found;
  return fail(Code::not_found,
              "no such backtrace is kept; `stele execution persist-backtraces` records those of an "
              "execution",
              std::string(text));
}

Result<std::string> Service::source(std::string_view text, const std::string& file) {
  const ExecutionId id = TRY(parse_execution_id(text));
  const runtime::ExecutionView view = TRY(engine_.get(id));
  return engine_.source(view.row.key, file);
}

}  // namespace stele::api

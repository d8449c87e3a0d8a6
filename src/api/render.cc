// SPDX-License-Identifier: Apache-2.0
#include "api/render.h"

#include <fmt/format.h>

#include "api/json_text.h"
#include "api/render_entry.h"

namespace stele::api {
namespace {

std::string parent_json(const ExecutionId& id) {
  const auto part = split_derived(id);
  if (!part) return "null";
  return fmt::format("[{},{}]", json_string(to_text(part->parent)), json_string(part->join_set));
}

std::string result_kind(const ExecutionRow& row) {
  switch (row.outcome_kind.value_or(OutcomeKind::failure)) {
    case OutcomeKind::ok: return "\"ok\"";
    case OutcomeKind::err: return "\"err\"";
    case OutcomeKind::failure: break;
  }
  return fmt::format("{{\"execution_failed\":{}}}", json_string(failure_kind_name(row.failure)));
}

std::string finished_state(const ExecutionRow& row) {
  return fmt::format(R"({{"status":"finished","version":{},"finished_at":{},"result_kind":{}}})",
                     row.finished_version, json_string(to_rfc3339(row.finished)), result_kind(row));
}

std::string blocked_fields(const ExecutionRow& row, const std::string& join_set) {
  const bool closing = row.stage == Stage::closing;
  if (closing || join_set.empty()) return fmt::format("\"closing\":{}", closing);
  return fmt::format("\"join_set_id\":{},\"closing\":false", json_string(join_set));
}

std::string pending_fields(const ExecutionRow& row) {
  const Instant at = row.stage == Stage::waiting ? row.wake : row.scheduled;
  const std::string_view waits = row.stage == Stage::held ? R"(,"waits_for":"value")" : "";
  return fmt::format("\"scheduled_at\":{}{}", json_string(to_rfc3339(at)), waits);
}

std::string wrapped_state(std::string_view status, std::string_view inner,
                          const std::string& fields) {
  return fmt::format(R"({{"status":"{}","{}":{{{}}}}})", status, inner, fields);
}

}  // namespace

std::string deployment_text(DeploymentId id) { return fmt::format("Dep_{}", id.value); }

std::string join_set_text(JoinSetOrdinal ordinal, const HistoryIndex& index,
                          const std::function<std::string(FunctionId)>& function_name) {
  const auto set = index.join_set(ordinal);
  if (!set) return fmt::format("#{}", ordinal.value);
  if (set->kind != JoinSetKind::one_off) return join_set_id(set->kind, set->text);
  std::string label(set->text);
  if (set->function) {
    const std::string ffqn = function_name(set->function);
    label = ffqn.substr(ffqn.rfind('.') + 1);
  }
  return join_set_id(set->kind, fmt::format("{}-{}", set->one_off, label));
}

std::vector<EventView> render_events(const Entry& entry, const RenderContext& context) {
  return EntryRenderer(entry, context).events();
}

ResponseView render_response(const Entry& entry, const RenderContext& context) {
  return EntryRenderer(entry, context).response();
}

ExecutionKey child_of(const Entry& entry) {
  if (const auto* call = std::get_if<DirectCall>(&entry.body)) return call->child;
  const auto* request = std::get_if<ChildRequest>(&entry.body);
  return request != nullptr ? request->child : ExecutionKey();
}

std::string render_result(const Outcome& outcome) {
  switch (outcome.kind) {
    case OutcomeKind::ok: return fmt::format("{{\"ok\":{}}}", user_form(outcome.value));
    case OutcomeKind::err: return fmt::format("{{\"err\":{}}}", user_form(outcome.value));
    case OutcomeKind::failure: break;
  }
  return fmt::format(R"({{"execution_failed":{{"kind":{},"reason":{},"detail":{}}}}})",
                     json_string(failure_kind_name(outcome.failure)),
                     json_string_or_null(outcome.reason), json_string_or_null(outcome.detail));
}

EventView render_created(const runtime::ExecutionView& view) {
  const ExecutionRow& row = view.row;
  std::string body = fmt::format(
      R"({{"created":{{"ffqn":{},"params":{},"parent":{},"scheduled_at":{},)"
      R"("deployment_id":{},"scheduled_by":{},"requester":{}}}}})",
      json_string(view.ffqn), user_form(row.params), parent_json(row.id),
      json_string(to_rfc3339(row.scheduled)), json_string(deployment_text(row.deployment)),
      json_string_or_null(row.scheduled_by), json_string_or_null(row.requester));
  return make_event({0, row.created}, "created", view.ffqn, body);
}

EventView render_finished(const runtime::ExecutionView& view) {
  const std::string result = view.outcome ? render_result(*view.outcome) : "null";
  return make_event({view.row.finished_version, view.row.finished}, "finished", result,
                    fmt::format("{{\"finished\":{{\"retval\":{}}}}}", result));
}

std::string render_state(const runtime::ExecutionView& view, const HistoryIndex* index,
                         const std::function<std::string(FunctionId)>& function_name) {
  const ExecutionRow& row = view.row;
  if (row.stage == Stage::finished) return finished_state(row);
  const bool blocked = row.stage == Stage::blocked || row.stage == Stage::closing;
  const bool named = row.stage == Stage::blocked && index != nullptr;
  const std::string join_set =
      named ? join_set_text(index->last_awaited().value_or(row.blocked_on), *index, function_name)
            : std::string();
  const std::string fields = blocked ? blocked_fields(row, join_set) : pending_fields(row);
  const std::string_view status = blocked ? "blocked_by_join_set" : "pending_at";
  if (row.lifecycle == Lifecycle::paused) return wrapped_state("paused", status, fields);
  if (row.lifecycle == Lifecycle::cancelling) return wrapped_state("cancelling", status, fields);
  return fmt::format(R"({{"status":"{}",{}}})", status, fields);
}

}  // namespace stele::api

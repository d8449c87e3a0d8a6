// SPDX-License-Identifier: Apache-2.0
#include "api/service_views.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/json_text.h"

namespace stele::api {
namespace {

State state_of(const ExecutionRow& row) {
  if (row.stage == Stage::finished) return State::finished;
  if (row.lifecycle == Lifecycle::paused) return State::paused;
  if (row.lifecycle == Lifecycle::cancelling) return State::cancelling;
  const bool blocked = row.stage == Stage::blocked || row.stage == Stage::closing;
  return blocked ? State::blocked : State::pending;
}

/// Of a row whose outcome was not read: only how it ended.
ResultView list_result(const ExecutionRow& row) {
  ResultView result;
  result.kind = row.outcome_kind.value_or(OutcomeKind::failure);
  if (result.kind == OutcomeKind::failure) result.failure_kind = failure_kind_name(row.failure);
  return result;
}

std::string_view kind_text(core::FunctionKind kind) {
  switch (kind) {
    case core::FunctionKind::activity: return "activity";
    case core::FunctionKind::workflow: return "workflow";
    case core::FunctionKind::stub: return "activity_stub";
    case core::FunctionKind::external: return "activity_external";
  }
  return "activity";
}

const FunctionRow* find_signature(const DeploymentRow& deployment, std::string_view ffqn) {
  for (const ComponentRow& component : deployment.components) {
    const auto found = std::ranges::find(component.functions, ffqn, &FunctionRow::ffqn);
    if (found != component.functions.end()) return &*found;
  }
  return nullptr;
}

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<std::pair<std::string, std::string>> parse_params(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> params;
  const auto list = nlohmann::json::parse(text, nullptr, false);
  if (!list.is_array()) return params;
  for (const auto& each : list) {
    params.emplace_back(text_of(each, "name"), text_of(each, "type"));
  }
  return params;
}

}  // namespace

ResultView make_result(const Outcome& outcome) {
  ResultView result{
      .kind = outcome.kind, .json = {}, .failure_kind = {}, .reason = {}, .detail = {}};
  if (outcome.kind != OutcomeKind::failure) {
    result.json = user_form(outcome.value);
    return result;
  }
  result.failure_kind = failure_kind_name(outcome.failure);
  result.reason = outcome.reason;
  result.detail = outcome.detail;
  return result;
}

ExecutionDetail make_detail(const runtime::ExecutionView& view, std::string state_json) {
  const ExecutionRow& row = view.row;
  ExecutionDetail detail;
  detail.id = to_text(row.id);
  detail.ffqn = view.ffqn;
  detail.state = state_of(row);
  detail.state_json = std::move(state_json);
  detail.created = row.created;
  detail.scheduled = row.scheduled;
  detail.finished = row.stage == Stage::finished ? row.finished : Instant();
  detail.deployment = deployment_text(row.deployment);
  detail.attempts = row.attempts;
  detail.stuck = view.stuck;
  detail.requester = row.requester;
  if (row.stage == Stage::finished) {
    detail.result = view.outcome ? make_result(*view.outcome) : list_result(row);
  }
  detail.params_json = user_form(row.params);
  return detail;
}

std::vector<FunctionView> make_functions(const core::Catalog& catalog,
                                         const DeploymentRow& deployment, std::string_view prefix) {
  std::vector<FunctionView> functions;
  for (const core::CatalogFunction& each : catalog.functions()) {
    if (!std::string_view(each.ffqn).starts_with(prefix)) continue;
    FunctionView view;
    view.ffqn = each.ffqn;
    view.kind = kind_text(each.kind);
    view.component = catalog.component(each.component).name;
    if (const FunctionRow* signature = find_signature(deployment, each.ffqn)) {
      view.params = parse_params(signature->params);
      view.result = signature->result;
    }
    view.max_retries = each.retry.max_retries;
    view.lock_expiry = each.lock_expiry;
    view.cancellable = each.cancellable;
    functions.push_back(std::move(view));
  }
  std::ranges::sort(functions, {}, &FunctionView::ffqn);
  return functions;
}

Counters make_counters(const runtime::EngineCounters& counters) {
  const StoreCounters& store = counters.store;
  return {
      {"commits", counters.commits},
      {"steps", counters.steps},
      {"attempts_started", counters.attempts_started},
      {"runs_started", counters.runs_started},
      {"evictions", counters.evictions},
      {"replays", counters.replays},
      {"ready_overflows", counters.ready_overflows},
      {"reloads", counters.reloads},
      {"logs_dropped", counters.logs_dropped},
      {"store_commits", store.commits},
      {"store_rows", store.rows},
      {"store_entries", store.entries},
      {"store_packed_entries", store.packed_entries},
      {"store_segments", store.segments},
      {"store_tails_emptied", store.tails_emptied},
      {"store_checkpoints", store.checkpoints},
      {"store_wal_restarts", store.wal_restarts},
      {"store_wal_bytes", store.wal_bytes},
      {"store_quarantined", store.quarantined},
  };
}

}  // namespace stele::api

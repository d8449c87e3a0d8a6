// SPDX-License-Identifier: Apache-2.0
#include "cli/json_out.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace stele::cli {
namespace {

std::string time_json(Instant at) { return at.us == 0 ? "null" : json_string(to_rfc3339(at)); }

std::string string_or_null(const std::string& text) {
  return text.empty() ? "null" : json_string(text);
}

std::string value_or_null(const std::string& json) { return json.empty() ? "null" : json; }

/// A member of the state's JSON; null if there is none.
nlohmann::json state_member(const Execution& execution, const char* key) {
  const auto state = nlohmann::json::parse(execution.state_json, nullptr, false);
  if (!state.is_object()) return nullptr;
  return state.contains(key) ? state[key] : nlohmann::json(nullptr);
}

std::string blocked_text(const Execution& execution) {
  const auto join_set = state_member(execution, "join_set_id");
  const auto closing = state_member(execution, "closing");
  std::string text = "BlockedByJoinSet";
  if (join_set.is_string()) text.append(" ").append(join_set.get<std::string>());
  if (closing.is_boolean() && closing.get<bool>()) text += " (closing)";
  return text;
}

std::string finished_text(const Execution& execution) {
  if (!execution.result) return "Finished";
  switch (execution.result->kind) {
    case ResultKind::ok: return "Finished: OK";
    case ResultKind::err: return "Finished: Error";
    case ResultKind::failure: break;
  }
  return fmt::format("Finished: Execution failure ({})", execution.result->failure.kind);
}

}  // namespace

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string result_json(const std::optional<ExecutionResult>& result) {
  if (!result) return "null";
  switch (result->kind) {
    case ResultKind::ok: return fmt::format("{{\"ok\":{}}}", value_or_null(result->json));
    case ResultKind::err: return fmt::format("{{\"err\":{}}}", value_or_null(result->json));
    case ResultKind::failure: break;
  }
  return fmt::format(R"({{"execution_failed":{{"kind":{},"reason":{},"detail":{}}}}})",
                     json_string(result->failure.kind), string_or_null(result->failure.reason),
                     string_or_null(result->failure.detail));
}

std::string to_json(const Execution& execution) {
  return fmt::format(
      R"({{"execution_id":{},"ffqn":{},"pending_state":{},"created_at":{},)"
      R"("first_scheduled_at":{},"finished_at":{},"deployment_id":{},"attempts":{},"stuck":{},)"
      R"("requester":{},"params":{},"result":{}}})",
      json_string(execution.id), json_string(execution.ffqn), value_or_null(execution.state_json),
      time_json(execution.created), time_json(execution.scheduled), time_json(execution.finished),
      json_string(execution.deployment), execution.attempts, string_or_null(execution.stuck),
      string_or_null(execution.requester), value_or_null(execution.params),
      result_json(execution.result));
}

std::string to_json(const LogLine& line) {
  const std::string head =
      fmt::format("\"created_at\":{},\"run\":{}", time_json(line.at), line.run);
  if (line.stream.empty()) {
    return fmt::format(R"({{{},"type":"log","level":{},"message":{}}})", head,
                       json_string(line.level), json_string(line.message));
  }
  return fmt::format(R"({{{},"type":"stream","stream_type":{},"payload":{}}})", head,
                     json_string(line.stream), json_string(line.message));
}

std::string to_json(const ReplayAnswer& answer) {
  std::vector<std::string> captured;
  for (const Item& item : answer.captured) captured.push_back(item.json);
  const std::string error =
      answer.equal ? "" : fmt::format(R"("error":{},)", json_string(answer.difference));
  return fmt::format(
      R"({{"type":{},"equal":{},"events":{},"state":{},"difference":{},{}"retval":{},)"
      R"("version":{},"captured_count":{},"captured_writes":{}}})",
      json_string(answer.equal ? answer.state : "replay_failed"), answer.equal, answer.events,
      string_or_null(answer.state), string_or_null(answer.difference), error,
      result_json(answer.outcome), answer.version, answer.captured_count, array_of(captured));
}

std::string to_json(const FunctionInfo& function) {
  std::vector<std::string> params;
  for (const Param& param : function.params) {
    params.push_back(fmt::format(R"({{"name":{},"wit_type":{}}})", json_string(param.name),
                                 json_string(param.type)));
  }
  return fmt::format(R"({{"ffqn":{},"kind":{},"component":{},"parameter_types":{},)"
                     R"("return_type":{}}})",
                     json_string(function.ffqn), json_string(function.kind),
                     json_string(function.component), array_of(params),
                     string_or_null(function.result));
}

std::string array_of(const std::vector<std::string>& items) {
  return fmt::format("[{}]", fmt::join(items, ","));
}

std::string state_text(const Execution& execution) {
  if (execution.state == "finished") return finished_text(execution);
  if (execution.state == "paused") return "Paused";
  if (execution.state == "cancelling") return "Cancelling";
  if (execution.state == "blocked") return blocked_text(execution);
  if (state_member(execution, "waits_for").is_string()) return "Waits for a value";
  const auto at = state_member(execution, "scheduled_at");
  return at.is_string() ? fmt::format("Pending at {}", at.get<std::string>()) : "Pending";
}

std::string result_text(const ExecutionResult& result) {
  switch (result.kind) {
    case ResultKind::ok: return fmt::format("ok {}", value_or_null(result.json));
    case ResultKind::err: return fmt::format("err {}", value_or_null(result.json));
    case ResultKind::failure: break;
  }
  std::string text = fmt::format("failed ({})", result.failure.kind);
  if (!result.failure.reason.empty()) text.append(": ").append(result.failure.reason);
  if (!result.failure.detail.empty()) text.append("\n").append(result.failure.detail);
  return text;
}

std::string duration_text(Duration duration) {
  const std::int64_t ms = duration.us / 1000;
  if (ms < 1000) return fmt::format("{} ms", ms);
  return fmt::format("{}.{:03} s", ms / 1000, ms % 1000);
}

std::string signature_text(const FunctionInfo& function) {
  std::vector<std::string> params;
  for (const Param& param : function.params) params.push_back(param.name + ": " + param.type);
  const std::string result = function.result.empty() ? "" : fmt::format(" -> {}", function.result);
  return fmt::format("({}){}", fmt::join(params, ", "), result);
}

}  // namespace stele::cli

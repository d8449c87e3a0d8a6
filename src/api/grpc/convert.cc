// SPDX-License-Identifier: Apache-2.0
#include "api/grpc/convert.h"

#include "api/json_text.h"
#include "api/render.h"

namespace stele::api {
namespace {

std::string_view level_text(std::uint8_t level) {
  switch (level) {
    case 1: return "trace";
    case 2: return "debug";
    case 3: return "info";
    case 4: return "warn";
    case 5: return "error";
    default: return "";
  }
}

std::string_view stream_text(std::uint8_t stream) {
  switch (stream) {
    case 1: return "stdout";
    case 2: return "stderr";
    default: return "";
  }
}

void fill_result(v1::ExecutionResult& to, const ResultView& from) {
  switch (from.kind) {
    case OutcomeKind::ok: to.set_ok_json(from.json); return;
    case OutcomeKind::err: to.set_err_json(from.json); return;
    case OutcomeKind::failure: break;
  }
  auto& failure = *to.mutable_execution_failure();
  failure.set_kind(from.failure_kind);
  failure.set_reason(valid_utf8(from.reason));
  failure.set_detail(valid_utf8(from.detail));
}

}  // namespace

void fill(v1::Execution& to, const ExecutionDetail& from) {
  to.set_execution_id(from.id);
  to.set_ffqn(from.ffqn);
  to.set_state(static_cast<v1::ExecutionState>(from.state));
  to.set_state_json(from.state_json);
  to.set_created_at_us(from.created.us);
  to.set_scheduled_at_us(from.scheduled.us);
  to.set_finished_at_us(from.finished.us);
  to.set_deployment_id(from.deployment);
  to.set_attempts(from.attempts);
  to.set_stuck(valid_utf8(from.stuck));
  to.set_requester(valid_utf8(from.requester));
  to.set_params_json(from.params_json);
  if (from.result) fill_result(*to.mutable_result(), *from.result);
}

void fill(v1::Event& to, EventView from) {
  to.set_version(from.version);
  to.set_created_at_us(from.at.us);
  to.set_kind(std::move(from.kind));
  to.set_summary(valid_utf8(from.summary));
  to.set_event_json(std::move(from.json));
}

void fill(v1::Response& to, ResponseView from) {
  to.set_seq(from.seq);
  to.set_created_at_us(from.at.us);
  to.set_join_set_id(std::move(from.join_set_id));
  to.set_kind(std::move(from.kind));
  to.set_summary(valid_utf8(from.summary));
  to.set_response_json(std::move(from.json));
}

void fill(v1::ReplayResponse& to, ReplayView from) {
  to.set_equal(from.equal);
  to.set_difference(valid_utf8(from.difference));
  to.set_events(from.events);
  to.set_state(from.state);
  to.set_version(from.version);
  to.set_captured_count(from.captured_count);
  for (EventView& event : from.captured) fill(*to.add_captured(), std::move(event));
  if (from.outcome) fill_result(*to.mutable_outcome(), *from.outcome);
}

void fill(v1::LogLine& to, const LogRow& from) {
  to.set_created_at_us(from.at.us);
  to.set_run(from.run);
  to.set_level(std::string(level_text(from.level)));
  to.set_stream(std::string(stream_text(from.stream)));
  to.set_message(valid_utf8(from.message));
}

void fill(v1::Function& to, const FunctionView& from) {
  to.set_ffqn(from.ffqn);
  to.set_kind(from.kind);
  to.set_component(from.component);
  to.set_result(from.result);
  if (from.max_retries) to.set_max_retries(*from.max_retries);
  to.set_lock_expiry_us(from.lock_expiry.us);
  to.set_cancellable(from.cancellable);
  for (const auto& [name, type] : from.params) {
    auto& param = *to.add_params();
    param.set_name(name);
    param.set_type(type);
  }
}

void fill(v1::GetActiveDeploymentResponse& to, const DeploymentRow& from) {
  to.set_deployment_id(deployment_text(from.id));
  to.set_created_at_us(from.created.us);
  to.set_digest(from.digest);
  for (const ComponentRow& component : from.components) {
    auto& each = *to.add_components();
    each.set_name(component.name);
    each.set_kind(component.kind);
    each.set_digest(component.digest);
  }
}

}  // namespace stele::api

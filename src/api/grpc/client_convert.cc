// SPDX-License-Identifier: Apache-2.0
#include "api/grpc/client_convert.h"

#include <array>

namespace stele::api {
namespace {

constexpr std::array state_texts{"unknown", "pending",    "blocked",
                                 "paused",  "cancelling", "finished"};

std::string state_text(v1::ExecutionState state) {
  const auto number = static_cast<std::size_t>(state);
  return state_texts[number < state_texts.size() ? number : 0];
}

cli::ExecutionResult result_from(const v1::ExecutionResult& message) {
  cli::ExecutionResult result;
  if (message.has_ok_json()) {
    result.json = message.ok_json();
  } else if (message.has_err_json()) {
    result.kind = cli::ResultKind::err;
    result.json = message.err_json();
  } else {
    const v1::ExecutionFailure& failure = message.execution_failure();
    result.kind = cli::ResultKind::failure;
    result.failure = {failure.kind(), failure.reason(), failure.detail()};
  }
  return result;
}

}  // namespace

cli::Execution from_message(const v1::Execution& message) {
  cli::Execution execution;
  execution.id = message.execution_id();
  execution.ffqn = message.ffqn();
  execution.state = state_text(message.state());
  execution.state_json = message.state_json();
  execution.created = Instant{message.created_at_us()};
  execution.scheduled = Instant{message.scheduled_at_us()};
  execution.finished = Instant{message.finished_at_us()};
  execution.deployment = message.deployment_id();
  execution.attempts = message.attempts();
  execution.stuck = message.stuck();
  execution.requester = message.requester();
  execution.params = message.params_json();
  if (message.has_result()) execution.result = result_from(message.result());
  return execution;
}

cli::Item from_message(const v1::Event& message) {
  return {message.version(), Instant{message.created_at_us()}, message.kind(), message.summary(),
          message.event_json()};
}

cli::Item from_message(const v1::Response& message) {
  return {message.seq(), Instant{message.created_at_us()}, message.kind(), message.summary(),
          message.response_json()};
}

cli::ReplayAnswer from_message(const v1::ReplayResponse& message) {
  cli::ReplayAnswer answer;
  answer.equal = message.equal();
  answer.difference = message.difference();
  answer.events = message.events();
  answer.state = message.state();
  answer.version = message.version();
  answer.captured_count = message.captured_count();
  for (const v1::Event& event : message.captured()) answer.captured.push_back(from_message(event));
  if (message.has_outcome()) answer.outcome = result_from(message.outcome());
  return answer;
}

cli::LogLine from_message(const v1::LogLine& message) {
  return {Instant{message.created_at_us()}, message.run(), message.level(), message.stream(),
          message.message()};
}

cli::FunctionInfo from_message(const v1::Function& message) {
  cli::FunctionInfo function{
      message.ffqn(), message.kind(), message.component(), {}, message.result()};
  for (const auto& param : message.params())
    function.params.push_back({param.name(), param.type()});
  return function;
}

cli::Update from_message(const v1::FollowResponse& message) {
  cli::Update update;
  update.next_position = message.next_position();
  if (message.has_finished()) {
    update.kind = cli::Update::Kind::finished;
    update.finished = from_message(message.finished());
  } else if (message.has_response()) {
    update.kind = cli::Update::Kind::response;
    update.item = from_message(message.response());
  } else {
    update.item = from_message(message.event());
  }
  return update;
}

}  // namespace stele::api

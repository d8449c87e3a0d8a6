// SPDX-License-Identifier: Apache-2.0
#include "runtime/attempt_task.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/shape.h"
#include "telemetry/log.h"

namespace stele::runtime {
namespace {

constexpr std::size_t lines_per_slice = 64;
constexpr std::size_t line_bytes_per_slice = 64U << 10U;

}  // namespace

AttemptTask::AttemptTask(TaskName task_name, core::StartAttempt start, DeployedPtr deployed,
                         const Surroundings& around, LogBuffer& logs)
    : Task(TaskKind::attempt, task_name),
      start_(std::move(start)),
      deployed_(std::move(deployed)),
      function_(deployed_->catalog->find(start_.function)),
      around_(around),
      logs_(logs) {}

Duration AttemptTask::deadline() const {
  return function_ != nullptr && !function_->keepalive ? function_->lock_expiry : Duration{};
}

InstanceRule AttemptTask::instance_rule() const {
  if (function_ == nullptr) return {};
  return {deployed_->components[function_->component].component.get(),
          deployed_->catalog->component(function_->component).instances_max};
}

TurnEnd AttemptTask::turn(Instant /*now*/) {
  if (cell.get() == nullptr) {
    if (const std::optional<TurnEnd> end = build()) return *end;
  }
  wasm::PollResult polled = poll_guest("activity guest");
  switch (polled.state) {
    case wasm::PollState::parked:  // an activity has no call that parks
    case wasm::PollState::waiting: return TurnEnd::waiting;
    case wasm::PollState::yielded: return TurnEnd::yielded;
    case wasm::PollState::finished: break;
    case wasm::PollState::failed: return failed(std::move(polled.failure));
  }
  core::AttemptEnded ended = ending(core::AttemptEnded::Kind::returned);
  ended.permanent = polled.finished.permanent;
  const wasm::Component& component = *deployed_->components[function_->component].component;
  ended.outcome = outcome_of(std::move(polled.finished), shape_of(component, function_->ffqn));
  return report(std::move(ended));
}

std::optional<TurnEnd> AttemptTask::build() {
  if (function_ == nullptr) {
    core::AttemptEnded ended = ending(core::AttemptEnded::Kind::not_started);
    ended.reason = "its function is not deployed";
    return report(std::move(ended));
  }
  const DeployedComponent& deployed = deployed_->components[function_->component];
  const wasm::Start start{.guest_id = name.id,
                          .function = function_->ffqn,
                          .params = start_.params,
                          .calls = this,
                          .wakes = &around_.wakes,
                          .limits = {.memory_bytes = around_.options.guest_memory_bytes,
                                     .value_bytes = around_.options.value_bytes_max,
                                     .cpu = {},
                                     .fuel = around_.options.fuel},
                          .environment = &deployed.environment};
  Result<std::unique_ptr<wasm::Guest>> guest = deployed.component->instantiate(start);
  if (!guest) {
    const bool shortage = guest.error().code == Code::resource_exhausted;
    core::AttemptEnded ended = ending(shortage ? core::AttemptEnded::Kind::not_started
                                               : core::AttemptEnded::Kind::unusable);
    ended.reason = guest.error().reason;
    return report(std::move(ended));
  }
  if (!cell.set(std::move(*guest))) return TurnEnd::interrupted;
  return std::nullopt;
}

core::AttemptEnded AttemptTask::ending(core::AttemptEnded::Kind how) const {
  core::AttemptEnded ended;
  ended.key = name.key;
  ended.incarnation = name.incarnation;
  ended.attempt = name.run;
  ended.kind = how;
  return ended;
}

TurnEnd AttemptTask::report(core::AttemptEnded ended) {
  flush_logs();
  around_.reports.post(std::move(ended));
  return TurnEnd::gone;
}

TurnEnd AttemptTask::failed(wasm::Failure failure) {
  using Kind = core::AttemptEnded::Kind;
  Kind how = Kind::trapped;
  std::string_view prefix;
  switch (failure.kind) {
    case wasm::FailureKind::interrupted: return TurnEnd::interrupted;
    case wasm::FailureKind::trap: prefix = "activity trap: "; break;
    case wasm::FailureKind::memory_limit: prefix = "activity trap: memory limit reached: "; break;
    case wasm::FailureKind::stack_overflow: prefix = "activity trap: stack limit reached: "; break;
    case wasm::FailureKind::deadline: how = Kind::timed_out; break;
    case wasm::FailureKind::params: how = Kind::unusable; break;
    case wasm::FailureKind::result: how = Kind::unusable; break;
    case wasm::FailureKind::instantiate: how = Kind::unusable; break;
    case wasm::FailureKind::host: how = Kind::not_started; break;
    case wasm::FailureKind::out_of_fuel: prefix = "activity out of fuel: "; break;
  }
  core::AttemptEnded ended = ending(how);
  ended.reason = std::string(prefix) + failure.reason;
  ended.detail = std::move(failure.detail);
  if (failure.kind == wasm::FailureKind::out_of_fuel) ended.failure = FailureKind::out_of_fuel;
  return report(std::move(ended));
}

std::optional<core::Input> AttemptTask::stopped(StopCause cause, const std::string& reason) {
  using Kind = core::AttemptEnded::Kind;
  flush_logs();
  if (cause == StopCause::voided) return std::nullopt;
  core::AttemptEnded ended = ending(Kind::interrupted);
  if (cause == StopCause::timed_out) ended.kind = Kind::timed_out;
  if (cause == StopCause::drained) ended.kind = Kind::not_started;
  ended.reason = reason;
  return ended;
}

std::uint64_t AttemptTask::resident_bytes() const {
  return cell.get() != nullptr ? cell.get()->resident_bytes() : 0;
}

wasm::HostAnswer AttemptTask::call(const wasm::HostCall& /*call*/) noexcept {
  return {wasm::AnswerKind::trap, "an activity cannot call other functions"};
}

void AttemptTask::log(std::uint8_t level, std::string_view message) noexcept {
  if (level < output().log_level_min) return;
  LogRow row;
  row.level = level;
  row.message = message;
  add_line(std::move(row));
}

void AttemptTask::stream(std::uint8_t which, BytesView bytes) noexcept {
  const StreamTarget target = which == 1 ? output().out : output().err;
  if (target == StreamTarget::none) return;
  if (target != StreamTarget::db) {
    const std::string_view name_of = which == 1 ? "stdout" : "stderr";
    const std::string prefix =
        fmt::format("[{} {} {}] ", function_->ffqn, to_text(start_.id), name_of);
    telemetry::pass_on(target == StreamTarget::out, prefix, bytes);
    return;
  }
  LogRow row;
  row.stream = which;
  row.message = bytes;
  add_line(std::move(row));
}

void AttemptTask::add_line(LogRow row) {
  row.execution = name.key;
  row.run = name.run.value;
  row.at = around_.clock.now();
  line_bytes_ += row.message.size();
  lines_.push_back(std::move(row));
  if (lines_.size() >= lines_per_slice || line_bytes_ >= line_bytes_per_slice) flush_logs();
}

void AttemptTask::flush_logs() {
  if (lines_.empty()) return;
  logs_.put(std::exchange(lines_, {}));
  line_bytes_ = 0;
}

}  // namespace stele::runtime

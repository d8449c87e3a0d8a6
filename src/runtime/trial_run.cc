// SPDX-License-Identifier: Apache-2.0
#include "runtime/trial_run.h"

#include <utility>

#include "base/trace.h"
#include "runtime/shape.h"

namespace stele::runtime {

TrialRun::TrialRun(TrialSetup setup, const Surroundings& around)
    : setup_(std::move(setup)),
      around_(around),
      checks_(setup_.deployed),
      function_(setup_.deployed->catalog->find(setup_.row.function)) {}

TrialRun::~TrialRun() = default;

Result<void> TrialRun::build() {
  if (function_ == nullptr)
    return fail(Code::failed_precondition, "its function is not deployed", to_text(setup_.row.id));
  core::ReplayLog history;
  TRY(read_history(around_.store, setup_.row.key, history, [this](const Entry& entry) {
    head_ = after(entry, head_);
    if (is_request(entry.body)) ++events_;
  }));
  core::RunOptions options = around_.options.run;
  options.dry = true;
  run_ = std::make_unique<core::WorkflowRun>(
      core::RunStart{.key = setup_.row.key,
                     .id = setup_.row.id,
                     .random_algorithm = setup_.row.random_algorithm,
                     .catalog = setup_.deployed->catalog,
                     .history = std::move(history),
                     .ended = setup_.row.outcome,
                     .options = options,
                     .checks = &checks_,
                     .function = setup_.row.function,
                     .stored_params = stored_params_of(around_.store)});
  const wasm::Start start{.guest_id = setup_.guest_id,
                          .function = function_->ffqn,
                          .params = setup_.row.params,
                          .calls = this,
                          .wakes = &around_.wakes,
                          .limits = {.memory_bytes = around_.options.guest_memory_bytes,
                                     .value_bytes = around_.options.value_bytes_max,
                                     .cpu = function_->lock_expiry,
                                     .fuel = around_.options.fuel},
                          .environment = nullptr,
                          .backtraces = setup_.backtraces};
  guest_ = TRY(setup_.deployed->components[function_->component].component->instantiate(start));
  return {};
}

std::optional<Result<TrialResult>> TrialRun::step(Instant now) {
  now_ = now;
  if (!guest_) {
    if (Result<void> built = build(); !built) return std::unexpected(std::move(built.error()));
  }
  wasm::PollResult polled = poll();
  switch (polled.state) {
    case wasm::PollState::yielded: return std::nullopt;
    case wasm::PollState::parked: return result();
    case wasm::PollState::waiting:
      return fail(Code::failed_precondition, "the workflow's code waits for I/O");
    case wasm::PollState::finished: {
      const wasm::Component& component =
          *setup_.deployed->components[function_->component].component;
      run_->end(outcome_of(std::move(polled.finished), shape_of(component, function_->ffqn)));
      return result();
    }
    case wasm::PollState::failed: break;
  }
  if (out_of_memory_)
    return fail(Code::unavailable, "out of memory during the replay", to_text(setup_.row.id));
  const bool shortage = polled.failure.kind == wasm::FailureKind::host ||
                        polled.failure.kind == wasm::FailureKind::interrupted;
  GuestFailure failure = failure_of_run(std::move(polled.failure), run_->replaying());
  if (!failure.outcome)
    return fail(shortage ? Code::unavailable : Code::failed_precondition,
                failure.interrupted ? "the replay was stopped" : failure.stop,
                to_text(setup_.row.id));
  run_->end(std::move(*failure.outcome));
  return result();
}

wasm::PollResult TrialRun::poll() {
  const TraceSpan span("trial guest replays", setup_.row.key.value);
  return guest_->poll();
}

Result<TrialResult> TrialRun::result() {
  TrialResult made;
  made.equal = !run_->differs();
  if (!made.equal) made.difference = run_->broken()->detail;
  made.events = events_;
  made.head = head_;
  made.captured = run_->take();
  made.advanceable = run_->advanceable();
  made.backtraces = std::move(backtraces_);
  return made;
}

std::uint64_t TrialRun::resident_bytes() const {
  return (guest_ ? guest_->resident_bytes() : 0) + (run_ ? run_->resident_bytes() : 0);
}

wasm::HostAnswer TrialRun::call(const wasm::HostCall& call) noexcept {
  return answer_within_memory([&] { return answer(call); }, out_of_memory_);
}

wasm::HostAnswer TrialRun::answer(const wasm::HostCall& call) {
  const GuestCallView view(call, setup_.deployed->catalog->component(function_->component));
  if (view.get() == nullptr)
    return {wasm::AnswerKind::trap, "call of an import that is not in the catalog"};
  core::CallOutcome outcome = run_->call(now_, *view.get());
  if (call.backtrace != nullptr) note_backtrace(call.backtrace);
  if (outcome.state == core::CallState::parked) return {wasm::AnswerKind::pending, {}};
  return answer_of(std::move(outcome));
}

void TrialRun::note_backtrace(wasm::BacktraceText* text) {
  const std::optional<core::VersionRange> range = run_->recorded();
  if (!range || range->min == range->max) return;
  Result<std::string> frames = text->render();
  if (frames) backtraces_.push_back({range->min, range->max, std::move(*frames)});
}

}  // namespace stele::runtime

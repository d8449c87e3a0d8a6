// SPDX-License-Identifier: Apache-2.0
// Pause (contract 5.2, 5.11) and upgrade (5.8) of executions.
#include <algorithm>

#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {

/// Takes the guest away and leaves the row as it is: ready, or blocked until a response comes.
void PartitionState::halt(Execution& execution) {
  take_turn(execution, Turn::halts, {});
  touch(execution);
}

void PartitionState::halt_run(Execution& execution, const TurnInput& input) {
  at_once(Interrupt{execution.row.key, execution.run, "halted"});
  hold_back(execution, input);
}

void PartitionState::hold_back(Execution& execution, const TurnInput& /*input*/) {
  execution.seeks = false;
  std::erase(alone_, execution.row.key);
  after_motion(execution);
}

/// Starts what is ready; while members of a closing set are still being told, that comes first.
void PartitionState::go_on(Execution& execution) {
  const ExecutionRow& row = execution.row;
  if (row.stage == Stage::waiting && row.wake <= now_) return make_ready(execution);
  if (row.stage == Stage::waiting) return set_timer({row.wake, row.key, std::nullopt});
  if (row.stage == Stage::ready && !execution.closer_queued) start(execution);
}

/// Nothing but its end is possible.
std::optional<Error> PartitionState::why_not_changeable(const Execution& execution) const {
  const ExecutionRow& row = execution.row;
  if (row.stage == Stage::finished)
    return error(Code::failed_precondition, "the execution is finished already", to_text(row.id));
  if (row.lifecycle == Lifecycle::cancelling)
    return error(Code::failed_precondition, "the execution is being cancelled", to_text(row.id));
  if (is_ending(row))
    return error(Code::failed_precondition,
                 "the workflow has ended; only its join sets are still being closed",
                 to_text(row.id));
  return std::nullopt;
}

std::optional<Error> PartitionState::why_not_pausable(const Execution& execution) const {
  if (auto refusal = why_not_changeable(execution)) return refusal;
  if (execution.motion == Motion::attempt || execution.motion == Motion::teardown)
    return error(Code::failed_precondition, "cannot pause a running activity; cancel it instead",
                 to_text(execution.row.id));
  return std::nullopt;
}

void PartitionState::prepare(const Pause& input) {
  const Execution* execution = need_row(input.key);
  if (execution != nullptr && execution->row.stage != Stage::finished) need_book(input.key);
}

void PartitionState::decide(const Pause& input) {
  Execution* execution = at(input.key);
  if (execution == nullptr)
    return answer(input.request, input.key, error(Code::not_found, "there is no such execution"),
                  false);
  std::optional<Error> refusal = why_not_pausable(*execution);
  if (!refusal && execution->row.lifecycle == Lifecycle::active) {
    halt(*execution);
    append_control(*execution, Control::Kind::paused, input.by);
    execution->row.lifecycle = Lifecycle::paused;
    note_progress(input.key);
  }
  answer(input.request, input.key, std::move(refusal), false);
}

void PartitionState::prepare(const Unpause& input) {
  const Execution* execution = need_row(input.key);
  if (execution != nullptr && execution->row.stage != Stage::finished) need_book(input.key);
}

void PartitionState::decide(const Unpause& input) {
  Execution* execution = at(input.key);
  if (execution == nullptr)
    return answer(input.request, input.key, error(Code::not_found, "there is no such execution"),
                  false);
  std::optional<Error> refusal = why_not_changeable(*execution);
  if (!refusal && execution->row.lifecycle != Lifecycle::paused)
    refusal =
        error(Code::failed_precondition, "the execution is not paused", to_text(execution->row.id));
  if (!refusal) {
    append_control(*execution, Control::Kind::unpaused, input.by);
    execution->row.lifecycle = Lifecycle::active;
    note_progress(input.key);
    go_on(*execution);
  }
  answer(input.request, input.key, std::move(refusal), false);
}

void PartitionState::prepare(const UpgradeChecked& input) {
  const Execution* execution = at(input.key);
  if (execution == nullptr || execution->run != input.run) return;
  if (input.incarnation != options_.incarnation || execution->motion != Motion::running) return;
  need_book(input.key);
}

void PartitionState::decide(const UpgradeChecked& input) {
  Execution* execution = reporting(input.key, input.incarnation, input.run);
  if (execution != nullptr) take_turn(*execution, Turn::checked, {.checked = &input});
}

void PartitionState::take_checked(Execution& execution, const TurnInput& input) {
  const ComponentUpgrade& upgrade = input.checked->upgrade;
  append(execution, upgrade);
  if (upgrade.result == ComponentUpgrade::Result::automatic)
    execution.row.deployment = upgrade.deployment;
  note_progress(execution.row.key);
}

void PartitionState::prepare(const Upgrade& input) {
  const Execution* execution = need_row(input.key);
  if (execution == nullptr || !is_workflow(execution->row)) return;
  if (!why_not_changeable(*execution)) need_book(input.key);
}

void PartitionState::decide(const Upgrade& input) {
  Execution* execution = at(input.key);
  std::optional<Error> refusal;
  if (execution == nullptr)
    refusal = error(Code::not_found, "there is no such execution");
  else if (!is_workflow(execution->row))
    refusal = error(Code::failed_precondition, "only a workflow can be upgraded",
                    to_text(execution->row.id));
  else
    refusal = why_not_changeable(*execution);
  if (!refusal && input.version != 0 && head_of(*execution).version != input.version)
    refusal = error(Code::aborted,
                    "the history has grown since the new component was tried; upgrade again",
                    to_text(execution->row.id));
  if (!refusal) {
    halt(*execution);
    append(*execution, input.upgrade);
    execution->row.deployment = input.upgrade.deployment;
    note_progress(input.key);
    go_on(*execution);
  }
  answer(input.request, input.key, std::move(refusal), false);
}

}  // namespace stele::core

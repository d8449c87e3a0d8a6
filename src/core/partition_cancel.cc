// SPDX-License-Identifier: Apache-2.0
// Cancel (contract 5.10) of executions and delays.
#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {

std::optional<Error> PartitionState::why_not_cancellable(const Execution& execution) const {
  if (!is_workflow(execution.row)) return std::nullopt;
  const auto known = known_.find(execution.row.function);
  if (known != known_.end() && known->second.cancellable) return std::nullopt;
  return error(Code::failed_precondition, "cannot cancel: the execution is no cancellable workflow",
               to_text(execution.row.id));
}

void PartitionState::prepare(const Cancel& input) {
  const Execution* execution = need_row(input.key);
  if (execution == nullptr || execution->row.stage == Stage::finished) return;
  if (is_workflow(execution->row))
    need_book(input.key);
  else
    need_parent(execution->row);
}

void PartitionState::decide(const Cancel& input) {
  Execution* execution = at(input.key);
  std::optional<Error> refusal;
  if (execution == nullptr) {
    refusal = error(Code::not_found, "there is no such execution");
  } else if (execution->row.stage == Stage::finished) {
    refusal = error(Code::failed_precondition, "the execution is finished already",
                    to_text(execution->row.id));
  } else if (execution->row.lifecycle == Lifecycle::cancelling) {
    refusal = error(Code::failed_precondition, "the execution is being cancelled already",
                    to_text(execution->row.id));
  } else {
    refusal = why_not_cancellable(*execution);
    if (!refusal && is_ending(execution->row))
      refusal = error(Code::failed_precondition,
                      "the workflow has ended; only its join sets are still being closed",
                      to_text(execution->row.id));
    if (!refusal) cancel_execution(*execution, input.by, true);
  }
  answer(input.request, input.key, std::move(refusal), false);
}

/// A member of a closing set gets no request of its own where it ends at once: its parent's history
/// says why.
void PartitionState::cancel_execution(Execution& execution, const Requester& by, bool requested) {
  const bool at_once = execution.motion == Motion::idle && !is_workflow(execution.row);
  if (requested || !at_once) append_control(execution, Control::Kind::cancellation_requested, by);
  execution.row.lifecycle = Lifecycle::cancelling;
  touch(execution);
  note_progress(execution.row.key);
  take_turn(execution, is_workflow(execution.row) ? Turn::cancel_workflow : Turn::cancel_activity,
            {});
}

void PartitionState::tear_down(Execution& execution, const TurnInput& /*input*/) {
  at_once(Interrupt{execution.row.key, execution.run, "cancelled"});
}

void PartitionState::end_cancelled(Execution& execution, const TurnInput& /*input*/) {
  after_motion(execution);
  begin_ending(execution, failure_of(FailureKind::cancelled, "", ""));
}

void PartitionState::interrupt_cancelled(Execution& execution, const TurnInput& input) {
  at_once(Interrupt{execution.row.key, execution.run, "cancelled"});
  end_cancelled(execution, input);
}

void PartitionState::prepare(const CancelDelay& input) {
  const Execution* owner = need_row(input.owner);
  if (owner != nullptr && owner->row.stage != Stage::finished) need_book(input.owner);
}

void PartitionState::decide(const CancelDelay& input) {
  Execution* owner = at(input.owner);
  const bool open =
      owner != nullptr && owner->book && has_delay(*owner, input.join_set, input.index);
  std::optional<Error> refusal;
  if (owner == nullptr || !is_workflow(owner->row))
    refusal = error(Code::not_found, "there is no such delay");
  else if (!open)
    refusal = error(Code::failed_precondition, "the delay is over already or was never made",
                    to_text(owner->row.id));
  else
    end_delay(*owner, {input.owner, input.join_set, input.index, {}, false}, true);
  answer(input.request, input.owner, std::move(refusal), false);
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Attempts of activities: how they end, retries, and the end of any execution.
#include <charconv>

#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {
namespace {

/// The number at the end of a derived id: which child of its join set it is.
std::uint32_t index_of(const ExecutionId& id) {
  std::uint32_t index = 0;
  const std::size_t at = id.suffix.rfind('_') + 1;
  std::from_chars(id.suffix.data() + at, id.suffix.data() + id.suffix.size(), index);
  return index;
}

constexpr Duration not_started_backoff = milliseconds(100);

Turn turn_of(AttemptEnded::Kind kind) {
  switch (kind) {
    case AttemptEnded::Kind::returned: return Turn::returned;
    case AttemptEnded::Kind::trapped: return Turn::trapped;
    case AttemptEnded::Kind::timed_out: return Turn::timed_out;
    case AttemptEnded::Kind::unusable: return Turn::unusable;
    case AttemptEnded::Kind::interrupted: return Turn::interrupted;
    case AttemptEnded::Kind::not_started: return Turn::not_started;
  }
  return Turn::not_started;
}

}  // namespace

void PartitionState::prepare(const AttemptEnded& input) {
  const Execution* execution = at(input.key);
  if (execution == nullptr || execution->run != input.attempt) return;
  if (input.incarnation == options_.incarnation) need_parent(execution->row);
}

void PartitionState::decide(const AttemptEnded& input) {
  Execution* execution = reporting(input.key, input.incarnation, input.attempt);
  if (execution == nullptr) return;
  const bool lasts = execution->motion == Motion::attempt || execution->motion == Motion::teardown;
  if (!take_turn(*execution, turn_of(input.kind), {.attempt = &input})) return;
  if (lasts) emit_logs(*execution, input.logs);
}

void PartitionState::settle_returned(Execution& execution, const TurnInput& input) {
  const AttemptEnded& ended = *input.attempt;
  after_motion(execution);
  if (ended.outcome.kind == OutcomeKind::ok || ended.permanent)
    return finish(execution, ended.outcome);
  AttemptFailed failed;
  failed.reason = "activity finished with error";
  failed.detail = ended.outcome.value;
  retry_or_finish(execution, std::move(failed), ended.outcome);
}

void PartitionState::settle_trapped(Execution& execution, const TurnInput& input) {
  const AttemptEnded& ended = *input.attempt;
  after_motion(execution);
  AttemptFailed failed;
  failed.reason = ended.reason;
  failed.detail = ended.detail;
  retry_or_finish(execution, std::move(failed),
                  failure_of(ended.failure, ended.reason, ended.detail));
}

void PartitionState::settle_timed_out(Execution& execution, const TurnInput& input) {
  const AttemptEnded& ended = *input.attempt;
  after_motion(execution);
  AttemptFailed failed;
  failed.timed_out = true;
  failed.reason = ended.reason;
  retry_or_finish(execution, std::move(failed),
                  failure_of(FailureKind::timed_out, ended.reason, ended.detail));
}

void PartitionState::settle_unusable(Execution& execution, const TurnInput& input) {
  after_motion(execution);
  finish(execution,
         failure_of(FailureKind::uncategorized, input.attempt->reason, input.attempt->detail));
}

/// Not the activity's fault: no retry is used up.
void PartitionState::settle_not_started(Execution& execution, const TurnInput& /*input*/) {
  after_motion(execution);
  if (!draining_) return wait_until(execution, now_ + not_started_backoff);
  if (execution.written.mark)
    touch(execution);
  else
    drop_if_settled(execution.row.key);
}

/// Torn down; whatever the attempt said, the cancel came first.
void PartitionState::settle_cancelled(Execution& execution, const TurnInput& /*input*/) {
  after_motion(execution);
  finish(execution, failure_of(FailureKind::cancelled, "", ""));
}

void PartitionState::retry_or_finish(Execution& execution, AttemptFailed failed, Outcome last) {
  const CatalogFunction* function = catalog_->find(execution.row.function);
  const RetryRule rule = function == nullptr ? RetryRule{} : function->retry;
  const std::uint32_t failures = execution.row.attempts + 1;
  if (rule.max_retries && failures > *rule.max_retries) return finish(execution, std::move(last));
  failed.attempt = failures;
  failed.retry_at = now_ + retry_delay(rule, failures, prng_.next());
  const Instant retry_at = failed.retry_at;
  append(execution, std::move(failed));
  execution.row.attempts = failures;
  execution.row.interruptions = 0;
  wait_until(execution, retry_at);
  note_progress(execution.row.key);
}

Outcome failure_of(FailureKind kind, std::string reason, std::string detail) {
  Outcome outcome;
  outcome.kind = OutcomeKind::failure;
  outcome.failure = kind;
  outcome.reason = std::move(reason);
  outcome.detail = std::move(detail);
  return outcome;
}

/// The last change of an execution. A child's outcome is stored in its parent's history.
void PartitionState::finish(Execution& execution, Outcome outcome) {
  ExecutionRow& row = execution.row;
  CHECK(execution.motion == Motion::idle && row.stage != Stage::finished);
  leave_room(execution);
  if (outcome.kind == OutcomeKind::failure && outcome.fingerprint.empty())
    outcome.fingerprint = fingerprint_of(row, outcome);
  row.stage = Stage::finished;
  row.wake = {};
  row.mark = false;
  row.interruptions = 0;
  if (row.lifecycle == Lifecycle::paused) row.lifecycle = Lifecycle::active;
  row.finished = now_;
  row.outcome_kind = outcome.kind;
  row.failure = outcome.failure;
  row.finished_version = head_of(execution).version;
  touch(execution);
  hold(Notify{row.key, row.id, outcome});
  if (!row.parent) {
    row.outcome = std::move(outcome);
    return;
  }
  Execution& parent = *at(row.parent);
  row.response_position = head_of(parent).position;
  ChildResponse response;
  response.seq = head_of(parent).response_seq;
  response.join_set = row.parent_join_set;
  response.child = row.key;
  response.finished_version = row.finished_version;
  response.outcome = std::move(outcome);
  response.index = index_of(row.id);
  respond(parent, std::move(response), row.parent_join_set);
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Runs of workflows: what they hand over, their requests, and the responses that they wait for.
#include <algorithm>

#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {
namespace {

constexpr Duration run_backoff = milliseconds(100);
constexpr Duration run_backoff_max = seconds(5);

Turn turn_of(RunState state) {
  switch (state) {
    case RunState::running: return Turn::goes_on;
    case RunState::blocked: return Turn::blocks;
    case RunState::closing: return Turn::closes;
    case RunState::ended: return Turn::ends;
  }
  return Turn::goes_on;
}

}  // namespace

Duration interruption_backoff(std::uint32_t count) {
  const RetryRule rule{.backoff = run_backoff, .backoff_max = run_backoff_max, .jitter_percent = 0};
  return retry_delay(rule, count, 0);
}

void PartitionState::prepare(const Advanced& input) {
  const Execution* execution = at(input.key);
  if (execution == nullptr || execution->run != input.run) return;
  if (input.incarnation != options_.incarnation || execution->motion == Motion::idle) return;
  need_book(input.key);
  if (execution->book) need_for_requests(*execution, input.requests);
  if (input.state == RunState::ended) need_parent(execution->row);
}

void PartitionState::prepare(const RunStopped& /*input*/) {}
void PartitionState::prepare(const RunDropped& /*input*/) {}

void PartitionState::decide(const Advanced& input) {
  Execution* execution = reporting(input.key, input.incarnation, input.run);
  if (execution == nullptr) return;
  // A run that was told to end may still hand over; nothing of it counts.
  take_turn(*execution, turn_of(input.state), {.advanced = &input});
}

void PartitionState::decide(const RunStopped& input) {
  Execution* execution = reporting(input.key, input.incarnation, input.run);
  if (execution != nullptr) take_turn(*execution, Turn::stops, {.stopped = &input});
}

void PartitionState::decide(const RunDropped& input) {
  Execution* execution = reporting(input.key, input.incarnation, input.run);
  if (execution != nullptr) take_turn(*execution, Turn::dropped, {});
}

void PartitionState::take_requests(Execution& execution, const TurnInput& input) {
  take_all_requests(execution, *input.advanced);
  if (input.advanced->read_back)
    hold(ReadBack{execution.row.key, execution.run, *input.advanced->read_back});
}

void PartitionState::take_block(Execution& execution, const TurnInput& input) {
  take_all_requests(execution, *input.advanced);
  execution.waits_for = input.advanced->set;
  if (execution.book->satisfied(execution.waits_for) && !canary_sings(Canary::lost_wake)) {
    take_turn(execution, Turn::satisfied, {});
    return;
  }
  after_motion(execution);
  execution.row.stage = Stage::blocked;
  execution.row.blocked_on = execution.waits_for;
  touch(execution);
}

/// Appends a response to a workflow's history and moves the workflow if it waited for it.
void PartitionState::respond(Execution& parent, EntryBody body, JoinSetOrdinal set) {
  const OpenSet* open = parent.book->find(set);
  const bool held_up = open != nullptr && (open->closing || open->awaited > open->answered);
  Entry entry = append(parent, std::move(body));
  note_progress(parent.row.key);
  if (canary_sings(Canary::lost_response)) return;
  const bool has_run = parent.motion == Motion::running || parent.motion == Motion::blocked ||
                       parent.motion == Motion::closing;
  if (has_run) deliver(parent, std::move(entry));
  if (!parent.book->satisfied(set)) return;
  if (is_ending(parent.row)) return queue_closer(parent);
  if (has_run) {
    const bool parked = parent.motion != Motion::running;
    if (parked && parent.waits_for == set) take_turn(parent, Turn::satisfied, {});
    return;
  }
  if (held_up && parent.row.stage == Stage::blocked) make_ready(parent);
}

/// A run whose start is still held has no inbox yet, and may read its history before this entry is
/// stored.
void PartitionState::deliver(const Execution& execution, Entry response) {
  Deliver delivery{execution.row.key, execution.run, std::move(response)};
  if (execution.begins_after <= committed_ || is_canary(Canary::early_delivery))
    at_once(std::move(delivery));
  else
    undelivered_.push_back(std::move(delivery));
}

void PartitionState::deliver_late() {
  std::vector<Deliver> all = std::exchange(undelivered_, {});
  for (Deliver& delivery : all) {
    const Execution* execution = find(delivery.key);
    if (execution == nullptr || execution->run != delivery.run) continue;
    if (execution->motion == Motion::idle) continue;
    deliver(*execution, std::move(delivery.response));
  }
}

void PartitionState::resume_run(Execution& execution, const TurnInput& /*input*/) {
  execution.row.stage = Stage::ready;
  touch(execution);
  const Resume resume{execution.row.key, execution.run};
  execution.begins_after = committed_;
  started_.push_back({execution.row.key, execution.run, open_, now_});
  if (!is_careful()) {
    at_once(resume);
    return;
  }
  execution.row.mark = true;
  hold(resume);
}

/// Not the workflow's fate (design 4.7).
void PartitionState::back_off_run(Execution& execution, const TurnInput& /*input*/) {
  after_motion(execution);
  ++execution.row.attempts;
  const CatalogFunction* function = catalog_->find(execution.row.function);
  const Duration first = function == nullptr ? run_backoff : function->retry.backoff;
  const RetryRule rule{.backoff = first, .backoff_max = std::max(first, run_backoff_max)};
  wait_until(execution, now_ + retry_delay(rule, execution.row.attempts, 0));
}

/// A parked guest is gone; the row says already what it waits for.
void PartitionState::keep_parked(Execution& execution, const TurnInput& /*input*/) {
  after_motion(execution);
  drop_if_settled(execution.row.key);
}

/// The guest was dropped between its wake and its next turn.
void PartitionState::start_again(Execution& execution, const TurnInput& /*input*/) {
  after_motion(execution);
  touch(execution);
  start(execution);
  drop_if_settled(execution.row.key);
}

}  // namespace stele::core

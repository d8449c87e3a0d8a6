// SPDX-License-Identifier: Apache-2.0
// Closing of join sets (contract 5.9): members are told to end in reverse order of submission, a
// slice a step, then awaited; sets of a workflow whose code has ended in reverse order of creation.
#include <algorithm>
#include <ranges>

#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {
namespace {

std::uint32_t size_of(const OpenSet& set) { return static_cast<std::uint32_t>(set.members.size()); }

}  // namespace

/// An explicit close by a live guest.
void PartitionState::take_close(Execution& execution, const TurnInput& input) {
  take_all_requests(execution, *input.advanced);
  execution.waits_for = input.advanced->set;
  if (execution.book->find(execution.waits_for) == nullptr) {
    take_turn(execution, Turn::satisfied, {});
    return;
  }
  after_motion(execution);
  execution.row.blocked_on = execution.waits_for;
  begin_closing(execution, execution.waits_for);
}

/// Ready, as long as members are to be told: so that a crash does not forget it.
void PartitionState::begin_closing(Execution& execution, JoinSetOrdinal set) {
  const OpenSet* open = execution.book->find(set);
  execution.closing_set = set;
  execution.untold = size_of(*open);
  const std::uint32_t unawaited = size_of(*open) - std::min(size_of(*open), open->awaited);
  if (unawaited > 0)
    append(execution,
           JoinNext{.join_set = set, .requested = {}, .closing = true, .count = unawaited});
  execution.row.stage = Stage::ready;
  touch(execution);
  queue_closer(execution);
}

/// The workflow's code has ended.
void PartitionState::take_end(Execution& execution, const TurnInput& input) {
  take_all_requests(execution, *input.advanced);
  after_motion(execution);
  end_code(execution, input.advanced->outcome);
}

void PartitionState::end_code(Execution& execution, const Outcome& outcome) {
  if (execution.book->open_sets().empty()) return finish(execution, outcome);
  begin_ending(execution, outcome);
}

void PartitionState::begin_ending(Execution& execution, const Outcome& outcome) {
  append(execution, Ending{outcome});
  execution.row.outcome_kind = outcome.kind;
  execution.row.failure = outcome.failure;
  execution.row.stage = Stage::ready;
  if (execution.row.lifecycle == Lifecycle::paused) execution.row.lifecycle = Lifecycle::active;
  execution.row.wake = {};
  execution.closing_set.reset();
  touch(execution);
  queue_closer(execution);
}

/// There is work on its closing. Stored ready while that is so, or a crash would forget it.
void PartitionState::queue_closer(Execution& execution) {
  if (is_ending(execution.row) && execution.row.stage != Stage::ready) {
    execution.row.stage = Stage::ready;
    touch(execution);
  }
  if (execution.closer_queued) return;
  execution.closer_queued = true;
  closers_.push_back(execution.row.key);
}

/// The set whose turn it is, or null if none holds the execution up any more.
const OpenSet* PartitionState::next_set_to_close(const Execution& execution,
                                                 JoinSetOrdinal& set) const {
  const auto& sets = execution.book->open_sets();
  if (!is_ending(execution.row)) {
    if (!execution.closing_set) return nullptr;
    set = *execution.closing_set;
    return execution.book->find(set);
  }
  if (sets.empty()) return nullptr;
  set = sets.rbegin()->first;
  return &sets.rbegin()->second;
}

std::uint32_t PartitionState::untold_of(const Execution& execution, JoinSetOrdinal set,
                                        const OpenSet& open) const {
  return execution.closing_set == set ? execution.untold : size_of(open);
}

void PartitionState::prepare(const Continue& input) {
  const Execution* execution = at(input.key);
  if (execution == nullptr || !execution->closer_queued) return;
  if (need_book(input.key) == nullptr || !missing_.books.empty()) return;
  JoinSetOrdinal set;
  const OpenSet* open = next_set_to_close(*execution, set);
  if (open == nullptr) {
    if (is_ending(execution->row)) need_parent(execution->row);
    return;
  }
  const std::uint32_t end = untold_of(*execution, set, *open);
  const std::uint32_t begin = end - std::min(end, options_.closing_slice);
  for (std::uint32_t place = begin; place < end; ++place) {
    const Member& member = open->members[place];
    if (member.answered || !member.child) continue;
    const Execution* child = need_row(member.child);
    if (child == nullptr || (is_workflow(child->row) && !why_not_cancellable(*child)))
      need_book(member.child);
  }
}

void PartitionState::decide(const Continue& input) {
  Execution* execution = at(input.key);
  if (execution == nullptr || !execution->closer_queued) return;
  execution->closer_queued = false;
  if (closers_.front() == input.key)
    closers_.pop_front();
  else
    std::erase(closers_, input.key);
  JoinSetOrdinal set;
  const OpenSet* open = next_set_to_close(*execution, set);
  if (open != nullptr && !(is_ending(execution->row) && is_canary(Canary::early_end))) {
    if (execution->closing_set != set) begin_closing(*execution, set);
    return close_slice(*execution, set);
  }
  if (is_ending(execution->row)) return finish(*execution, *execution->book->ending());
  settle_closed(*execution);
}

/// Tells one slice of members; then the set is awaited.
void PartitionState::close_slice(Execution& execution, JoinSetOrdinal set) {
  const std::uint32_t end = execution.untold;
  const std::uint32_t begin = end - std::min(end, options_.closing_slice);
  std::vector<Member> slice;
  if (const OpenSet* open = execution.book->find(set); open != nullptr && end > begin)
    slice.assign(open->members.begin() + begin, open->members.begin() + end);
  execution.untold = begin;
  for (const Member& member : std::views::reverse(slice))
    if (!member.answered) tell_member(execution, set, member);
  if (execution.book->find(set) == nullptr || execution.untold > 0) return queue_closer(execution);
  settle_closed(execution);
}

/// All members are told, or the set is closed: the row says what is awaited, if anything is.
void PartitionState::settle_closed(Execution& execution) {
  if (is_ending(execution.row)) {
    execution.row.stage = Stage::closing;
    return touch(execution);
  }
  if (!execution.closing_set) return;
  const JoinSetOrdinal set = *execution.closing_set;
  const bool closed = execution.book->satisfied(set);
  if (closed) execution.closing_set.reset();
  if (execution.motion == Motion::closing && closed) {
    take_turn(execution, Turn::satisfied, {});
  } else if (execution.motion == Motion::closing) {
    execution.row.stage = Stage::blocked;
    touch(execution);
  } else if (execution.motion == Motion::idle && execution.row.stage == Stage::ready) {
    execution.row.stage = Stage::blocked;  // its guest was dropped meanwhile
    touch(execution);
    if (closed) make_ready(execution);
  }
}

void PartitionState::tell_member(Execution& owner, JoinSetOrdinal set, const Member& member) {
  if (!member.child) {
    const DelayRow delay{owner.row.key, set, member.delay, {}, false};
    if (canary_sings(Canary::spared_member)) return write_delay(delay, true);
    return end_delay(owner, delay, true);
  }
  Execution* child = at(member.child);
  if (child == nullptr || child->row.stage == Stage::finished) return;
  if (child->row.lifecycle == Lifecycle::cancelling || is_ending(child->row)) return;
  if (why_not_cancellable(*child)) return;
  cancel_execution(*child, {"stele", "its join set is closed"}, false);
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Delays and wakes. The runtime says when; the current rows say whether.
#include <algorithm>

#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {

BatchNumber PartitionState::move_timer_window(Instant end) {
  options_.timer_window_end = std::max(options_.timer_window_end, end);
  return open_rows() > 0 ? open_ : BatchNumber{open_.value - 1};
}

bool PartitionState::has_delay(const Execution& owner, JoinSetOrdinal set,
                               std::uint32_t index) const {
  const OpenSet* open = owner.book->find(set);
  if (open == nullptr) return false;
  const auto place = std::ranges::lower_bound(
      open->delay_places, index, {}, [&](std::uint32_t at) { return open->members[at].delay; });
  if (place == open->delay_places.end()) return false;
  const Member& member = open->members[*place];
  return member.delay == index && !member.answered;
}

void PartitionState::prepare(const TimerDue& input) {
  const Execution* execution = need_row(input.key);
  if (execution == nullptr || execution->row.stage == Stage::finished) return;
  if (input.delay) need_book(input.key);
}

void PartitionState::decide(const TimerDue& input) {
  Execution* execution = at(input.key);
  if (execution == nullptr || execution->row.stage == Stage::finished) return refuse_report();
  if (!input.delay) {
    const ExecutionRow& row = execution->row;
    if (row.stage != Stage::waiting || row.wake > now_) return refuse_report();
    // Scheduled for now: it has never been started.
    if (row.wake == row.scheduled) execution->row.deployment = catalog_->deployment();
    return make_ready(*execution);
  }
  const DelayRow& delay = *input.delay;
  if (delay.paused || paused_delays_.contains(key_of(delay))) return refuse_report();
  const bool early = delay.expires > now_ && !is_canary(Canary::early_timer);
  if (early || !has_delay(*execution, delay.join_set, delay.index)) return refuse_report();
  end_delay(*execution, delay, false);
}

void PartitionState::prepare(const PauseDelay& input) {
  const Execution* owner = need_row(input.delay.owner);
  if (owner != nullptr && owner->row.stage != Stage::finished) need_book(input.delay.owner);
}

/// What is overdue when it is unpaused fires in the same step.
void PartitionState::decide(const PauseDelay& input) {
  const DelayRow& delay = input.delay;
  Execution* owner = at(delay.owner);
  if (owner == nullptr || !is_workflow(owner->row))
    return answer(input.request, delay.owner, error(Code::not_found, "there is no such delay"),
                  false);
  if (!owner->book || !has_delay(*owner, delay.join_set, delay.index))
    return answer(input.request, delay.owner,
                  error(Code::failed_precondition, "the delay is over already or was never made",
                        to_text(owner->row.id)),
                  false);
  if (delay.paused) {
    if (paused_delays_.insert(key_of(delay)).second) write_delay(delay, false);
  } else if (delay.expires <= now_) {
    end_delay(*owner, delay, false);
  } else {
    paused_delays_.erase(key_of(delay));
    write_delay(delay, false);
    set_timer({delay.expires, delay.owner, delay});
  }
  answer(input.request, delay.owner, std::nullopt, false);
}

/// Takes a delay's row away and answers it, early if it is cancelled.
void PartitionState::end_delay(Execution& owner, const DelayRow& delay, bool cancelled) {
  paused_delays_.erase(key_of(delay));
  if (!canary_sings(Canary::kept_delay)) write_delay(delay, true);
  answer_delay(owner, delay, cancelled);
}

/// Already due: answered in the same step, and never a row.
void PartitionState::make_delay(Execution& owner, const DelayRow& row) {
  if (row.expires <= now_ && !row.paused) {
    answer_delay(owner, row, false);
    return;
  }
  write_delay(row, false, true);
  if (row.paused)
    paused_delays_.insert(key_of(row));
  else
    set_timer({row.expires, row.owner, row});
}

void PartitionState::answer_delay(Execution& owner, const DelayRow& delay, bool cancelled) {
  DelayResponse response;
  response.seq = head_of(owner).response_seq;
  response.join_set = delay.join_set;
  response.index = delay.index;
  response.cancelled = cancelled;
  respond(owner, response, delay.join_set);
}

}  // namespace stele::core

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
    return make_ready(*execution);
  }
  const DelayRow& delay = *input.delay;
  if (delay.expires > now_ || !has_delay(*execution, delay.join_set, delay.index))
    return refuse_report();
  end_delay(*execution, delay, false);
}

/// Takes a delay's row away and answers it, early if it is cancelled.
void PartitionState::end_delay(Execution& owner, const DelayRow& delay, bool cancelled) {
  write_delay(delay, true);
  answer_delay(owner, delay, cancelled);
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

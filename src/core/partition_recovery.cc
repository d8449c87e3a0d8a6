// SPDX-License-Identifier: Apache-2.0
// Ready rows that the loader brings: recovery, overflow, and what a crash left marked (design 4.5).
#include <algorithm>

#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {
namespace {

/// Of the places in memory, what must be given up until rows of the index have a turn.
constexpr std::uint32_t index_turns = 4;

}  // namespace

void PartitionState::prepare(const Admit& input) {
  if (input.as_of < dropped_newest_) return;
  for (const ExecutionRow& row : input.rows) need_for_admit(row);
}

/// Most rows need nothing: they are started. Those that end at once need what their end changes.
void PartitionState::need_for_admit(const ExecutionRow& stored) {
  const Execution* known = at(stored.key);
  const ExecutionRow& row = known == nullptr ? stored : known->row;
  if (row.stage != Stage::ready || (known != nullptr && known->motion != Motion::idle)) return;
  const bool last_interruption =
      died_ && row.mark && row.interruptions + 1 >= options_.interruptions_max;
  if (is_ending(row) || (last_interruption && is_workflow(row))) {
    need_book(row.key);
  } else if (row.lifecycle == Lifecycle::cancelling || last_interruption) {
    need_row(row.key);
    need_parent(row);
  }
}

void PartitionState::decide(const Admit& input) {
  ReadyPool& pool = pools_[static_cast<std::size_t>(input.pool)];
  pool.loading = false;
  if (input.as_of < dropped_newest_) return;
  if (!pool.pass_begun) {
    pool.pass_begun = true;
    pool.pass_full = false;
    pool.pass_as_of = input.as_of;
  }
  const std::uint32_t loaded = pool.loaded;
  bool refused = false;
  for (const ExecutionRow& row : input.rows) {
    if (take_in(row, pool)) continue;
    pool.pass_full = refused = true;
    if (ready_room(input.pool) > 0) continue;  // only its root has had its part
    effects_.admitted = static_cast<std::size_t>(&row - input.rows.data());
    return;
  }
  end_turn(pool, input.wrapped || (refused && pool.loaded == loaded));
  if (!input.wrapped) return;
  pool.pass_begun = false;
  // Nothing was left out in a whole pass that saw all that had been left to the index.
  if (!pool.pass_full && pool.pass_as_of >= pool.left_at) pool.overflow = false;
}

/// The turn of the index goes on with the next page, or is over; the less comes of it, the later is
/// the next one.
void PartitionState::end_turn(ReadyPool& pool, bool over) const {
  if (over)
    pool.turn_after = std::min(pool.turn_after * 2, loaded_max());
  else
    pool.left = pool.turn_after;
}

/// False if there is no room for it.
bool PartitionState::take_in(const ExecutionRow& row, ReadyPool& pool) {
  if (is_foreign(row)) return true;
  Execution* known = at(row.key);
  if (known != nullptr) {
    if (is_canary(Canary::old_load) && known->motion == Motion::idle) known->row = row;
    if (known->row.stage != Stage::ready || known->motion != Motion::idle) return true;
    if (known->counted || known->closer_queued) return true;
  }
  if ((known == nullptr ? row : known->row).lifecycle == Lifecycle::paused) return true;
  const bool starts = !is_ending(row) && row.lifecycle != Lifecycle::cancelling;
  if (starts && catalog_->find(row.function) == nullptr) return true;
  if (starts && !has_room(pool, row.root, From::index)) return false;
  pool.turn_after = loaded_max() / index_turns + 1;
  admit(known == nullptr ? insert_loaded(row) : *known);
  return true;
}

void PartitionState::admit(Execution& execution) {
  const ExecutionRow& row = execution.row;
  if (is_ending(row)) return queue_closer(execution);
  if (row.lifecycle == Lifecycle::cancelling)
    return finish(execution, failure_of(FailureKind::cancelled, "", ""));
  if (!row.mark) return start(execution, From::index);
  execution.row.mark = false;
  touch(execution);
  if (died_) return count_interruption(execution);
  start(execution, From::index);
}

/// It was under way when the process died.
void PartitionState::count_interruption(Execution& execution) {
  ExecutionRow& row = execution.row;
  ++row.interruptions;
  if (row.interruptions < options_.interruptions_max)
    return wait_until(execution, now_ + interruption_backoff(row.interruptions));
  std::string reason =
      "the process died " + std::to_string(row.interruptions) + " times while it was under way";
  if (!is_workflow(row))
    return finish(execution, failure_of(FailureKind::uncategorized, std::move(reason), ""));
  append_control(execution, Control::Kind::paused, {"stele", std::move(reason)});
  row.lifecycle = Lifecycle::paused;
  note_progress(row.key);
}

}  // namespace stele::core

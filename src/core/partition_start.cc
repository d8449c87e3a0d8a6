// SPDX-License-Identifier: Apache-2.0
// What may start now, and the turns of the motion table.
#include <algorithm>

#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {

bool PartitionState::take_turn(Execution& execution, Turn turn, const TurnInput& input) {
  const std::size_t number = motion_row(execution.motion, turn);
  if (number == motion_table().size()) {
    refuse_report();
    return false;
  }
  ++hits_[number];
  const MotionRow& row = motion_table()[number];
  execution.motion = row.next;
  (this->*row.handler)(execution, input);
  return true;
}

/// The subject of a report, or null if the report is late or repeated.
Execution* PartitionState::reporting(ExecutionKey key, Incarnation incarnation, RunNumber run) {
  Execution* execution = at(key);
  const bool stale = incarnation != options_.incarnation && !is_canary(Canary::any_incarnation);
  const bool late =
      execution != nullptr && execution->run != run && !is_canary(Canary::any_attempt);
  if (execution == nullptr || stale || late) {
    refuse_report();
    return nullptr;
  }
  return execution;
}

void PartitionState::make_ready(Execution& execution) {
  execution.row.stage = Stage::ready;
  execution.row.wake = {};
  if (!is_canary(Canary::ready_unstored)) touch(execution);
  start(execution);
}

/// Starts what is ready, or leaves it to the index.
void PartitionState::start(Execution& execution, From from) {
  CHECK(execution.motion == Motion::idle);
  CHECK(execution.row.stage == Stage::ready);
  const bool paused =
      execution.row.lifecycle == Lifecycle::paused && !is_canary(Canary::paused_starts);
  const bool cancelling = execution.row.lifecycle == Lifecycle::cancelling;
  if (draining_ || paused || cancelling || is_ending(execution.row)) return;
  if (catalog_->find(execution.row.function) == nullptr) return;
  if (!take_room(execution, from)) return;
  if (execution.row.interruptions >= options_.interruptions_alone) {
    if (alone_running_ && alone_running_ != execution.row.key) {
      alone_.push_back(execution.row.key);
      return;
    }
    alone_running_ = execution.row.key;
  }
  take_turn(execution, is_workflow(execution.row) ? Turn::start_run : Turn::start_attempt, {});
}

/// Fewer in careful mode, where whoever is started is marked: who only waits for its turn should
/// not be counted if the process dies.
std::uint32_t PartitionState::loaded_max() const {
  constexpr std::uint32_t careful_max = 64;
  return is_careful() ? std::min(careful_max, options_.ready_loaded_max)
                      : options_.ready_loaded_max;
}

/// A root with little in memory finds room beyond the limit, so that a broad tree keeps nobody out.
/// Most of that is for rows of the index, so that those in memory, which become ready again and
/// again, do not keep these out.
bool PartitionState::has_room(const ReadyPool& pool, ExecutionKey root, From from) const {
  const std::uint32_t limit = loaded_max();
  if (pool.loaded < limit) return true;
  const std::uint32_t kept = pool.overflow && from == From::memory ? limit - limit / 4 : 0;
  if (pool.loaded >= 2 * limit - kept) return false;
  const auto of_root = pool.by_root.find(root);
  return of_root == pool.by_root.end() || of_root->second < limit / 64 + 1;
}

std::uint32_t PartitionState::ready_room(Pool pool) const {
  const std::uint32_t loaded = pools_[static_cast<std::size_t>(pool)].loaded;
  return 2 * loaded_max() - std::min(loaded, 2 * loaded_max());
}

bool PartitionState::take_room(Execution& execution, From from) {
  if (execution.counted) return true;
  ReadyPool& pool = pools_[static_cast<std::size_t>(execution.row.pool)];
  if (!has_room(pool, execution.row.root, from)) {
    pool.overflow = true;
    pool.left_at = open_;
    ++counters_.ready_overflows;
    return false;
  }
  ++pool.by_root[execution.row.root];
  ++pool.loaded;
  execution.counted = true;
  return true;
}

void PartitionState::leave_room(Execution& execution) {
  if (!execution.counted) return;
  execution.counted = false;
  ReadyPool& pool = pools_[static_cast<std::size_t>(execution.row.pool)];
  --pool.loaded;
  ++pool.left;
  const auto of_root = pool.by_root.find(execution.row.root);
  if (--of_root->second == 0) pool.by_root.erase(of_root);
}

/// Its attempt or run is over, or its guest is parked.
void PartitionState::after_motion(Execution& execution) {
  execution.row.mark = false;
  leave_room(execution);
  if (alone_running_ != execution.row.key) return;
  alone_running_ = {};
  while (!alone_.empty() && !alone_running_) {
    Execution* next = at(alone_.front());
    alone_.pop_front();
    if (next != nullptr && next->motion == Motion::idle && next->row.stage == Stage::ready)
      start(*next);
  }
}

/// One that no report of this incarnation can carry yet, also if the row has left memory meanwhile.
RunNumber PartitionState::next_run(const Execution& execution) const {
  const bool is_loaded = execution.run == RunNumber{} && !execution.is_new;
  const RunNumber last = is_loaded ? run_dropped_ : execution.run;
  return RunNumber{std::max(last.value, execution.row.attempts) + 1};
}

void PartitionState::send_attempt(Execution& execution, const TurnInput& /*input*/) {
  ExecutionRow& row = execution.row;
  row.deployment = catalog_->deployment();
  execution.run = next_run(execution);
  if (is_careful() && !is_canary(Canary::unmarked)) {
    row.mark = true;
    touch(execution);
  }
  execution.begins_after = open_;
  begun_.push_back(row.key);
  started_.push_back({row.key, execution.run, open_, now_});
  ++counters_.attempts_started;
  hold(StartAttempt{row.key, row.root, options_.incarnation, execution.run, row.function, row.id,
                    row.params});
}

/// A new workflow has no history and may start at once; any other waits for its commit, because its
/// history is read from the store. It stays with the deployment that it began with.
void PartitionState::send_run(Execution& execution, const TurnInput& /*input*/) {
  ExecutionRow& row = execution.row;
  if (execution.book && !execution.book->begun()) row.deployment = catalog_->deployment();
  execution.seeks = false;
  execution.run = next_run(execution);
  ++counters_.runs_started;
  const bool first = execution.is_new && execution.book->head() == HistoryHead{} && !is_careful();
  execution.begins_after = first ? committed_ : open_;
  if (!first) begun_.push_back(row.key);
  started_.push_back({row.key, execution.run, open_, now_});
  if (first) {
    at_once(StartFirstRun{row.key, options_.incarnation, execution.run, row});
    return;
  }
  if (is_careful() && !is_canary(Canary::unmarked)) {
    row.mark = true;
    touch(execution);
  }
  hold(StartReplay{row.key, options_.incarnation, execution.run, row});
}

void PartitionState::wait_until(Execution& execution, Instant wake) {
  execution.row.stage = Stage::waiting;
  execution.row.wake = wake;
  touch(execution);
  set_timer({wake, execution.row.key, std::nullopt});
}

/// Every third time, if it is that one.
bool PartitionState::canary_sings(Canary canary) {
  return options_.canary == canary && ++canary_turns_ % 3 == 0;
}

void PartitionState::set_timer(const TimerDue& due) {
  if (canary_sings(Canary::lost_timer)) return;
  if (due.at >= options_.timer_window_end) return;
  TimerDue set = due;
  if (is_canary(Canary::early_timer)) set.at = set.at + seconds(-1);
  at_once(SetTimer{set});
}

void PartitionState::answer(RequestId request, ExecutionKey key, std::optional<Error> refusal,
                            bool repeated) {
  if (request == 0) return;
  hold(Answer{request, key, repeated, std::move(refusal)});
}

void PartitionState::note_progress(ExecutionKey key) {
  if (!effects_.held.empty()) {
    const auto* last = std::get_if<Progress>(&effects_.held.back());
    if (last != nullptr && last->key == key) return;
  }
  hold(Progress{key});
}

void PartitionState::emit_logs(const Execution& execution, const std::vector<RunLog>& lines) {
  if (lines.empty()) return;
  hold(EmitLogs{execution.row.key, execution.run, lines});
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// The open batch: entries as they come, the final image of each changed row at its close.
#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {
namespace {

constexpr std::size_t entry_bytes = 64;

std::size_t size_of(const Outcome& outcome) {
  return outcome.value.size() + outcome.reason.size() + outcome.detail.size();
}
std::size_t size_of(const ChildResponse& response) { return size_of(response.outcome); }
std::size_t size_of(const Ending& ending) { return size_of(ending.outcome); }
std::size_t size_of(const AttemptFailed& failed) {
  return failed.reason.size() + failed.detail.size();
}
std::size_t size_of(const Persist& persist) { return persist.value.size(); }
template <typename Body>
std::size_t size_of(const Body& /*body*/) {
  return 0;
}

}  // namespace

Image image_of(const ExecutionRow& row) {
  return {.deployment = row.deployment,
          .stage = row.stage,
          .lifecycle = row.lifecycle,
          .wake = row.wake,
          .attempts = row.attempts,
          .interruptions = row.interruptions,
          .controls = row.controls,
          .mark = row.mark,
          .outcome_kind = row.outcome_kind};
}

void PartitionMemory::touch(Execution& execution) {
  execution.changed = open_;
  if (execution.dirty) return;
  execution.dirty = true;
  dirty_.push_back(execution.row.key);
}

const HistoryHead& PartitionMemory::head_of(const Execution& execution) const {
  return execution.book ? execution.book->head() : execution.head;
}

Entry PartitionMemory::append(Execution& execution, EntryBody body) {
  CHECK(execution.book || !is_workflow(execution.row));
  const HistoryHead& head = head_of(execution);
  Entry entry{head.position, head.version, now_, std::move(body)};
  if (execution.book)
    execution.book->apply(entry);
  else
    execution.head = after(entry, head);
  open_bytes_ +=
      entry_bytes + std::visit([](const auto& known) { return size_of(known); }, entry.body);
  entries_.push_back({execution.row.key, entry});
  touch(execution);
  return entry;
}

void PartitionMemory::append_control(Execution& execution, Control::Kind kind,
                                     const Requester& by) {
  Control control;
  control.kind = kind;
  control.requester = by.who;
  control.reason = by.why;
  append(execution, std::move(control));
  if (!is_workflow(execution.row)) ++execution.row.controls;
}

void PartitionMemory::write_delay(const DelayRow& row, bool removed, bool is_new) {
  const auto known = delays_.find(key_of(row));
  if (known == delays_.end()) {
    delays_.emplace(key_of(row), OpenDelay{{row, removed}, is_new});
  } else if (removed && known->second.is_new) {
    delays_.erase(known);
  } else {
    known->second.write = {row, removed};
  }
}

std::size_t PartitionMemory::open_rows() const {
  return entries_.size() + delays_.size() + dirty_.size();
}

/// Most starts are over two batches later; what lasts is kept apart, until it is marked.
void PartitionState::sift_started(BatchNumber closing) {
  while (!started_.empty() && started_.front().batch.value + 2 <= closing.value) {
    if (lasts(started_.front()) != nullptr) lasting_.push_back(started_.front());
    started_.pop_front();
  }
}

/// The execution of a start, if that attempt or run is still under way without a mark.
Execution* PartitionState::lasts(const Started& started) {
  Execution* execution = at(started.key);
  if (execution == nullptr || execution->run != started.run || execution->row.mark) return nullptr;
  const bool moves = execution->motion == Motion::attempt || execution->motion == Motion::running;
  return moves ? execution : nullptr;
}

/// Marks what has lasted for a second, in a batch of its own if there is no other (design 4.5).
void PartitionState::decide(const Tick& /*input*/) {
  for (std::deque<Started>* starts : {&lasting_, &started_}) {
    while (!starts->empty() && now_ - starts->front().at >= options_.mark_after) {
      if (Execution* execution = lasts(starts->front())) {
        execution->row.mark = true;
        touch(*execution);
      }
      starts->pop_front();
    }
  }
}

WriteBatch PartitionState::close_batch(Instant now, bool clean_stop, WriteBatch spent) {
  now_ = std::max(now_, now);
  sift_started(open_);
  WriteBatch batch{.number = open_, .clock = now_, .clean_stop = clean_stop};
  batch.rows = std::move(spent.rows);
  batch.rows.reserve(dirty_.size());
  for (const ExecutionKey key : dirty_) {
    Execution& execution = *at(key);
    execution.dirty = false;
    // A run that is under way when its row is written has its mark for nothing.
    if (execution.motion == Motion::running && execution.begins_after <= committed_)
      execution.row.mark = true;
    const Image image = image_of(execution.row);
    settling_.emplace_back(open_, key);
    if (!execution.is_new && image == execution.written) continue;
    batch.rows.push_back({execution.row, execution.is_new});
    execution.is_new = false;
    execution.written = image;
  }
  dirty_.clear();
  batch.entries = std::exchange(entries_, std::move(spent.entries));
  batch.delays.reserve(delays_.size());
  for (auto& [key, write] : delays_) batch.delays.push_back(write.write);
  delays_.clear();
  open_bytes_ = 0;
  open_ = open_.next();
  return batch;
}

void PartitionState::committed(BatchNumber number) {
  CHECK(number > committed_ && number < open_);
  committed_ = number;
  while (!settling_.empty() && settling_.front().first <= number) {
    const ExecutionKey key = settling_.front().second;
    settling_.pop_front();
    drop_if_settled(key);
  }
}

}  // namespace stele::core

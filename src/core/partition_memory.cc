// SPDX-License-Identifier: Apache-2.0
// What is in memory, what must be loaded first, and what may be dropped (design 3.6).
#include "core/partition_memory.h"

#include <algorithm>

#include "base/check.h"

namespace stele::core {
namespace {

/// The head of what is no workflow follows from its row: one entry for each failed attempt and each
/// control event.
HistoryHead head_from_row(const ExecutionRow& row) {
  HistoryHead head;
  const std::uint32_t entries = row.attempts + row.controls;
  head.position += entries;
  head.version += entries;
  return head;
}

}  // namespace

PartitionMemory::PartitionMemory(const PartitionOptions& options)
    : options_(options),
      now_(options.now),
      next_key_(options.next_key),
      open_(options.last_batch.next()),
      committed_(options.last_batch) {}

const Execution* PartitionMemory::find(ExecutionKey key) const {
  const auto found = executions_.find(key);
  return found == executions_.end() ? nullptr : &found->second;
}

Execution* PartitionMemory::at(ExecutionKey key) {
  const auto found = executions_.find(key);
  return found == executions_.end() ? nullptr : &found->second;
}

Execution* PartitionMemory::need_row(ExecutionKey key) {
  Execution* found = at(key);
  if (found == nullptr && !absent_keys_.contains(key)) missing_.rows.push_back(key);
  return found;
}

Execution* PartitionMemory::need_book(ExecutionKey key) {
  Execution* found = need_row(key);
  if (absent_keys_.contains(key)) return nullptr;
  if (found == nullptr || (is_workflow(found->row) && !found->book)) missing_.books.push_back(key);
  return found;
}

void PartitionMemory::need_parent(const ExecutionRow& row) {
  if (row.parent) need_book(row.parent);
}

void PartitionMemory::need_root(const Ulid& root) {
  if (!roots_.contains(root) && !absent_roots_.contains(root)) missing_.roots.push_back(root);
}

bool PartitionMemory::lacks() const {
  return !missing_.rows.empty() || !missing_.roots.empty() || !missing_.books.empty();
}

Execution& PartitionMemory::insert(ExecutionRow row) {
  const ExecutionKey key = row.key;
  absent_keys_.erase(key);
  if (row.parent)
    ++children_here_[row.parent];
  else
    roots_.insert_or_assign(row.id.root, key);
  const auto [place, inserted] = executions_.try_emplace(key);
  CHECK(inserted);
  place->second.row = std::move(row);
  return place->second;
}

Execution& PartitionMemory::insert_loaded(const ExecutionRow& row) {
  Execution& execution = insert(row);
  execution.written = image_of(row);
  if (!is_workflow(row)) execution.head = head_from_row(row);
  ++execution.pins;
  loaded_.emplace_back(next_token_ - 1, row.key);
  return execution;
}

Partition::LoadToken PartitionMemory::begin_load() {
  loads_.emplace(next_token_, committed_);
  return next_token_++;
}

void PartitionMemory::load(std::span<const ExecutionRow> rows,
                           std::span<const ExecutionKey> asked_keys,
                           std::span<const Ulid> asked_roots, BatchNumber as_of) {
  if (as_of < dropped_newest_) return;  // older than what was dropped: asked for again
  for (const ExecutionRow& row : rows) {
    if (!is_foreign(row) && at(row.key) == nullptr) insert_loaded(row);
  }
  for (const ExecutionKey key : asked_keys)
    if (at(key) == nullptr) absent_keys_.insert(key);
  for (const Ulid& root : asked_roots)
    if (!roots_.contains(root)) absent_roots_.insert(root);
}

void PartitionMemory::load_book(ExecutionKey key, Book book) {
  Execution* execution = at(key);
  // Every entry needs the book, so one in memory is as new as can be.
  if (execution == nullptr || execution->book) return;
  execution->book = std::move(book);
}

void PartitionMemory::end_load(Partition::LoadToken token) {
  loads_.erase(token);
  loads_ended_ = true;
}

/// What was loaded stays until a step has run after the end of its load.
void PartitionMemory::release_loads() {
  loads_ended_ = false;
  if (loads_.empty()) {
    absent_keys_.clear();
    absent_roots_.clear();
  }
  const Partition::LoadToken oldest = loads_.empty() ? next_token_ : loads_.begin()->first;
  std::vector<ExecutionKey> free = std::exchange(retained_, {});
  std::erase_if(loaded_, [&](const auto& loaded) {
    if (loaded.first >= oldest) return false;
    if (Execution* execution = at(loaded.second)) --execution->pins;
    free.push_back(loaded.second);
    return true;
  });
  for (const ExecutionKey key : free) drop_if_settled(key);
}

bool PartitionMemory::is_safe_from_loads(BatchNumber changed) const {
  return loads_.empty() || changed <= loads_.begin()->second;
}

bool PartitionMemory::is_settled(const Execution& execution) const {
  return execution.motion == Motion::idle && !execution.counted && !execution.dirty &&
         !execution.closer_queued && execution.pins == 0 &&
         (execution.changed <= committed_ || options_.canary == Canary::early_drop);
}

void PartitionMemory::drop_if_settled(ExecutionKey key) {
  const auto found = executions_.find(key);
  if (found == executions_.end() || !is_settled(found->second)) return;
  const Execution& execution = found->second;
  if (execution.row.stage != Stage::finished && children_here_.contains(key)) return;
  if (!is_safe_from_loads(execution.changed)) {
    retained_.push_back(key);
    return;
  }
  dropped_newest_ = std::max(dropped_newest_, execution.changed);
  if (execution.row.stage != Stage::finished && execution.run.value > execution.row.attempts)
    run_dropped_ = std::max(run_dropped_, execution.run);
  const ExecutionKey parent = execution.row.parent;
  const auto root = roots_.find(execution.row.id.root);
  if (root != roots_.end() && root->second == key) roots_.erase(root);
  executions_.erase(found);
  if (!parent) return;
  const auto family = children_here_.find(parent);
  if (--family->second > 0) return;
  children_here_.erase(family);
  drop_if_settled(parent);
}

}  // namespace stele::core

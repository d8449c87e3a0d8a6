// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_content.h"

#include <fmt/format.h>

namespace stele {
namespace {

std::unexpected<Error> wrong(ExecutionKey key, std::string_view what) {
  return fail(Code::internal, fmt::format("batch refused: {} (execution {})", what, key.value));
}

}  // namespace

ExecutionRow changed(const ExecutionRow& stored, const ExecutionRow& image) {
  ExecutionRow row = stored;
  row.deployment = image.deployment;
  row.stage = image.stage;
  row.lifecycle = image.lifecycle;
  row.wake = image.wake;
  row.blocked_on = image.blocked_on;
  row.attempts = image.attempts;
  row.interruptions = image.interruptions;
  row.controls = image.controls;
  row.mark = image.mark;
  row.finished = image.finished;
  row.outcome_kind = image.outcome_kind;
  row.failure = image.failure;
  row.outcome = image.outcome;
  row.response_position = image.response_position;
  row.finished_version = image.finished_version;
  return row;
}

Result<void> MemoryContent::check(const WriteBatch& batch) const {
  std::map<ExecutionKey, std::uint32_t> next;
  std::set<ExecutionKey> seen;
  std::set<Ulid> fresh;
  for (const RowWrite& write : batch.rows) {
    const ExecutionRow& row = write.row;
    if (!seen.insert(row.key).second) return wrong(row.key, "its row is in it twice");
    if (rows.contains(row.key) == write.is_new) return wrong(row.key, "is_new does not fit");
    if (!write.is_new || row.parent) continue;
    if (roots.contains(row.id.root) || !fresh.insert(row.id.root).second) {
      return wrong(row.key, "its id exists");
    }
  }
  for (const EntryWrite& write : batch.entries) {
    const auto stored = histories.find(write.key);
    const std::size_t length = stored == histories.end() ? 0 : stored->second.size();
    const auto at = next.try_emplace(write.key, static_cast<std::uint32_t>(length)).first;
    if (write.entry.position != at->second++) return wrong(write.key, "its entries have a gap");
  }
  return {};
}

void MemoryContent::apply(const WriteBatch& batch) {
  for (const RowWrite& write : batch.rows) put_row(write);
  for (const EntryWrite& write : batch.entries) histories[write.key].push_back(write.entry);
  for (const DelayWrite& write : batch.delays) put_delay(write);
  clock = std::max(clock, batch.clock);
  clean = batch.clean_stop;
}

void MemoryContent::index(const ExecutionRow& row, bool present) {
  const ReadyKey ready_key{row.pool, row.root, row.key};
  const DueKey due_key{row.wake, row.key, false, {}, 0};
  if (present) {
    if (row.stage == Stage::ready) ready.insert(ready_key);
    if (row.stage == Stage::waiting) due.insert(due_key);
  } else {
    ready.erase(ready_key);
    due.erase(due_key);
  }
}

void MemoryContent::put_row(const RowWrite& write) {
  if (write.is_new) {
    rows.emplace(write.row.key, write.row);
    if (!write.row.parent) roots.emplace(write.row.id.root, write.row.key);
    index(write.row, true);
    return;
  }
  ExecutionRow& stored = rows.at(write.row.key);
  index(stored, false);
  stored = changed(stored, write.row);
  index(stored, true);
}

void MemoryContent::put_delay(const DelayWrite& write) {
  const DelayRow& row = write.row;
  const DelayKey key{row.owner, row.join_set, row.index};
  const auto old = delays.find(key);
  if (old != delays.end()) {
    due.erase({old->second.expires, row.owner, true, row.join_set, row.index});
    delays.erase(old);
  }
  if (write.removed) return;
  delays.emplace(key, row);
  if (!row.paused) due.insert({row.expires, row.owner, true, row.join_set, row.index});
}

}  // namespace stele

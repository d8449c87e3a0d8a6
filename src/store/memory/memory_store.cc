// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_store.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/memory/memory_content.h"

namespace stele {
namespace {

constexpr std::size_t history_page_bytes = std::size_t{1} << 20U;
constexpr std::size_t entries_at_once = 4'096;  ///< room is made for so many

/// About how many bytes an entry takes; only the large parts count.
std::size_t size_of(const Entry& entry) {
  std::size_t size = sizeof(Entry);
  if (const auto* response = std::get_if<ChildResponse>(&entry.body)) {
    size += response->outcome.value.size() + response->outcome.detail.size();
  }
  if (const auto* persist = std::get_if<Persist>(&entry.body)) size += persist->value.size();
  return size;
}

}  // namespace

std::shared_ptr<MemoryContent> make_memory_content() { return std::make_shared<MemoryContent>(); }

MemoryStore::MemoryStore(std::shared_ptr<MemoryContent> content, MemoryFaults faults)
    : content_(std::move(content)), faults_(std::move(faults)) {}

MemoryStore::~MemoryStore() = default;

void MemoryStore::crash() {
  const Lock lock(content_->mutex);
  crashed_ = true;
}

void MemoryStore::set_congested(bool congested) {
  const Lock lock(content_->mutex);
  congested_ = congested;
}

bool MemoryStore::congested() const {
  const Lock lock(content_->mutex);
  return congested_;
}

StoreCounters MemoryStore::counters() const {
  const Lock lock(content_->mutex);
  return counters_;
}

Result<void> MemoryStore::alive() const {
  if (crashed_) return fail(Code::unavailable, "the store has crashed");
  return {};
}

Result<void> MemoryStore::readable(ExecutionKey key) {
  if (std::ranges::find(faults_.damaged, key) == faults_.damaged.end()) return {};
  ++counters_.quarantined;
  const auto row = content_->rows.find(key);
  return fail(Code::data_loss, "the execution cannot be read: it is damaged",
              row == content_->rows.end() ? std::to_string(key.value) : to_text(row->second.id));
}

Result<Claim> MemoryStore::claim() {
  const Lock lock(content_->mutex);
  TRY(alive());
  Claim claim;
  claim.clean = content_->clean;
  claim.epoch = epoch_ = ++content_->epoch;
  content_->incarnation = claim.incarnation = content_->incarnation.next();
  content_->clean = false;
  claim.clock = content_->clock;
  if (!content_->rows.empty()) claim.next_key = content_->rows.rbegin()->first.next();
  claim.deployment = content_->active;
  last_batch_ = {};
  return claim;
}

Result<void> MemoryStore::commit(const WriteBatch& batch) {
  const CommitFault fault = faults_.on_commit ? faults_.on_commit(batch) : CommitFault{};
  {
    const Lock lock(content_->mutex);
    TRY(alive());
    if (fault.kind == CommitFault::Kind::fail) {
      return fail(fault.code, "the commit failed: " + std::string(code_name(fault.code)));
    }
    if (fault.kind == CommitFault::Kind::drop) return fail(Code::unavailable, "outcome unknown");
    TRY(commit_locked(batch));
    if (fault.kind == CommitFault::Kind::lose_reply) {
      return fail(Code::unavailable, "outcome unknown");
    }
  }
  if (faults_.after_commit) faults_.after_commit(batch);
  return {};
}

Result<void> MemoryStore::commit_locked(const WriteBatch& batch) {
  if (epoch_ == 0 || epoch_ != content_->epoch) {
    return fail(Code::aborted, "another owner has claimed this store");
  }
  if (batch.number != last_batch_.next()) {
    return fail(Code::internal,
                fmt::format("batch {} committed after {}", batch.number.value, last_batch_.value));
  }
  TRY(content_->check(batch));
  content_->apply(batch);
  last_batch_ = batch.number;
  ++counters_.commits;
  counters_.rows += batch.rows.size() + batch.delays.size();
  counters_.entries += batch.entries.size();
  return {};
}

Result<Loaded> MemoryStore::load(std::span<const ExecutionKey> keys, std::span<const Ulid> roots) {
  const Lock lock(content_->mutex);
  TRY(alive());
  Loaded loaded;
  loaded.as_of = last_batch_;
  for (const ExecutionKey key : keys) {
    TRY(readable(key));
    const auto row = content_->rows.find(key);
    if (row != content_->rows.end()) loaded.rows.push_back(row->second);
  }
  for (const Ulid& root : roots) {
    const auto key = content_->roots.find(root);
    if (key == content_->roots.end()) continue;
    TRY(readable(key->second));
    loaded.rows.push_back(content_->rows.at(key->second));
  }
  return loaded;
}

Result<ExecutionRow> MemoryStore::find(const ExecutionId& id) { return finder_.find(*this, id); }

Result<HistoryPage> MemoryStore::read_history(ExecutionKey key, std::uint32_t position,
                                              std::uint32_t limit) {
  const Lock lock(content_->mutex);
  TRY(alive());
  TRY(readable(key));
  HistoryPage page;
  page.as_of = last_batch_;
  const auto history = content_->histories.find(key);
  if (history == content_->histories.end()) return page;
  std::size_t bytes = 0;
  const std::size_t left =
      history->second.size() - std::min<std::size_t>(position, history->second.size());
  page.entries.reserve(std::min<std::size_t>({limit, left, entries_at_once}));
  for (std::size_t at = position; at < history->second.size(); ++at) {
    if (page.entries.size() >= limit || bytes >= history_page_bytes) {
      page.more = true;
      break;
    }
    page.entries.push_back(history->second[at]);
    bytes += size_of(page.entries.back());
  }
  return page;
}

Result<HistoryHead> MemoryStore::read_head(ExecutionKey key) {
  const Lock lock(content_->mutex);
  TRY(alive());
  TRY(readable(key));
  HistoryHead head;
  const auto history = content_->histories.find(key);
  if (history == content_->histories.end()) return head;
  for (const Entry& entry : history->second) head = after(entry, head);
  return head;
}

Result<DuePage> MemoryStore::due(Instant from, Instant before, std::uint32_t limit) {
  const Lock lock(content_->mutex);
  TRY(alive());
  DuePage page;
  page.as_of = last_batch_;
  for (auto at = content_->due.lower_bound({from, {}, false, {}, 0}); at != content_->due.end();
       ++at) {
    const auto& [instant, key, is_delay, join_set, index] = *at;
    if (instant >= before) break;
    if (page.due.size() >= limit && page.due.back().at != instant) {
      page.more = true;
      break;
    }
    Due due{instant, key, std::nullopt};
    if (is_delay) due.delay = content_->delays.at({key, join_set, index});
    page.due.push_back(due);
  }
  return page;
}

Result<ReadyPage> MemoryStore::ready(Pool pool, ReadyCursor after, std::uint32_t per_root,
                                     std::uint32_t limit) {
  const Lock lock(content_->mutex);
  TRY(alive());
  ReadyPage page;
  page.as_of = last_batch_;
  page.next = after;
  std::uint32_t of_root = 0;
  auto at = content_->ready.upper_bound({pool, after.root, after.key});
  while (page.rows.size() < limit) {
    if (at == content_->ready.end() || std::get<Pool>(*at) != pool) {
      page.wrapped = true;
      page.next = {};
      break;
    }
    const auto [of_pool, root, key] = *at;
    of_root = root == page.next.root && !page.rows.empty() ? of_root + 1 : 1;
    page.next = {root, key};
    page.rows.push_back(content_->rows.at(key));
    if (of_root >= per_root) page.next.key = ExecutionKey{INT64_MAX};
    at = content_->ready.upper_bound({pool, page.next.root, page.next.key});
  }
  return page;
}

Result<std::vector<DelayRow>> MemoryStore::delays_of(ExecutionKey owner) {
  const Lock lock(content_->mutex);
  TRY(alive());
  std::vector<DelayRow> rows;
  for (auto at = content_->delays.lower_bound({owner, {}, 0});
       at != content_->delays.end() && at->second.owner == owner; ++at) {
    rows.push_back(at->second);
  }
  return rows;
}

Result<UpkeepState> MemoryStore::upkeep() {
  const Lock lock(content_->mutex);
  TRY(alive());
  return UpkeepState::idle;
}

}  // namespace stele

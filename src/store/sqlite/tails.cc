// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/tails.h"

#include <algorithm>

#include "base/check.h"

namespace stele::sqlite {

void TailIndex::add(std::int64_t key, std::uint32_t position, std::int64_t id) {
  places_[key].push_back({position, static_cast<std::uint32_t>(id - first_id_)});
  ++events_;
}

void TailIndex::remove_newest(std::int64_t key) {
  const auto found = places_.find(key);
  CHECK(found != places_.end());
  found->second.pop_back();
  if (found->second.empty()) places_.erase(found);
  --events_;
}

void TailIndex::collect(std::int64_t key, std::uint32_t from, std::size_t limit,
                        std::vector<TailRef>& out) const {
  const auto found = places_.find(key);
  if (found == places_.end()) return;
  const std::vector<Place>& places = found->second;
  for (auto at = std::ranges::lower_bound(places, from, {}, &Place::position);
       at != places.end() && out.size() < limit; ++at) {
    out.push_back(ref(*at));
  }
}

void TailIndex::collect_back(std::int64_t key, std::uint32_t before, std::size_t limit,
                             std::vector<TailRef>& out) const {
  const auto found = places_.find(key);
  if (found == places_.end()) return;
  const std::vector<Place>& places = found->second;
  auto at = std::ranges::lower_bound(places, before, {}, &Place::position);
  while (at != places.begin() && out.size() < limit) out.push_back(ref(*--at));
}

std::vector<std::int64_t> TailIndex::keys() const {
  std::vector<std::int64_t> keys;
  keys.reserve(places_.size());
  for (const auto& [key, places] : places_) keys.push_back(key);
  std::ranges::sort(keys);
  return keys;
}

void Tails::set_next_id(std::int64_t next) {
  const Lock lock(mutex_);
  next_id_ = committed_id_ = next;
}

void Tails::adopt(std::shared_ptr<TailIndex> index) {
  const Lock lock(mutex_);
  frozen_.push_back(std::move(index));
}

void Tails::activate() {
  const Lock lock(mutex_);
  const int table = free_table();
  CHECK(table != 0);
  active_ = std::make_shared<TailIndex>(table, next_id_);
}

int Tails::free_table() const {
  for (int table = 1; table <= tables_; ++table) {
    const auto uses = [table](const FrozenTail& tail) { return tail->table() == table; };
    const bool used = std::ranges::any_of(frozen_, uses) || (active_ && active_->table() == table);
    if (!used) return table;
  }
  return 0;
}

int Tails::active_table() const {
  const Lock lock(mutex_);
  return active_->table();
}

std::int64_t Tails::next_id() const {
  const Lock lock(mutex_);
  return next_id_;
}

void Tails::add(std::span<const EntryWrite> entries, std::uint64_t bytes) {
  const Lock lock(mutex_);
  for (const EntryWrite& write : entries) {
    active_->add(write.key.value, write.entry.position, next_id_++);
  }
  active_->bytes += bytes;
  added_bytes_ = bytes;
}

void Tails::undo(std::span<const EntryWrite> entries) {
  const Lock lock(mutex_);
  for (std::size_t place = entries.size(); place-- > 0;) {
    active_->remove_newest(entries[place].key.value);
  }
  active_->bytes -= added_bytes_;
}

void Tails::committed() {
  const Lock lock(mutex_);
  committed_id_ = next_id_;
  if (active_->events() < limits_.events && active_->bytes < limits_.bytes) return;
  const int table = free_table();
  if (table == 0) return;
  if (is_canary(StoreCanary::restarted_ids)) next_id_ = committed_id_ = 1;
  frozen_.push_back(std::exchange(active_, std::make_shared<TailIndex>(table, next_id_)));
}

void Tails::retire(int table, std::uint64_t generation) {
  const Lock lock(mutex_);
  CHECK(!frozen_.empty() && frozen_.front()->table() == table);
  retired_.push_back({frozen_.front(), generation});
  frozen_.pop_front();
}

void Tails::drop_retired(std::uint64_t oldest) {
  std::deque<Retired> dropped;
  const Lock lock(mutex_);
  while (!retired_.empty() && retired_.front().generation <= oldest) {
    dropped.push_back(std::move(retired_.front()));
    retired_.pop_front();
  }
}

std::size_t Tails::in_use() const {
  const Lock lock(mutex_);
  return frozen_.size() + 1;
}

bool Tails::full() const {
  const Lock lock(mutex_);
  return free_table() == 0;
}

FrozenTail Tails::oldest_frozen() const {
  const Lock lock(mutex_);
  return frozen_.empty() ? nullptr : frozen_.front();
}

std::int64_t Tails::committed_id() const {
  const Lock lock(mutex_);
  return committed_id_;
}

std::vector<TailRef> Tails::find(std::int64_t key, std::uint32_t from, std::size_t limit) const {
  std::vector<TailRef> refs;
  const Lock lock(mutex_);
  for (const Retired& retired : retired_) retired.tail->collect(key, from, limit, refs);
  for (const FrozenTail& tail : frozen_) tail->collect(key, from, limit, refs);
  if (active_) active_->collect(key, from, limit, refs);
  return refs;
}

std::vector<TailRef> Tails::find_back(std::int64_t key, std::uint32_t before,
                                      std::size_t limit) const {
  std::vector<TailRef> refs;
  const Lock lock(mutex_);
  if (active_) active_->collect_back(key, before, limit, refs);
  for (auto tail = frozen_.rbegin(); tail != frozen_.rend(); ++tail) {
    (*tail)->collect_back(key, before, limit, refs);
  }
  for (auto tail = retired_.rbegin(); tail != retired_.rend(); ++tail) {
    tail->tail->collect_back(key, before, limit, refs);
  }
  return refs;
}

}  // namespace stele::sqlite

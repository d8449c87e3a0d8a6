// SPDX-License-Identifier: Apache-2.0
#include "core/partition.h"

#include <algorithm>

#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {

Partition::Partition(PartitionOptions options, CatalogPtr catalog)
    : state_(std::make_unique<PartitionState>(options, std::move(catalog))) {}
Partition::~Partition() = default;
Partition::Partition(Partition&&) noexcept = default;
Partition& Partition::operator=(Partition&&) noexcept = default;

std::expected<Effects, Missing> Partition::step(Instant now, const Input& input) {
  return state_->step(now, input);
}
Partition::LoadToken Partition::begin_load() { return state_->begin_load(); }
void Partition::load(std::span<const ExecutionRow> rows, std::span<const ExecutionKey> asked_keys,
                     std::span<const Ulid> asked_roots, BatchNumber as_of) {
  state_->load(rows, asked_keys, asked_roots, as_of);
}
void Partition::load_book(ExecutionKey key, Book book) { state_->load_book(key, std::move(book)); }
void Partition::end_load(LoadToken token) { state_->end_load(token); }
BatchNumber Partition::move_timer_window(Instant end) { return state_->move_timer_window(end); }
std::size_t Partition::open_rows() const { return state_->open_rows(); }
std::size_t Partition::open_bytes() const { return state_->open_bytes(); }
BatchNumber Partition::open_batch() const { return state_->open_batch(); }
std::uint32_t Partition::ready_room(Pool pool) const { return state_->ready_room(pool); }
WriteBatch Partition::close_batch(Instant now, bool clean_stop, WriteBatch spent) {
  return state_->close_batch(now, clean_stop, std::move(spent));
}
void Partition::committed(BatchNumber number) { state_->committed(number); }
PartitionCounters Partition::counters() const { return state_->counters(); }
const CatalogPtr& Partition::catalog() const { return state_->catalog(); }
const ExecutionRow* Partition::peek(ExecutionKey key) const {
  const Execution* found = state_->find(key);
  return found == nullptr ? nullptr : &found->row;
}
std::span<const std::uint64_t> Partition::table_hits() const { return state_->hits(); }

PartitionState::PartitionState(PartitionOptions options, CatalogPtr catalog)
    : PartitionMemory(options),
      prng_(options.seed),
      unclean_(options.careful),
      died_(options.careful && !options.reloaded),
      careful_until_(options.now + options.careful_for),
      hits_(motion_table().size()) {
  decide(Deploy{std::move(catalog)});
}

std::expected<Effects, Missing> PartitionState::step(Instant now, const Input& input) {
  now_ = std::max(now_, now);
  ++counters_.steps;
  std::visit([this](const auto& known) { prepare(known); }, input);
  if (lacks()) return std::unexpected(std::exchange(missing_, {}));
  if (!undelivered_.empty()) deliver_late();
  std::visit([this](const auto& known) { decide(known); }, input);
  seal();
  if (loads_ended_) release_loads();
  return std::exchange(effects_, {});
}

void PartitionState::seal() {
  effects_.after = open_rows() > 0 ? open_ : BatchNumber{open_.value - 1};
  for (const ExecutionKey key : begun_)
    if (Execution* execution = at(key)) execution->begins_after = effects_.after;
  begun_.clear();
  if (options_.canary == Canary::early_release) effects_.after = {};
  if (!closers_.empty()) effects_.again = Continue{closers_.front()};
  if (draining_) return;
  for (const Pool pool : {Pool::workflow, Pool::activity}) {
    ReadyPool& ready = pools_[static_cast<std::size_t>(pool)];
    const bool wanted = ready.loaded <= loaded_max() / 2 || ready.left >= ready.turn_after;
    if (!ready.overflow || ready.loading || !wanted) continue;
    ready.loading = true;
    ready.left = 0;
    effects_.load_ready.push_back(pool);
  }
}

void PartitionState::decide(const Deploy& input) {
  catalog_ = input.catalog;
  for (const CatalogFunction& function : catalog_->functions())
    known_[function.id] = {function.kind, function.cancellable};
  // What waited for its function is among the ready rows.
  for (ReadyPool& pool : pools_) pool.overflow = true;
}

void PartitionState::decide(const Drain& /*input*/) { draining_ = true; }

PartitionCounters PartitionState::counters() const {
  PartitionCounters counters = counters_;
  counters.executions_in_memory = executions_.size();
  return counters;
}

}  // namespace stele::core

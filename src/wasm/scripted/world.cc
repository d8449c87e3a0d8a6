// SPDX-License-Identifier: Apache-2.0
#include "wasm/scripted/world.h"

#include <utility>

namespace stele::wasm::scripted {

std::uint64_t World::begin_attempt(const std::string& call) {
  const Lock lock(mutex_);
  return ++attempts_[call];
}

std::uint64_t World::attempts(const std::string& call) const {
  const Lock lock(mutex_);
  const auto found = attempts_.find(call);
  return found == attempts_.end() ? 0 : found->second;
}

std::map<std::string, std::uint64_t> World::ledger() const {
  const Lock lock(mutex_);
  return attempts_;
}

bool World::pass(const std::string& gate, std::uint64_t guest_id, Wakes* wakes) {
  const Lock lock(mutex_);
  if (open_.contains(gate)) return true;
  waiting_[gate].push_back({guest_id, wakes});
  return false;
}

void World::open(const std::string& gate) {
  std::vector<Waiter> woken;
  {
    const Lock lock(mutex_);
    open_.insert(gate);
    woken = std::exchange(waiting_[gate], {});
  }
  for (const Waiter& waiter : woken)
    if (waiter.wakes != nullptr) waiter.wakes->woken(waiter.guest_id);
}

void World::forget_waiters() {
  const Lock lock(mutex_);
  waiting_.clear();
}

void World::crash() {
  const Lock lock(mutex_);
  crash_ = true;
  waiting_.clear();
}

bool World::take_crash() {
  const Lock lock(mutex_);
  return std::exchange(crash_, false);
}

}  // namespace stele::wasm::scripted

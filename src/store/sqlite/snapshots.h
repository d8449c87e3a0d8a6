// SPDX-License-Identifier: Apache-2.0
// Owns: the register of open read transactions, and the gate at which new ones wait.
// Life cycle: as the store. Thread: any; one mutex.
// Must hold: a reader is registered before its snapshot is taken and until it has ended.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "base/sync.h"

namespace stele::sqlite {

class Snapshots {
 public:
  /// The generation of the new reader, or none while the gate is closed.
  std::optional<std::uint64_t> enter() {
    const Lock lock(mutex_);
    if (closed_) return std::nullopt;
    open_.insert(generation_);
    return generation_;
  }

  /// Returns when the gate has opened or the last reader has left, or after so long.
  void wait_at_gate(Duration patience) {
    Lock lock(mutex_);
    if (closed_) changed_.wait_for(lock, patience);
  }

  void leave(std::uint64_t generation) {
    const Lock lock(mutex_);
    open_.erase(open_.find(generation));
    if (closed_ && open_.empty()) changed_.notify_all();
  }

  /// Readers that enter from now on have at least the returned generation.
  std::uint64_t advance() {
    const Lock lock(mutex_);
    return ++generation_;
  }

  /// Of the open readers; the next one's if there are none.
  std::uint64_t oldest() const {
    const Lock lock(mutex_);
    return open_.empty() ? generation_ : *open_.begin();
  }

  /// Lets nobody in any more; true if nobody is in.
  bool close_gate() {
    const Lock lock(mutex_);
    closed_ = true;
    return open_.empty();
  }

  void open_gate() {
    const Lock lock(mutex_);
    if (std::exchange(closed_, false)) changed_.notify_all();
  }

 private:
  mutable Mutex mutex_;
  Signal changed_;
  std::multiset<std::uint64_t> open_ STELE_GUARDED_BY(mutex_);
  std::uint64_t generation_ STELE_GUARDED_BY(mutex_) = 1;
  bool closed_ STELE_GUARDED_BY(mutex_) = false;
};

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
// Owns: the register of open read transactions, and the gate at which new ones wait.
// Life cycle: as the store. Thread: any; one mutex.
// Must hold: a reader is registered before its snapshot is taken and until it has ended.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "base/sync.h"

namespace stele::sqlite {

class Snapshots {
 public:
  /// The generation of the new reader, or none if the gate stayed closed for so long.
  std::optional<std::uint64_t> enter(Duration patience) {
    Lock lock(mutex_);
    if (closed_) opened_.wait_for(lock, patience);
    if (closed_) return std::nullopt;
    open_.insert(generation_);
    return generation_;
  }

  void leave(std::uint64_t generation) {
    const Lock lock(mutex_);
    open_.erase(open_.find(generation));
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
    closed_ = false;
    opened_.notify_all();
  }

  bool closed() const {
    const Lock lock(mutex_);
    return closed_;
  }

 private:
  mutable Mutex mutex_;
  Signal opened_;
  std::multiset<std::uint64_t> open_;
  std::uint64_t generation_ = 1;
  bool closed_ = false;
};

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
// Owns: segments that are built and not yet written, in order.
// Life cycle: as the store. Thread: any; one mutex. Must hold: what was taken and not committed is
// put
//   back in front; a table is emptied only after all its segments were taken.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "base/sync.h"
#include "store/sqlite/segments.h"

namespace stele::sqlite {

/// One piece of work for the writer: a segment or (empties != 0) a table to be emptied.
struct PackItem {
  Segment segment;
  int empties = 0;
};

class PackQueue {
 public:
  void push(PackItem item) {
    const Lock lock(mutex_);
    bytes_ += item.segment.body.size();
    items_.push_back(std::move(item));
  }

  std::optional<PackItem> take() {
    const Lock lock(mutex_);
    if (items_.empty()) return std::nullopt;
    PackItem item = std::move(items_.front());
    items_.pop_front();
    bytes_ -= item.segment.body.size();
    return item;
  }

  void give_back(std::vector<PackItem> items) {
    const Lock lock(mutex_);
    for (std::size_t place = items.size(); place-- > 0;) {
      bytes_ += items[place].segment.body.size();
      items_.push_front(std::move(items[place]));
    }
  }

  bool empty() const {
    const Lock lock(mutex_);
    return items_.empty();
  }

  std::uint64_t bytes() const {
    const Lock lock(mutex_);
    return bytes_;
  }

 private:
  mutable Mutex mutex_;
  std::deque<PackItem> items_ STELE_GUARDED_BY(mutex_);
  std::uint64_t bytes_ STELE_GUARDED_BY(mutex_) = 0;
};

}  // namespace stele::sqlite

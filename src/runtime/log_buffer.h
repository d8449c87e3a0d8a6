// SPDX-License-Identifier: Apache-2.0
// Owns: lines of guests on their way to the store. Life cycle: as the engine's.
// Thread: any puts; one at a time writes. Must hold: never delays a step: what has no space is
// dropped
//   and counted.
#pragma once

#include <cstdint>
#include <vector>

#include "base/sync.h"
#include "store/store.h"

namespace stele::runtime {

class LogBuffer {
 public:
  explicit LogBuffer(std::size_t rows_max) : rows_max_(rows_max) {}

  void put(std::vector<LogRow> rows);
  /// Writes what is there, at most 500 rows at once; false if there was nothing. A failed write
  /// drops its rows.
  bool write(Store& store);
  /// Waits for rows, at most `limit`.
  void wait(Duration limit);
  /// Wakes whoever waits.
  void wake() { signal_.notify_all(); }
  std::uint64_t dropped() const;

 private:
  std::size_t rows_max_;
  mutable Mutex mutex_;
  Signal signal_;
  std::deque<LogRow> rows_ STELE_GUARDED_BY(mutex_);
  std::uint64_t dropped_ STELE_GUARDED_BY(mutex_) = 0;
};

}  // namespace stele::runtime

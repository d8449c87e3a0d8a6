// SPDX-License-Identifier: Apache-2.0
// Owns: the partition's clock: its last stored value plus monotonic time, slewed to the wall clock.
// Life cycle: restarted at each claim. Thread: any.
// Must hold: never goes back, except by a logged jump beyond the threshold.
#pragma once

#include "base/sync.h"
#include "base/time.h"
#include "runtime/options.h"

namespace stele::runtime {

class PartitionClock {
 public:
  PartitionClock(TimeSource& source, Duration jump) : source_(source), jump_(jump) {}

  /// Goes on from `stored`, or from the wall clock if that is ahead.
  void restart(Instant stored);
  Instant now();
  Duration monotonic() { return source_.monotonic(); }

 private:
  TimeSource& source_;
  Duration jump_;
  Mutex mutex_;
  std::int64_t offset_us_ STELE_GUARDED_BY(mutex_) = 0;  ///< now = monotonic + offset
  std::int64_t seen_us_ STELE_GUARDED_BY(mutex_) = 0;    ///< monotonic time of the last look
};

}  // namespace stele::runtime

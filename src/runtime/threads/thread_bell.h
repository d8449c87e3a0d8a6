// SPDX-License-Identifier: Apache-2.0
// Owns: where guest threads and the commit thread sleep. Life cycle: outlives the engine that rings
// it. Thread: any. Must hold: a ring is never lost: it wakes a sleeper or keeps the next one from
// sleeping.
#pragma once

#include <atomic>

#include "base/sync.h"
#include "runtime/options.h"

namespace stele::runtime {

class ThreadBell final : public Bell {
 public:
  void ring() noexcept override;
  void ring_commit() noexcept override;
  /// Everyone wakes, and nobody sleeps again.
  void stop();

  /// Sleeps until there is work; false once stopped.
  bool sleep_guest();
  /// Sleeps at most `limit`; false once stopped.
  bool sleep_commit(Duration limit);
  /// Guest threads have worked since the last call.
  bool take_activity();
  /// A guest thread says that it works.
  void active();

 private:
  Mutex mutex_;
  Signal guests_;
  Signal commit_;
  std::uint32_t sleepers_ STELE_GUARDED_BY(mutex_) = 0;
  std::uint32_t rung_ STELE_GUARDED_BY(mutex_) = 0;
  bool commit_rung_ STELE_GUARDED_BY(mutex_) = false;
  bool commit_slow_ STELE_GUARDED_BY(mutex_) = false;  ///< the commit thread sleeps for long
  std::atomic<bool> active_ = false;
  bool stopped_ STELE_GUARDED_BY(mutex_) = false;
};

}  // namespace stele::runtime

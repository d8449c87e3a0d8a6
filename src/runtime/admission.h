// SPDX-License-Identifier: Apache-2.0
// Owns: when those who were refused should try again: so late that about as many come back in a
//   while as can be taken.
// Life cycle: as the engine's. Thread: any. Must hold: it never refuses by itself.
#pragma once

#include <optional>

#include "base/prng.h"
#include "base/sync.h"
#include "base/time.h"

namespace stele::runtime {

class Admission {
 public:
  explicit Admission(std::uint64_t seed) : jitter_(seed) {}

  void admitted();
  void refused(Instant monotonic);
  /// After which the one that was refused last should come back; empty if nobody was refused yet.
  std::optional<Duration> retry_after() const;

 private:
  mutable Mutex mutex_;
  mutable Prng jitter_ STELE_GUARDED_BY(mutex_);
  std::uint64_t admitted_ STELE_GUARDED_BY(mutex_) = 0;  ///< since the last look
  std::uint64_t refused_ STELE_GUARDED_BY(mutex_) = 0;   ///< since then
  Instant look_at_ STELE_GUARDED_BY(mutex_);             ///< monotonic
  Duration after_ STELE_GUARDED_BY(mutex_);
};

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Owns: how many submissions may wait, and when those who were refused should try again: so late
//   that about as many come back in a while as can be taken.
// Life cycle: as the engine's. Thread: any. Must hold: until the queue was full once, the queue's
//   size is its only limit.
#pragma once

#include <cstdint>
#include <optional>

#include "base/prng.h"
#include "base/sync.h"
#include "base/time.h"

namespace stele::runtime {

class Admission {
 public:
  Admission(std::uint64_t seed, std::size_t queue_max) : queue_max_(queue_max), jitter_(seed) {}

  /// How many may wait. While some are refused: so many as are taken in 5 ms, as what was accepted
  /// would be late behind more; at least 32, at most the queue's size.
  std::size_t limit(Instant monotonic) const;
  void admitted();
  void refused(Instant monotonic);
  /// After which the one that was refused last should come back; empty if nobody was refused yet.
  std::optional<Duration> retry_after() const;

 private:
  bool is_calm(Instant monotonic) const STELE_REQUIRES(mutex_);
  void look(Instant monotonic) STELE_REQUIRES(mutex_);

  const std::size_t queue_max_;
  mutable Mutex mutex_;
  mutable Prng jitter_ STELE_GUARDED_BY(mutex_);
  std::uint64_t admitted_ STELE_GUARDED_BY(mutex_) = 0;     ///< since the last look
  std::uint64_t refused_ STELE_GUARDED_BY(mutex_) = 0;      ///< since then
  std::size_t limit_ STELE_GUARDED_BY(mutex_) = SIZE_MAX;   ///< while it is not calm
  Instant looked_at_ STELE_GUARDED_BY(mutex_);              ///< monotonic
  Instant refused_at_ STELE_GUARDED_BY(mutex_){INT64_MIN};  ///< the last one
  Duration after_ STELE_GUARDED_BY(mutex_);
};

}  // namespace stele::runtime

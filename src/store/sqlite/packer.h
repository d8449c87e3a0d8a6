// SPDX-License-Identifier: Apache-2.0
// Owns: turning frozen tails into segments, and reading the tails' index at start.
// Life cycle: as the store. Thread: Packer: upkeep's. IndexLoader: any; one mutex.
// Must hold: tails are packed oldest first, each execution in order, so that segments are always a
//   prefix of a history; packing again after a crash writes nothing twice.
#pragma once

#include "store/sqlite/tail_copy.h"
#include "store/sqlite/writer.h"

namespace stele::sqlite {

/// Fills the indexes of the tails found at open, from their key columns.
class IndexLoader {
 public:
  /// Adopts the tails on disk, oldest first, and sets the counter of their rows.
  static Result<void> adopt(Connection& connection, Tails& tails, IndexLoader& loader);
  /// Loads what is not loaded yet; returns when all is there.
  Result<void> ensure(Readers& readers, Duration slice);

 private:
  struct Pending {
    std::shared_ptr<TailIndex> index;
    std::int64_t loaded_id = 0;
  };
  /// True when the tail is complete.
  static Result<bool> load_some(Readers& readers, Duration slice, Pending& pending);

  Mutex mutex_;
  std::vector<Pending> pending_ STELE_GUARDED_BY(mutex_);
};

class Packer {
 public:
  explicit Packer(Shared& shared) : shared_(shared), builder_(shared.config.compress) {}

  /// Builds segments for a bounded time, or until the queue is full. True if there is more to build
  /// now.
  Result<bool> build(Readers& readers);

 private:
  Result<void> build_until(Readers& readers, Duration slice);
  Result<void> pack_some(Reader& reader, ExecutionKey key);
  Result<void> add_entry(Reader& reader, ExecutionKey key, const TailRef& ref);
  void add_damaged(ExecutionKey key, const TailRef& ref);
  void flush(ExecutionKey key);
  bool queue_full() const;

  Shared& shared_;
  SegmentBuilder builder_;
  FrozenTail tail_;
  TailCopy copy_;
  std::vector<std::int64_t> keys_;
  std::size_t next_key_ = 0;
  bool emptying_ = false;            ///< all of the tail is queued
  std::optional<HistoryHead> head_;  ///< after what was added of the current key
  std::uint32_t first_ = 0;          ///< position at which the open segment begins
};

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
// Owns: the index in memory of the tail tables: which rows hold which entries of an execution.
// Life cycle: a tail is active, then frozen, then retired (its table is empty, its index still
// serves
//   older readers), then dropped. Thread: any; one mutex. A frozen TailIndex never changes.
// Must hold: rows are numbered by one counter that never restarts, so that a reference into a table
//   that was emptied and used again can only miss; an entry is added before its commit returns.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/sync.h"
#include "journal/rows.h"
#include "store/store_canary.h"

namespace stele::sqlite {

struct TailRef {
  int table = 0;
  std::int64_t id = 0;
  std::uint32_t position = 0;
};

class TailIndex {
 public:
  TailIndex(int table, std::int64_t first_id) : table_(table), first_id_(first_id) {}

  void add(std::int64_t key, std::uint32_t position, std::int64_t id);
  void remove_newest(std::int64_t key);
  /// Appends what holds positions from `from` on, at most until `out` has `limit`.
  void collect(std::int64_t key, std::uint32_t from, std::size_t limit,
               std::vector<TailRef>& out) const;
  /// The positions below `before`, newest first.
  void collect_back(std::int64_t key, std::uint32_t before, std::size_t limit,
                    std::vector<TailRef>& out) const;
  std::vector<std::int64_t> keys() const;
  int table() const { return table_; }
  std::int64_t first_id() const { return first_id_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t bytes = 0;

 private:
  struct Place {
    std::uint32_t position;
    std::uint32_t offset;
  };
  TailRef ref(const Place& place) const {
    return {table_, first_id_ + place.offset, place.position};
  }

  int table_;
  std::int64_t first_id_;
  std::uint64_t events_ = 0;
  std::unordered_map<std::int64_t, std::vector<Place>> places_;
};

using FrozenTail = std::shared_ptr<const TailIndex>;

class Tails {
 public:
  struct Limits {
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
    StoreCanary canary = StoreCanary::none;
  };
  Tails(Limits limits, int tables) : limits_(limits), tables_(tables) {}

  // At open.
  void set_next_id(std::int64_t next);
  /// A tail found on disk, oldest first; frozen at once.
  void adopt(std::shared_ptr<TailIndex> index);
  /// Begins the first active tail. If no table is free, the newest adopted one goes on.
  void activate();

  // The writer's.
  int active_table() const;
  std::int64_t next_id() const;
  /// Indexes the entries under consecutive numbers from next_id().
  void add(std::span<const EntryWrite> entries, std::uint64_t bytes);
  /// Takes the last add back, after a rollback.
  void undo(std::span<const EntryWrite> entries);
  /// The last add has committed; freezes the active tail if it is full and a table is free.
  void committed();
  void retire(int table, std::uint64_t generation);
  /// Drops what no reader of a generation before `oldest` can need.
  void drop_retired(std::uint64_t oldest);
  std::size_t in_use() const;
  bool full() const;
  bool is_canary(StoreCanary canary) const { return limits_.canary == canary; }

  /// The packer's: the oldest frozen tail, or none.
  FrozenTail oldest_frozen() const;

  // Readers'.
  /// Rows numbered below this had committed when it was asked.
  std::int64_t committed_id() const;
  std::vector<TailRef> find(std::int64_t key, std::uint32_t from, std::size_t limit) const;
  std::vector<TailRef> find_back(std::int64_t key, std::uint32_t before, std::size_t limit) const;

 private:
  struct Retired {
    FrozenTail tail;
    std::uint64_t generation;
  };
  int free_table() const STELE_REQUIRES(mutex_);

  Limits limits_;
  int tables_;
  mutable Mutex mutex_;
  std::shared_ptr<TailIndex> active_ STELE_GUARDED_BY(mutex_);
  std::deque<FrozenTail> frozen_ STELE_GUARDED_BY(mutex_);
  std::deque<Retired> retired_ STELE_GUARDED_BY(mutex_);
  std::int64_t next_id_ STELE_GUARDED_BY(mutex_) = 1;
  std::int64_t committed_id_ STELE_GUARDED_BY(mutex_) = 1;
  std::uint64_t added_bytes_ STELE_GUARDED_BY(mutex_) = 0;
};

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
// Owns: the executions in memory of a partition, what it knows of loads, and the open batch.
// Life cycle: as its Partition's. Thread: one call at a time.
// Must hold: memory wins over a load; nothing is dropped before its last change has committed and
//   while an older load is in flight; every change of an execution goes through touch().
#pragma once

#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/partition.h"
#include "core/partition_execution.h"

namespace stele::core {

using DelayKey = std::pair<ExecutionKey, std::pair<JoinSetOrdinal, std::uint32_t>>;
inline DelayKey key_of(const DelayRow& row) { return {row.owner, {row.join_set, row.index}}; }

/// What the open batch is charged for a row besides its parameters.
constexpr std::size_t row_bytes = 160;

class PartitionMemory {
 public:
  explicit PartitionMemory(const PartitionOptions& options);

  Partition::LoadToken begin_load();
  void load(std::span<const ExecutionRow> rows, std::span<const ExecutionKey> asked_keys,
            std::span<const Ulid> asked_roots, BatchNumber as_of);
  void load_book(ExecutionKey key, Book book);
  void end_load(Partition::LoadToken token);
  std::size_t open_rows() const;
  std::size_t open_bytes() const { return open_bytes_; }
  BatchNumber open_batch() const { return open_; }
  const Execution* find(ExecutionKey key) const;

 protected:
  Execution* at(ExecutionKey key);
  Execution* need_row(ExecutionKey key);
  Execution* need_book(ExecutionKey key);
  void need_parent(const ExecutionRow& row);
  void need_root(const Ulid& root);
  bool lacks() const;
  Execution& insert(ExecutionRow row);
  Execution& insert_loaded(const ExecutionRow& row);
  void drop_if_settled(ExecutionKey key);
  bool is_settled(const Execution& execution) const;
  void release_loads();
  bool is_safe_from_loads(BatchNumber changed) const;
  /// Made by a later owner: this one is fenced, and its next commit will fail.
  bool is_foreign(const ExecutionRow& row) const { return row.key >= next_key_; }

  void touch(Execution& execution);
  const HistoryHead& head_of(const Execution& execution) const;
  Entry append(Execution& execution, EntryBody body);
  void append_control(Execution& execution, Control::Kind kind, const Requester& by);
  void write_delay(const DelayRow& row, bool removed, bool is_new = false);

  PartitionOptions options_;
  Instant now_;

  std::map<ExecutionKey, Execution> executions_;
  std::map<Ulid, ExecutionKey> roots_;
  std::map<ExecutionKey, std::uint32_t> children_here_;
  std::set<ExecutionKey> absent_keys_;
  std::set<Ulid> absent_roots_;
  std::map<Partition::LoadToken, BatchNumber> loads_;
  Partition::LoadToken next_token_ = 1;
  bool loads_ended_ = false;
  std::vector<std::pair<Partition::LoadToken, ExecutionKey>> loaded_;
  std::vector<ExecutionKey> retained_;
  BatchNumber dropped_newest_;
  /// Of runs and attempts that ended without being counted in rows that left memory: a late report
  /// of one must not pass for that of another.
  RunNumber run_dropped_;
  ExecutionKey next_key_;

  /// A row that is not in the store before the open batch is never written if it ends in it.
  struct OpenDelay {
    DelayWrite write{};
    bool is_new = false;
  };
  BatchNumber open_;
  BatchNumber committed_;
  std::vector<ExecutionKey> dirty_;
  std::vector<EntryWrite> entries_;
  std::map<DelayKey, OpenDelay> delays_;
  std::size_t open_bytes_ = 0;
  std::deque<std::pair<BatchNumber, ExecutionKey>> settling_;
  Missing missing_;
};

}  // namespace stele::core

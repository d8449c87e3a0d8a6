// SPDX-License-Identifier: Apache-2.0
// Owns: the one connection that writes to the main file: batches, slices of packing, WAL restarts.
// Life cycle: as the store. Thread: any; one mutex makes writes take turns.
// Must hold: a batch commits whole or not at all; the commit never waits for a reader; the mutex is
//   never taken by a reader except to open the gate.
#pragma once

#include "store/sqlite/execution_rows.h"
#include "store/sqlite/pack_queue.h"
#include "store/sqlite/readers.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/tails.h"
#include "store/sqlite/values.h"

namespace stele::sqlite {

/// What the store's parts share.
struct Shared {
  explicit Shared(SqliteConfig settings)
      : config(std::move(settings)),
        machine(config.machine != nullptr ? *config.machine : this_machine()),
        tails({config.tail_events_max, config.tail_bytes_max, config.canary}, tail_tables) {}

  SqliteConfig config;
  Machine& machine;
  Tails tails;
  Snapshots snapshots;
  PackQueue queue;
};

class Writer {
 public:
  static Result<std::unique_ptr<Writer>> open(Connection connection, Shared& shared);

  Result<Claim> claim();
  Result<void> commit(const WriteBatch& batch);
  Result<DeploymentRow> save_deployment(const Store::NewDeployment& deployment);
  /// Writes a slice of packing by itself if nobody has committed for a while. True if it wrote.
  Result<bool> pack_when_idle(bool at_once);
  /// Runs it while nothing is written.
  template <class Work>
  auto alone(Work work) {
    const Lock lock(write_mutex_);
    return work();
  }
  /// Restarts the WAL if it is past the gate's size and no reader is open.
  void restart_wal();
  /// Pages may not have reached the disk. If that is what `error` says, nothing commits or
  /// checkpoints any more, so that the WAL keeps them for the next start.
  void note_io_error(const Error& error);
  Result<void> sound() const;
  /// What had committed up to now.
  ReadFloor floor() const;
  std::uint64_t wal_bytes() const;
  /// Nobody has committed for a while.
  bool idle() const;
  StoreCounters counters() const;
  void count_checkpoint();
  void count_quarantined();

 private:
  struct Statements {
    Statement begin, commit, get_meta, set_meta;
    RowStatements rows;
    Statement put_delay, remove_delay, put_segment;
    std::array<Statement, tail_tables> put_entry;
  };

  Writer(Connection connection, Shared& shared)
      : connection_(std::move(connection)), shared_(shared) {}
  Result<void> prepare();
  Result<void> write(const WriteBatch& batch);
  Result<void> write_rows(const WriteBatch& batch);
  Result<void> write_entries(const WriteBatch& batch);
  Result<void> write_delay(const DelayWrite& write);
  Result<void> write_clock(const WriteBatch& batch);
  Result<void> write_slice(Duration budget);
  Result<void> write_item(const PackItem& item);
  Result<void> sync();
  Result<void> check_epoch();
  Result<std::int64_t> meta(std::string_view name);
  Result<void> set_meta(std::string_view name, std::int64_t value);
  Result<Instant> stored_clock();
  void restart_wal_locked();
  void after_commit(const WriteBatch* batch);
  void note_wal(int pages);
  Duration slice_budget() const;

  Connection connection_;
  Shared& shared_;
  Statements statements_;
  Codec codec_;
  std::unique_ptr<ValueWriter> values_;
  std::uint64_t epoch_ = 0;
  std::uint64_t wal_frame_bytes_ = 0;
  bool clean_ = true;
  Instant clock_written_;
  std::vector<PackItem> taken_;
  Bytes scratch_;
  Mutex write_mutex_;

  mutable Mutex state_mutex_;  ///< guards what follows
  BatchNumber last_batch_ STELE_GUARDED_BY(state_mutex_);
  std::uint64_t wal_bytes_ STELE_GUARDED_BY(state_mutex_) = 0;
  std::int64_t last_commit_us_ STELE_GUARDED_BY(state_mutex_) = 0;
  std::optional<Error> io_error_ STELE_GUARDED_BY(state_mutex_);
  StoreCounters counters_ STELE_GUARDED_BY(state_mutex_);
};

}  // namespace stele::sqlite

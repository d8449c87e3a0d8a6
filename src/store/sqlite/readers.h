// SPDX-License-Identifier: Apache-2.0
// Owns: the read connections with their statements, and read transactions over them.
// Life cycle: a Reading holds one connection and one snapshot from start to destruction.
// Thread: Readers any; a Reading one. Must hold: a Reading is short (SqliteConfig::read_slice for
// scans):
//   an open one keeps the WAL from restarting and old indexes from being dropped.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/sync.h"
#include "journal/codec.h"
#include "store/sqlite/database.h"
#include "store/sqlite/machine.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/segments.h"
#include "store/sqlite/snapshots.h"

namespace stele::sqlite {

/// One connection; the large values that its rows refer to come from the same snapshot.
class Reader final : public BlobSource {
 public:
  static Result<std::unique_ptr<Reader>> open(const std::string& path, Machine& machine);
  Result<Bytes> get_value(const Hash128& hash) override;
  /// The statement for this text, prepared at its first use. `sql` is a literal.
  Result<Statement*> statement(const char* sql);
  Statement& tail(int table) { return tails_[static_cast<std::size_t>(table - 1)]; }

  std::int64_t monotonic_us() const { return machine_->monotonic_us(); }

  Connection connection;
  Codec codec;
  SegmentOpener segments;

 private:
  Machine* machine_ = nullptr;
  std::array<Statement, tail_tables> tails_;
  std::deque<std::pair<const char*, Statement>> statements_;  ///< pointers to them stay valid
};

/// What a reader takes along: facts that were true before its snapshot was taken.
struct ReadFloor {
  BatchNumber as_of;
  std::int64_t committed_id = 0;
};

class Readers {
 public:
  struct Wiring {
    Machine* machine = nullptr;
    std::string path;
    std::uint32_t readers_max = 4;
    Duration gate_patience;
    std::function<ReadFloor()> floor;
    /// Tries to open the gate when no commit does.
    std::function<void()> open_gate;
  };
  Readers(Wiring wiring, Snapshots& snapshots)
      : wiring_(std::move(wiring)), snapshots_(snapshots) {}

 private:
  friend class Reading;
  Result<std::unique_ptr<Reader>> take();
  void give(std::unique_ptr<Reader> reader);

  Wiring wiring_;
  Snapshots& snapshots_;
  Mutex mutex_;
  Signal returned_;
  std::vector<std::unique_ptr<Reader>> idle_ STELE_GUARDED_BY(mutex_);
  std::uint32_t opened_ STELE_GUARDED_BY(mutex_) = 0;
};

class Reading {
 public:
  static Result<Reading> start(Readers& readers);
  Reading(Reading&& other) noexcept;
  Reading& operator=(Reading&&) = delete;
  ~Reading();

  Reader& reader() { return *reader_; }
  const ReadFloor& floor() const { return floor_; }

 private:
  Reading(Readers& readers, std::unique_ptr<Reader> reader)
      : readers_(&readers), reader_(std::move(reader)) {}
  Result<void> take_snapshot();

  Readers* readers_;
  std::unique_ptr<Reader> reader_;
  std::optional<std::uint64_t> generation_;
  ReadFloor floor_;
};

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
// Owns: the port to durable storage of one partition.
// Life cycle: opened by a driver's factory (which migrates), claimed once, then used until
// destroyed. Thread: commit, save_deployment and upkeep's writes are serialised by the driver;
// commit is called by
//   one thread at a time; every read may come from any thread at any time.
// Must hold: a batch commits whole and in order, or not at all; a stale claim commits nothing;
// reads
//   see only what is committed; a driver returns errors, it does not log.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/rows.h"

namespace stele {

/// The result of taking ownership of the partition.
struct Claim {
  std::uint64_t epoch = 0;
  Incarnation incarnation{};  ///< raised by the claim
  bool clean = true;          ///< the last owner stopped cleanly (a new store is clean)
  Instant clock{};            ///< the last stored clock
  ExecutionKey next_key{1};
  DeploymentId deployment{};  ///< the active one, 0 if none
};

struct Loaded {
  std::vector<ExecutionRow> rows{};  ///< what exists of what was asked for, without order
  BatchNumber as_of{};               ///< the snapshot includes at least every batch up to this one
};

struct HistoryPage {
  std::vector<Entry> entries{};  ///< in order of position
  bool more = false;
  BatchNumber as_of{};
};

/// What is to happen at an instant: a delay, or (delay empty) an execution in stage waiting.
struct Due {
  Instant at{};
  ExecutionKey execution{};
  std::optional<DelayRow> delay{};
};

struct DuePage {
  std::vector<Due> due{};
  bool more = false;
  BatchNumber as_of{};
};

/// Position of the loader of ready work: it takes at most `per_root` rows of a root, then the next
/// root.
struct ReadyCursor {
  ExecutionKey root{};
  ExecutionKey key{};
};
struct ReadyPage {
  std::vector<ExecutionRow> rows{};
  ReadyCursor next{};
  bool wrapped = false;  ///< the end of the index was reached
  BatchNumber as_of{};
};

struct ListFilter {
  std::string ffqn_prefix{};
  std::string id_prefix{};
  bool derived = false;  ///< children too
  bool hide_finished = false;
  bool open_values =
      false;              ///< only stubs and external activities without a value; implies derived
  ExecutionKey before{};  ///< cursor: keys below this one; 0: from the newest
  std::uint32_t limit = 20;
};

/// Which backtrace: of a version, or at an end of what is stored.
struct BacktraceAt {
  enum class Place : std::uint8_t { first, last, version };
  Place place = Place::last;
  std::uint32_t version = 0;
};

struct LogPage {
  std::vector<LogRow> rows{};
  std::uint64_t next = 0;
};

/// Counted since open; for tests, metrics and `bench`.
struct StoreCounters {
  std::uint64_t commits = 0;
  std::uint64_t rows = 0;
  std::uint64_t entries = 0;
  std::uint64_t packed_entries = 0;
  std::uint64_t segments = 0;
  std::uint64_t tails_emptied = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t wal_restarts = 0;
  std::uint64_t wal_bytes = 0;
  std::uint64_t quarantined = 0;
};

enum class UpkeepState : std::uint8_t { idle, more };

class Store {
 public:
  virtual ~Store() = default;

  /// Takes ownership: a former owner's commits are refused from now on. Once per open.
  virtual Result<Claim> claim() = 0;

  /// Durable when it returns ok. Errors: resource_exhausted (disk full; nothing was written, may be
  /// tried again after reload), aborted (stale claim), data_loss (I/O error: the process must end),
  /// unavailable (outcome unknown).
  virtual Result<void> commit(const WriteBatch& batch) = 0;

  /// Rows by key and by top-level id. What is absent is simply not in the result.
  /// A row that cannot be read is quarantined (counted) and an error data_loss with its id.
  virtual Result<Loaded> load(std::span<const ExecutionKey> keys, std::span<const Ulid> roots) = 0;
  /// Any execution by its text id, derived ones through their parents' histories.
  /// Errors: not_found.
  virtual Result<ExecutionRow> find(const ExecutionId& id) = 0;
  /// Entries from `position` on, at most `limit` and about 1 MiB. Errors: data_loss (quarantined).
  virtual Result<HistoryPage> read_history(ExecutionKey key, std::uint32_t position,
                                           std::uint32_t limit) = 0;
  /// The numbers that the next entry gets.
  virtual Result<HistoryHead> read_head(ExecutionKey key) = 0;

  /// Delays (not paused) and waiting executions with from <= at < before, in order of time.
  virtual Result<DuePage> due(Instant from, Instant before, std::uint32_t limit) = 0;
  /// Rows in stage ready of a pool after the cursor.
  virtual Result<ReadyPage> ready(Pool pool, ReadyCursor after, std::uint32_t per_root,
                                  std::uint32_t limit) = 0;
  /// Delays of one owner, for closing its join sets when it is cold.
  virtual Result<std::vector<DelayRow>> delays_of(ExecutionKey owner) = 0;
  virtual Result<std::vector<ExecutionRow>> list(const ListFilter& filter) = 0;

  virtual Result<void> append_logs(std::span<const LogRow> rows) = 0;
  virtual Result<LogPage> read_logs(ExecutionKey key, std::uint64_t after, std::uint32_t limit) = 0;

  /// Replaces all backtraces of the execution.
  virtual Result<void> save_backtraces(ExecutionKey key, std::span<const BacktraceRow> rows) = 0;
  /// Errors: not_found.
  virtual Result<BacktraceRow> read_backtrace(ExecutionKey key, BacktraceAt at) = 0;

  /// Stores the deployment with its components' bytes (by digest) and makes it the active one;
  /// fills in the numbers of deployment and functions. The same digest again changes nothing.
  /// May be called before claim(), so that a partition opens with what it will run.
  struct NewDeployment {
    DeploymentRow row;
    std::vector<std::pair<std::string, Bytes>> blobs;  ///< digest, bytes
  };
  virtual Result<DeploymentRow> save_deployment(const NewDeployment& deployment) = 0;
  virtual Result<DeploymentRow> read_deployment(DeploymentId id) = 0;
  /// The whole dictionary of functions.
  virtual Result<std::vector<FunctionRow>> functions() = 0;
  virtual Result<Bytes> read_blob(std::string_view digest) = 0;

  /// One bounded piece of background work (packing, checkpoint); called in a loop by its own
  /// thread, never at the same time as itself. `more`: call again at once.
  virtual Result<UpkeepState> upkeep() = 0;
  /// True while stepping must wait for upkeep (five tails in use, or the WAL at its limit).
  virtual bool congested() const = 0;
  virtual StoreCounters counters() const = 0;
};

}  // namespace stele

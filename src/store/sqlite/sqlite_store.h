// SPDX-License-Identifier: Apache-2.0
// Owns: the factory of the SQLite driver and its settings.
// Life cycle: one store for each directory, held by a lock file from open to destruction.
// Thread: as the port says. Must hold: files that this release does not know are refused and not
// touched.
#pragma once

#include <memory>
#include <string>

#include "base/time.h"
#include "store/store.h"
#include "store/store_canary.h"

namespace stele {

namespace sqlite {
class Machine;
}

struct SqliteConfig {
  std::string directory;
  std::uint64_t tail_events_max = 100'000;
  std::uint64_t tail_bytes_max = std::uint64_t{64} << 20U;
  std::uint64_t wal_checkpoint_bytes = std::uint64_t{4} << 20U;  ///< upkeep checkpoints each time
  std::uint64_t wal_ahead_bytes = std::uint64_t{4} << 20U;       ///< its file is so much longer
  std::uint64_t wal_gate_bytes = std::uint64_t{64} << 20U;       ///< new readers wait from here on
  std::uint64_t wal_limit_bytes = std::uint64_t{256} << 20U;     ///< stepping waits from here on
  std::uint64_t segment_bytes_max = std::uint64_t{48} << 10U;    ///< before compression
  std::uint64_t pack_queue_bytes_max = std::uint64_t{4} << 20U;
  Duration pack_slice = microseconds(1'000);         ///< of a commit's time, given to packing
  Duration pack_slice_behind = microseconds(5'000);  ///< the same with a third tail in use
  Duration idle_after = microseconds(2'000);  ///< without a commit; then upkeep writes by itself
  Duration read_slice = milliseconds(20);     ///< longest read transaction of a scan
  Duration gate_patience = milliseconds(2);   ///< of a reader, between tries to open the gate
  bool compress = true;
  std::uint32_t readers_max = 4;
  std::uint32_t segment_entries_max = UINT32_MAX;
  StoreCanary canary = StoreCanary::none;
  sqlite::Machine* machine = nullptr;       ///< the simulator's; none: this_machine()
  std::uint32_t schema_versions_added = 0;  ///< tests: migrations after this release's
};

/// Sets the three WAL sizes in the proportions of the defaults.
void set_wal_limit(SqliteConfig& config, std::uint64_t limit_bytes);

/// Creates the directory and its files, or opens and migrates them.
/// Errors: failed_precondition (another server has the directory; a newer or foreign file),
/// data_loss (not a database, truncated), resource_exhausted (disk full), unavailable (cannot be
/// created or opened). After an error nothing else has changed.
Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteConfig& config);

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// Owns: the settings that tests make tiny, so that packing, eviction, replay, overflow and WAL
// restarts
//   happen in small runs.
// Life cycle: read once at start. Thread: any. Must hold: without the variable nothing changes; an
//   unknown key is refused.
//
// STELE_TEST_LIMITS is a JSON object of numbers:
//   tail_events     events in a tail before it is frozen and packed
//   hot_guests      workflow guests in memory
//   batch_rows      rows of a batch
//   ready_loaded    ready executions in memory, each pool
//   wal_bytes       size of the WAL from which stepping waits; the other two sizes follow
//   careful_ms      how long a start after a crash is careful
//   interruptions_max  crashes of the process that one execution may have been in
//   schema_versions_added  migrations after those of this release
//   seed            of new ids and jitter
#pragma once

#include <string_view>

#include "base/result.h"
#include "runtime/options.h"
#include "store/sqlite/sqlite_store.h"

namespace stele::server {

struct Limits {
  runtime::RuntimeOptions runtime;
  SqliteConfig store;
};

/// Errors: invalid_argument with the key.
Result<void> apply_test_limits(Limits& limits, std::string_view json);

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
// Owns: the room in the WAL file behind its last frame: zeros, durable before frames overwrite
// them.
//   A commit that makes a file longer waits for the file system's journal too; one that overwrites
//   does not, and takes half the time (ADR 0006).
// Life cycle: as its connection, which writes nothing else. Thread: one, upkeep's.
// Must hold: zeros are written beyond the end of the file alone, and while nobody else writes; to
//   SQLite they are no frames, so a WAL with them recovers as one without.
#pragma once

#include "store/sqlite/database.h"

namespace stele::sqlite {

/// Makes the file of the WAL a slice longer, up to `bytes` at most; the caller keeps other writers
/// of the process out. False if it is as long, or if another program writes at this moment.
Result<bool> extend_wal(Connection& connection, std::uint64_t bytes);
/// Makes durable what extend_wal() wrote.
Result<void> sync_wal(Connection& connection);
/// Size of its file.
Result<std::uint64_t> wal_file_bytes(Connection& connection);

}  // namespace stele::sqlite

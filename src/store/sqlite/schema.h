// SPDX-License-Identifier: Apache-2.0
// Owns: the tables of both database files, their versions, and the check of files found on disk.
// Life cycle: at open. Thread: one. Must hold: a file that is foreign, newer or damaged at its head
// is
//   refused before SQLite opens it; a new file appears under its name complete or not at all.
#pragma once

#include <string>

#include "store/sqlite/database.h"
#include "store/sqlite/machine.h"

namespace stele::sqlite {

/// In each database file's header: "STLE".
constexpr std::int64_t application_id = 0x53544c45;
constexpr int tail_tables = 5;

struct Migration {
  int version;
  const char* sql;
};

enum class File : std::uint8_t { main, log };
const char* file_name(File file);

/// A write connection to the file of the directory, created or migrated to this release's version,
/// or to one that is `versions_added` later (tests, main file only: migrations
/// that write all and change nothing).
/// Errors: failed_precondition (foreign, newer), data_loss (not a database, truncated), and those
/// of writing.
Result<Connection> open_file(Machine& machine, const std::string& directory, File file,
                             std::uint32_t versions_added = 0);

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
// Owns: the port to what the driver needs besides SQLite: the data directory's entries and a clock.
//   SQLite's own reads and writes go through the process's default sqlite3_vfs.
// Life cycle: outlives the stores over it. Thread: any.
// Must hold: two drivers of it, this machine and the simulator's disk, promise the same.
#pragma once

#include "store/sqlite/directory.h"

namespace stele::sqlite {

class Machine {
 public:
  virtual ~Machine() = default;
  /// Microseconds of a clock that only goes forward.
  virtual std::int64_t monotonic_us() = 0;
  // As the functions of directory.h.
  virtual Result<DirectoryLock> lock(const std::string& directory) = 0;
  virtual Result<FileHead> read_head(const std::string& path) = 0;
  virtual Result<void> create_private_file(const std::string& path) = 0;
  virtual Result<void> publish_file(const std::string& from, const std::string& to,
                                    const std::string& directory) = 0;
  virtual Result<void> sync_directory(const std::string& directory) = 0;
  virtual void remove_file(const std::string& path) = 0;
};

/// The one that the process runs on.
Machine& this_machine();

}  // namespace stele::sqlite

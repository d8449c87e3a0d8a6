// SPDX-License-Identifier: Apache-2.0
// Owns: the file system that SQLite sees in a simulation; the default one of the process meanwhile.
// Life cycle: longer than the connections over it. Thread: one; SQLite calls it.
// Must hold: nothing but the seed decides what a call does.
#pragma once

#include <functional>

#include <sqlite3.h>

#include "sim/disk.h"
#include "sim/files.h"

namespace stele::sim {

class Vfs {
 public:
  explicit Vfs(Files& files, std::function<IoFate(IoCall)> choose);
  ~Vfs();
  Vfs(const Vfs&) = delete;
  Vfs& operator=(const Vfs&) = delete;

  /// Without power every call fails and nothing changes.
  bool has_power = true;

  // What a handle of SQLite asks for.
  Files& files() { return files_; }
  /// Draws the fate of a call; SQLITE_OK if it is carried out.
  int begin(IoCall call, int error);

 private:
  Files& files_;
  std::function<IoFate(IoCall)> choose_;
  sqlite3_vfs vfs_{};
};

}  // namespace stele::sim

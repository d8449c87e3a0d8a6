// SPDX-License-Identifier: Apache-2.0
// Owns: the exit codes of every command. Life cycle: none. Thread: any.
// Must hold: numbers never change; scripts branch on them.
#pragma once

#include "base/error.h"

namespace stele::cli {

enum class Exit : int {
  ok = 0,
  execution_failed = 1,
  usage = 2,
  not_found = 3,
  conflict = 4,
  unavailable = 5,
  refused = 6,
};

Exit exit_code(Code code);
inline int number(Exit exit) { return static_cast<int>(exit); }

}  // namespace stele::cli

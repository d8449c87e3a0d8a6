// SPDX-License-Identifier: Apache-2.0
// Owns: the error of a backtrace that is not there, equal in all drivers.
// Life cycle: none. Thread: any. Must hold: it names the execution and what was asked for.
#pragma once

#include <fmt/format.h>

#include "store/store.h"

namespace stele {

inline std::unexpected<Error> no_backtrace(ExecutionKey key, BacktraceAt at) {
  const bool one = at.place == BacktraceAt::Place::version;
  return fail(Code::not_found,
              fmt::format("no backtrace{} is stored; record them again by a replay",
                          one ? fmt::format(" of version {}", at.version) : ""),
              fmt::format("execution number {}", key.value));
}

}  // namespace stele

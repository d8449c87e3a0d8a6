// SPDX-License-Identifier: Apache-2.0
// Owns: this machine's own limits, which the rows of the benchmark are set beside.
// Life cycle: one call measures one limit for so many seconds. Thread: one. Must hold: nothing of
//   the engine is in a limit; what it writes is gone afterwards.
#pragma once

#include <string>

#include "base/result.h"
#include "bench/summary.h"

namespace stele::bench {

struct Limit {
  double rate = 0;  ///< a second
  Summary times;    ///< of each, where that says something
};

/// Appends of 4 KiB, each made durable (fdatasync).
Result<Limit> append_fdatasync(const std::string& folder, double seconds);
/// SQLite commits of one row (WAL, synchronous=FULL).
Result<Limit> commit1(const std::string& folder, double seconds);
/// Steps (two entries appended, one row inserted, one updated, the indexes of what is ready and of
/// what wakes maintained) with so many in a commit.
Result<Limit> sqlite_steps(const std::string& folder, std::size_t steps, double seconds);
/// Calls of a workflow guest that are answered at once.
Result<Limit> bridge_calls(const std::string& components, double seconds);
/// Lives of an activity guest: instantiated, called, dropped.
Result<Limit> bridge_instantiations(const std::string& components, double seconds);

/// A bare server of the API's own library, in a process of its own.
class BareServer {
 public:
  BareServer() = default;
  ~BareServer();
  BareServer(const BareServer&) = delete;
  BareServer& operator=(const BareServer&) = delete;
  /// Before anything else uses the library, since it forks.
  Result<void> start();
  /// Unary calls that are answered at once, so many in flight.
  Result<Limit> unary(std::uint64_t in_flight, double seconds) const;

 private:
  int child_ = 0;
  int keep_open_ = -1;
  std::string address_;
};

}  // namespace stele::bench

// SPDX-License-Identifier: Apache-2.0
// Owns: the text of a profile: complete events, one row for each thread or lane, and an arrow for
//   each hand-over. Life cycle: a function. Thread: any. Must hold: valid JSON; each arrow has both
//   ends.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "base/trace.h"

namespace stele::telemetry {

struct TracedThread {
  std::string name;
  std::vector<TraceEvent> events;
};
struct TraceRecord {
  std::vector<TracedThread> threads{};
  std::uint64_t dropped = 0;
};

/// False: not all of it could be written.
bool write_trace(std::FILE* file, const TraceRecord& record);

}  // namespace stele::telemetry

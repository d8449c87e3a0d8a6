// SPDX-License-Identifier: Apache-2.0
// Owns: many executions in flight: submitted and, unless told otherwise, waited for.
// Life cycle: one plan, one run. Thread: one for each connection; it never waits for a single call.
// Must hold: this client measures the server and not itself: no thread for each call, no polling.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/summary.h"

namespace stele::bench {

struct FlowPlan {
  std::string address;
  std::string ffqn;
  std::string params;
  bool wait = true;             ///< until each has ended
  std::uint64_t in_flight = 1;  ///< at most
  std::uint64_t total = 0;      ///< 0: until `seconds` are over
  double seconds = 0;
  double rate = 0;  ///< begun a second, whatever the answers; 0: the next one when one has ended
  std::uint64_t connections = 1;  ///< share what is in flight, the total and the rate
  std::string ids_path;  ///< ids are written here, one a line; of one connection only
};

struct FlowReport {
  std::uint64_t begun = 0;
  std::uint64_t done = 0;
  std::uint64_t failed = 0;   ///< refused for another reason, or ended without an ok value
  std::uint64_t refused = 0;  ///< RESOURCE_EXHAUSTED, and not tried again
  std::uint64_t refused_with_retry = 0;  ///< RESOURCE_EXHAUSTED with the time of the next try
  std::uint64_t tried_again = 0;         ///< of these, when they were told to; not with a rate
  double seconds = 0;
  std::string first_error;
  Summary times;  ///< of those that are done
};

/// Errors: unavailable (no server there), invalid_argument (the file of ids).
Result<FlowReport> run_flows(const FlowPlan& plan);

}  // namespace stele::bench

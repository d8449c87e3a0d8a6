// SPDX-License-Identifier: Apache-2.0
// stele_sim_seeds FIRST LAST: simulates each seed; prints what is violated, then one line of sums.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <string_view>

#include "sim/simulation.h"
#include "telemetry/log.h"

namespace {

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  using stele::sim::SimResult;
  if (argc != 3) {
    std::fputs("usage: stele_sim_seeds FIRST LAST\n", stderr);
    return 2;
  }
  stele::telemetry::configure(stele::telemetry::Format::text, stele::telemetry::Level::error);
  SimResult sum;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = number(argv[1]); seed <= number(argv[2]); ++seed) {
    const SimResult result = stele::sim::simulate({.seed = seed});
    for (const std::string& violation : result.violations)
      std::fputs(fmt::format("seed {}: {}\n", seed, violation).c_str(), stdout);
    failed += result.violations.empty() ? 0 : 1;
    sum.batches += result.batches;
    sum.crashes += result.crashes;
    sum.clean_stops += result.clean_stops;
    sum.faults += result.faults;
    sum.executions += result.executions;
    sum.replays += result.replays;
    sum.evictions += result.evictions;
    sum.overflows += result.overflows;
  }
  std::fputs(fmt::format("{} seeds failed; {} executions, {} batches, {} crashes, {} clean "
                         "stops, {} faults, {} "
                         "replays equal, {} evictions, {} overflows\n",
                         failed, sum.executions, sum.batches, sum.crashes, sum.clean_stops,
                         sum.faults, sum.replays, sum.evictions, sum.overflows)
                 .c_str(),
             stdout);
  return failed == 0 ? 0 : 1;
}

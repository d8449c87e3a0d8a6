// SPDX-License-Identifier: Apache-2.0
// stele_sim_seeds FIRST LAST [canary=N] [shrink|trace] [first]: simulates each seed; prints what is
// violated, then one line of sums. With `shrink` the first seed that fails is made smaller and
// told.
#include <fmt/format.h>
#include <time.h>

#include <charconv>
#include <cstdio>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "sim/shrink.h"
#include "sim/simulation.h"
#include "telemetry/log.h"

namespace {

using stele::sim::SimOptions;
using stele::sim::SimResult;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Those of the core come first, then those of the store.
void choose_canary(SimOptions& options, std::uint64_t chosen) {
  const auto first = static_cast<std::uint64_t>(stele::core::Canary::count_);
  if (chosen < first)
    options.canary = static_cast<stele::core::Canary>(chosen);
  else
    options.store_canary = static_cast<stele::StoreCanary>(chosen - first + 1);
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

double monotonic_seconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Sum {
  SimResult all{};
  std::uint64_t seeds = 0;
  std::uint64_t failed = 0;
  std::uint64_t on_sqlite = 0;

  void add(const SimResult& result) {
    ++seeds;
    failed += result.violations.empty() ? 0 : 1;
    on_sqlite += result.sqlite ? 1 : 0;
    all.batches += result.batches;
    all.entries += result.entries;
    all.attempts += result.attempts;
    all.crashes += result.crashes;
    all.clean_stops += result.clean_stops;
    all.faults += result.faults;
    all.take_overs += result.take_overs;
    all.redeploys += result.redeploys;
    all.executions += result.executions;
    all.replays += result.replays;
    all.evictions += result.evictions;
    all.overflows += result.overflows;
    all.packed += result.packed;
    all.emptied += result.emptied;
    all.wal_restarts += result.wal_restarts;
    all.power_cuts += result.power_cuts;
  }

  std::string text() const {
    return fmt::format(
        "{} seeds failed of {}, {} on SQLite; {} executions, {} entries in {} batches, {} "
        "attempts, "
        "{} crashes, {} clean stops, {} failed commits, {} take-overs, {} redeploys, {} replays "
        "equal, {} evictions, {} overflows, {} entries packed, {} tails emptied, {} WAL restarts, "
        "{} "
        "power cuts\n",
        failed, seeds, on_sqlite, all.executions, all.entries, all.batches, all.attempts,
        all.crashes, all.clean_stops, all.faults, all.take_overs, all.redeploys, all.replays,
        all.evictions, all.overflows, all.packed, all.emptied, all.wal_restarts, all.power_cuts);
  }
};

/// The smallest life that fails, its program, and the end of what happened in it.
void tell(const SimOptions& failing, std::uint32_t tries_max) {
  const std::size_t lines_max = tries_max == 0 ? 100'000 : 120;
  SimOptions small = stele::sim::shrink(failing, tries_max);
  std::deque<std::string> lines;
  small.trace = [&lines, lines_max](std::string line) {
    lines.push_back(std::move(line));
    if (lines.size() > lines_max) lines.pop_front();
  };
  const SimResult result = stele::sim::simulate(small);
  print(fmt::format("\n--- seed {}, shrunk: {} turns, {} of {} orders, {} of {} statements\n{}",
                    small.seed, small.turns, result.orders - small.dropped_orders.size(),
                    result.orders, result.statements - small.dropped_statements.size(),
                    result.statements, result.workflows));
  print("--- the last events\n");
  for (const std::string& line : lines) print(line + '\n');
  for (const std::string& violation : result.violations) print("violated: " + violation + '\n');
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: stele_sim_seeds FIRST LAST [canary=N] [shrink|trace] [first]\n", stderr);
    return 2;
  }
  SimOptions options;
  std::uint32_t tries_max = 0;
  bool tells = false;
  bool stops = false;  ///< at the first seed that fails
  for (int i = 3; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with("canary=")) choose_canary(options, number(word.substr(7)));
    if (word == "sqlite") options.medium = stele::sim::Medium::sqlite;
    if (word == "memory") options.medium = stele::sim::Medium::memory;
    if (word == "shrink") tries_max = 400;
    stops = stops || word == "first";
    tells = tells || word == "shrink" || word == "trace";
  }
  stele::telemetry::configure(stele::telemetry::Format::text, stele::telemetry::Level::silent);
  const double start = monotonic_seconds();
  Sum sum;
  for (options.seed = number(argv[1]); options.seed <= number(argv[2]); ++options.seed) {
    const SimResult result = stele::sim::simulate(options);
    sum.add(result);
    for (const std::string& violation : result.violations)
      print(fmt::format("seed {}: {}\n", options.seed, violation));
    if (!result.violations.empty() && std::exchange(tells, false)) tell(options, tries_max);
    if (stops && sum.failed > 0) break;
    if (sum.seeds % 1'000 != 0) continue;
    const double spent = monotonic_seconds() - start;
    print(fmt::format("{} seeds, {} failed, {:.0f} seeds an hour\n", sum.seeds, sum.failed,
                      static_cast<double>(sum.seeds) / spent * 3'600));
  }
  print(sum.text());
  return sum.failed == 0 ? 0 : 1;
}

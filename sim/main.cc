// SPDX-License-Identifier: Apache-2.0
// stele_sim_seeds FIRST LAST [canary=N] [sqlite|memory] [shrink|trace] [first|canaries]: simulates
// each seed; prints what is violated, then one line of sums. With `shrink` the first seed that
// fails is made smaller and told; with `canaries` each deliberate bug must be found.
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <new>
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

constexpr auto canaries_end = static_cast<std::uint64_t>(stele::core::Canary::count) +
                              static_cast<std::uint64_t>(stele::StoreCanary::count) - 1;

/// Those of the core come first, then those of the store.
void choose_canary(SimOptions& options, std::uint64_t chosen) {
  const auto first = static_cast<std::uint64_t>(stele::core::Canary::count);
  options.canary = stele::core::Canary::none;
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

/// In memory that a child process shares with its parent.
struct Sum {
  struct Count {
    std::uint64_t SimResult::* from;
    std::string_view name;
  };
  static constexpr std::array counts{
      Count{&SimResult::executions, "executions"},
      Count{&SimResult::entries, "entries"},
      Count{&SimResult::batches, "batches"},
      Count{&SimResult::attempts, "attempts"},
      Count{&SimResult::crashes, "crashes"},
      Count{&SimResult::clean_stops, "clean stops"},
      Count{&SimResult::faults, "failed commits"},
      Count{&SimResult::take_overs, "take-overs"},
      Count{&SimResult::redeploys, "redeploys"},
      Count{&SimResult::replays, "replays equal"},
      Count{&SimResult::evictions, "evictions"},
      Count{&SimResult::overflows, "overflows"},
      Count{&SimResult::packed, "entries packed"},
      Count{&SimResult::emptied, "tails emptied"},
      Count{&SimResult::wal_restarts, "WAL restarts"},
      Count{&SimResult::power_cuts, "power cuts"},
  };
  std::array<std::uint64_t, counts.size()> all{};
  std::uint64_t seed = 0;  ///< the one that is lived through
  std::uint64_t seeds = 0;
  std::uint64_t failed = 0;
  std::uint64_t on_sqlite = 0;
  double start = 0;

  void add(const SimResult& result) {
    ++seeds;
    failed += result.violations.empty() ? 0 : 1;
    on_sqlite += result.sqlite ? 1 : 0;
    for (std::size_t i = 0; i < counts.size(); ++i) all[i] += result.*counts[i].from;
  }

  std::string text() const {
    std::string line =
        fmt::format("{} seeds failed of {}, {} on SQLite;", failed, seeds, on_sqlite);
    for (std::size_t i = 0; i < counts.size(); ++i)
      line += fmt::format("{} {} {}", i == 0 ? "" : ",", all[i], counts[i].name);
    return line + '\n';
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

struct Wishes {
  SimOptions options{};
  std::uint64_t last = 0;
  std::uint32_t tries_max = 0;
  bool tells = false;
  bool stops = false;  ///< at the first seed that fails
  bool hunts = false;  ///< each canary must be found
};

Wishes read_wishes(int argc, char** argv) {
  Wishes wishes;
  wishes.options.seed = number(argv[1]);
  wishes.last = number(argv[2]);
  for (int i = 3; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with("canary=")) choose_canary(wishes.options, number(word.substr(7)));
    if (word == "sqlite") wishes.options.medium = stele::sim::Medium::sqlite;
    if (word == "memory") wishes.options.medium = stele::sim::Medium::memory;
    if (word == "shrink") wishes.tries_max = 400;
    wishes.stops = wishes.stops || word == "first";
    wishes.hunts = wishes.hunts || word == "canaries";
    wishes.tells = wishes.tells || word == "shrink" || word == "trace";
  }
  return wishes;
}

/// From the given seed on, as far as the process lives.
void live(Wishes& wishes, Sum& sum) {
  constexpr unsigned seconds_max = 120;
  SimOptions& options = wishes.options;
  for (; options.seed <= wishes.last; ++options.seed) {
    sum.seed = options.seed;
    alarm(seconds_max);
    const SimResult result = stele::sim::simulate(options);
    alarm(0);
    sum.add(result);
    for (const std::string& violation : result.violations)
      print(fmt::format("seed {}: {}\n", options.seed, violation));
    if (!result.violations.empty() && std::exchange(wishes.tells, false))
      tell(options, wishes.tries_max);
    if (wishes.stops && sum.failed > 0) return;
    if (sum.seeds % 1'000 != 0) continue;
    const double spent = monotonic_seconds() - sum.start;
    print(fmt::format("{} seeds, {} failed, {:.0f} seeds an hour\n", sum.seeds, sum.failed,
                      static_cast<double>(sum.seeds) / spent * 3'600));
  }
}

/// In processes of their own, since a check of the engine ends one: such a seed has failed as well.
void live_guarded(Wishes wishes, Sum& sum) {
  while (wishes.options.seed <= wishes.last) {
    const pid_t child = fork();
    if (child == 0) {
      live(wishes, sum);
      _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) std::abort();
    if (!WIFSIGNALED(status)) return;
    ++sum.seeds;
    ++sum.failed;
    print(fmt::format("seed {}: the process ended with signal {}\n", sum.seed, WTERMSIG(status)));
    if (wishes.stops) return;
    wishes.options.seed = sum.seed + 1;
  }
}

/// Every canary, one after another. True if all are found.
bool hunt(Wishes wishes, Sum& sum) {
  bool all = true;
  wishes.stops = true;
  for (std::uint64_t canary = 1; canary < canaries_end; ++canary) {
    choose_canary(wishes.options, canary);
    sum = {.start = monotonic_seconds()};
    live_guarded(wishes, sum);
    all = all && sum.failed > 0;
    print(sum.failed > 0 ? fmt::format("canary {} is found by seed {}\n", canary, sum.seed)
                         : fmt::format("canary {} is NOT FOUND\n", canary));
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs(
        "usage: stele_sim_seeds FIRST LAST [canary=N] [sqlite|memory] [shrink|trace] "
        "[first|canaries]\n",
        stderr);
    return 2;
  }
  stele::telemetry::configure(stele::telemetry::Format::text, stele::telemetry::Level::silent);
  void* shared =
      mmap(nullptr, sizeof(Sum), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  Sum& sum = *new (shared) Sum;
  sum.start = monotonic_seconds();
  const Wishes wishes = read_wishes(argc, argv);
  if (wishes.hunts) return hunt(wishes, sum) ? 0 : 1;
  live_guarded(wishes, sum);
  print(sum.text());
  return sum.failed == 0 ? 0 : 1;
}

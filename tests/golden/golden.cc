// SPDX-License-Identifier: Apache-2.0
// Plays scenario files:
//   golden [--store memory|sqlite] [--small] [--crashes] [--calls N] [--update] FILE...
//   --small    with limits so small that every bound is met; says which were
//   --crashes  plays each again and again with a crash after its first, second, … commit
//   --calls N  plays each about N times, the store failing once at its first, … call, and as often
//              with the machine dying there
//   --update   writes the events as they are now into the files
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "golden/player.h"
#include "store/memory/memory_content.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"

namespace stele::golden {
namespace {

struct Arguments {
  bool sqlite = false;
  bool small = false;
  bool crashes = false;
  bool update = false;
  std::uint64_t calls_max = 0;
  std::vector<std::string> files;
};

/// A store of its own for each performance, removed afterwards.
class Storage {
 public:
  explicit Storage(const Arguments& arguments) : small_(arguments.small) {
    if (!arguments.sqlite) return;
    std::string pattern = (std::filesystem::temp_directory_path() / "stele-golden-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) directory_ = pattern;
  }
  ~Storage() {
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  }
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  OpenStore open() const {
    if (directory_.empty())
      return [content = make_memory_content()]() -> Result<std::unique_ptr<Store>> {
        return std::make_unique<MemoryStore>(content);
      };
    return [directory = directory_, this] {
      SqliteConfig config{.directory = directory, .tail_events_max = 20};
      if (small_) set_wal_limit(config, std::uint64_t{1} << 20U);
      return open_sqlite_store(config);
    };
  }

 private:
  bool small_;
  std::string directory_;
};

int report(const std::string& what, const Player& player) {
  for (const std::string& complaint : player.complaints())
    std::fputs(fmt::format("{}: {}\n", what, complaint).c_str(), stderr);
  return static_cast<int>(player.complaints().size());
}

void update(const std::string& path, const std::map<int, std::vector<std::string>>& events) {
  std::ifstream in(path);
  std::string text;
  int number = 0;
  bool skipping = false;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (skipping && line.find("end") != 0) continue;
    skipping = false;
    text += line + '\n';
    const auto seen = events.find(number);
    if (seen == events.end()) continue;
    skipping = true;
    for (const std::string& event : seen->second) text += "  " + event + '\n';
  }
  in.close();
  std::ofstream(path) << text;
}

struct Places {
  std::uint64_t count = 0;
  std::uint64_t played_max = 0;
};

int play_each(const std::string& path, const Scenario& scenario, const Arguments& arguments,
              Places places, const std::function<CrashPlan(std::uint64_t)>& plan) {
  int complaints = 0;
  const std::uint64_t stride = places.count / places.played_max + 1;
  for (std::uint64_t place = 1; place <= places.count; place += stride) {
    const Storage fresh(arguments);
    const CrashPlan crash = plan(place);
    Player player(scenario, {.open_store = fresh.open(), .crash = crash, .small = arguments.small});
    player.play();
    const std::string what = crash.after_commit > 0 ? "crash after commit"
                             : crash.call_fails     ? "failure of store call"
                                                    : "crash at store call";
    complaints += report(fmt::format("{}, {} {}", path, what, place), player);
  }
  return complaints;
}

int play(const std::string& path, const Arguments& arguments, runtime::EngineCounters& total) {
  const auto scenario = read_scenario(path);
  if (!scenario) {
    std::fputs(fmt::format("{}: {}\n", path, scenario.error().reason).c_str(), stderr);
    return 1;
  }
  const Storage storage(arguments);
  Player plain(*scenario, {.open_store = storage.open(), .small = arguments.small});
  plain.play();
  if (arguments.update) update(path, plain.events_seen());
  int complaints = report(path, plain);
  add(total, plain.counters());
  if (scenario->plain_only || complaints > 0) return complaints;
  if (arguments.crashes) {
    // Long scenarios: so many commits apart that there are about as many crashes.
    constexpr std::uint64_t crashes_max = 40;
    complaints += play_each(path, *scenario, arguments, {plain.commits(), crashes_max},
                            [](std::uint64_t commit) { return CrashPlan{.after_commit = commit}; });
  }
  for (const bool fails : {true, false}) {
    if (arguments.calls_max == 0) break;
    complaints += play_each(
        path, *scenario, arguments, {plain.store_calls(), arguments.calls_max},
        [fails](std::uint64_t call) { return CrashPlan{.at_call = call, .call_fails = fails}; });
  }
  return complaints;
}

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string value = values[i];
    if (value == "--store")
      arguments.sqlite = i + 1 < count && std::string(values[++i]) == "sqlite";
    else if (value == "--crashes")
      arguments.crashes = true;
    else if (value == "--calls" && i + 1 < count)
      arguments.calls_max = std::strtoull(values[++i], nullptr, 10);
    else if (value == "--small")
      arguments.small = true;
    else if (value == "--update")
      arguments.update = true;
    else
      arguments.files.push_back(value);
  }
  return arguments;
}

/// Zero if every bound was met.
int show(const runtime::EngineCounters& total) {
  const bool met = total.evictions > 0 && total.replays > 0 && total.ready_overflows > 0 &&
                   total.store.packed_entries > 0 && total.store.wal_restarts > 0;
  std::puts(fmt::format("evictions {}, replays {}, ready overflows {}, packed entries {}, WAL "
                        "restarts {}",
                        total.evictions, total.replays, total.ready_overflows,
                        total.store.packed_entries, total.store.wal_restarts)
                .c_str());
  return met ? 0 : 1;
}

int play_all(const Arguments& arguments) {
  int complaints = 0;
  runtime::EngineCounters total;
  for (const std::string& file : arguments.files) complaints += play(file, arguments, total);
  if (arguments.small && arguments.sqlite) complaints += show(total);
  if (complaints == 0)
    std::puts(fmt::format("{} scenarios as expected", arguments.files.size()).c_str());
  return complaints == 0 && !arguments.files.empty() ? 0 : 1;
}

}  // namespace
}  // namespace stele::golden

int main(int count, char** values) {
  return stele::golden::play_all(stele::golden::parse(count, values));
}

// SPDX-License-Identifier: Apache-2.0
// Plays scenario files: golden [--store memory|sqlite] [--crashes] [--update] FILE...
//   --crashes  plays each again and again with a crash after its first, second, … commit
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
  bool crashes = false;
  bool update = false;
  std::vector<std::string> files;
};

/// A store of its own for each performance, removed afterwards.
class Storage {
 public:
  explicit Storage(bool sqlite) {
    if (!sqlite) return;
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
    return [directory = directory_] {
      return open_sqlite_store({.directory = directory, .tail_events_max = 20});
    };
  }

 private:
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

int play(const std::string& path, const Arguments& arguments) {
  const auto scenario = read_scenario(path);
  if (!scenario) {
    std::fputs(fmt::format("{}: {}\n", path, scenario.error().reason).c_str(), stderr);
    return 1;
  }
  const Storage storage(arguments.sqlite);
  Player plain(*scenario, {.open_store = storage.open()});
  plain.play();
  if (arguments.update) update(path, plain.events_seen());
  int complaints = report(path, plain);
  if (!arguments.crashes || scenario->plain_only || complaints > 0) return complaints;
  // Long scenarios: so many commits apart that there are about as many crashes.
  constexpr std::uint64_t crashes_max = 40;
  const std::uint64_t stride = plain.commits() / crashes_max + 1;
  for (std::uint64_t commit = 1; commit <= plain.commits(); commit += stride) {
    const Storage fresh(arguments.sqlite);
    Player player(*scenario, {.open_store = fresh.open(), .crash = {.after_commit = commit}});
    player.play();
    complaints += report(fmt::format("{}, crash after commit {}", path, commit), player);
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
    else if (value == "--update")
      arguments.update = true;
    else
      arguments.files.push_back(value);
  }
  return arguments;
}

}  // namespace
}  // namespace stele::golden

int main(int count, char** values) {
  const auto arguments = stele::golden::parse(count, values);
  int complaints = 0;
  for (const std::string& file : arguments.files)
    complaints += stele::golden::play(file, arguments);
  if (complaints == 0)
    std::puts(fmt::format("{} scenarios as expected", arguments.files.size()).c_str());
  return complaints == 0 && !arguments.files.empty() ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
// make_database_fixture DIRECTORY: writes the database of tests/fixtures with this release's
// driver.
#include <cstdio>

#include "store/sqlite/sqlite_store.h"
#include "tests/conformance/fixture_content.h"

namespace stele {
namespace {

class Maker {
 public:
  explicit Maker(Store& store) : store_(store) {}

  Result<void> make() {
    TRY(store_.claim());
    TRY(store_.save_deployment(fixture::deployment()));
    WriteBatch rows = batch();
    for (const ExecutionRow& row : fixture::rows()) rows.rows.push_back({row, true});
    rows.rows.push_back({fixture::held_row(), true});
    for (const DelayRow& row : fixture::delays()) rows.delays.push_back({row, false});
    for (const Entry& entry : fixture::kinds(2)) rows.entries.push_back({ExecutionKey{3}, entry});
    TRY(store_.commit(rows));
    TRY(append(0, fixture::packed_entries));
    UpkeepState state = UpkeepState::more;
    while (state == UpkeepState::more) state = TRY(store_.upkeep());
    TRY(append(fixture::packed_entries, fixture::all_entries));
    TRY(store_.append_logs(fixture::logs()));
    TRY(store_.save_backtraces(ExecutionKey{1}, fixture::backtraces()));
    WriteBatch last = batch();
    last.clean_stop = true;
    return store_.commit(last);
  }

 private:
  WriteBatch batch() {
    WriteBatch made;
    made.number = number_ = number_.next();
    made.clock = samples::start + seconds(static_cast<std::int64_t>(number_.value));
    return made;
  }

  Result<void> append(std::uint32_t from, std::uint32_t to) {
    WriteBatch made = batch();
    for (std::uint32_t position = from; position < to; ++position) {
      made.entries.push_back({ExecutionKey{1}, samples::step_entry(position)});
    }
    return store_.commit(made);
  }

  Store& store_;
  BatchNumber number_;
};

int run(const char* directory) {
  SqliteConfig config;
  config.directory = directory;
  config.tail_events_max = 100;
  config.segment_bytes_max = 4096;
  config.idle_after = microseconds(0);
  Result<std::unique_ptr<Store>> store = open_sqlite_store(config);
  Result<void> made = store ? Maker(**store).make() : std::unexpected(store.error());
  if (made) return 0;
  std::fprintf(stderr, "%s\n", made.error().reason.c_str());
  return 1;
}

}  // namespace
}  // namespace stele

int main(int count, char** arguments) {
  if (count == 2) return stele::run(arguments[1]);
  std::fprintf(stderr, "usage: make_database_fixture DIRECTORY\n");
  return 2;
}

// SPDX-License-Identifier: Apache-2.0
// The machine's own limits that other figures are compared with: durable appends, commits of one
// row, and steps (two entries, one row inserted, one updated) at several sizes of batch.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include <benchmark/benchmark.h>

#include "store/sqlite/sqlite_store.h"

namespace stele {
namespace {

class Directory {
 public:
  Directory() {
    std::string name = std::filesystem::current_path() / "stele-bench-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void append_and_fdatasync(benchmark::State& state) {
  const Directory directory;
  const int file = open((directory.path() + "/file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const std::array<char, 4096> page{};
  for (auto _ : state) {
    if (write(file, page.data(), page.size()) != 4096 || fdatasync(file) != 0) {
      state.SkipWithError("write failed");
    }
  }
  close(file);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(append_and_fdatasync)->UseRealTime();

/// Batches as sequential workflows make them.
class Steps {
 public:
  explicit Steps(std::size_t flows) : flows_(flows) {
    for (std::size_t flow = 0; flow < flows; ++flow)
      next_batch_.rows.push_back({row_of(key_++, 0), true});
  }

  const WriteBatch& next(std::size_t steps) {
    next_batch_.number = next_batch_.number.next();
    next_batch_.clock = next_batch_.clock + microseconds(200);
    if (next_batch_.number.value > 1) {
      next_batch_.rows.clear();
      next_batch_.entries.clear();
      for (std::size_t step = 0; step < steps; ++step) add_step();
    }
    return next_batch_;
  }

 private:
  struct Flow {
    std::uint32_t step = 0;
    ExecutionRow child;
  };

  static ExecutionRow row_of(std::int64_t key, std::int64_t parent) {
    ExecutionRow row;
    row.key = ExecutionKey{key};
    row.root = ExecutionKey{parent != 0 ? parent : key};
    row.parent = ExecutionKey{parent};
    row.id.root = make_ulid(1'700'000'000'000 + row.root.value, 1,
                            static_cast<std::uint64_t>(row.root.value));
    row.function = FunctionId{3};
    row.params = R"([{"order":12345,"sku":"a-17"}])";
    row.created = row.scheduled = Instant{1'700'000'000'000'000 + key};
    row.pool = parent == 0 ? Pool::workflow : Pool::activity;
    row.stage = parent == 0 ? Stage::blocked : Stage::ready;
    return row;
  }

  void add_step() {
    const std::size_t place = turn_++ % flows_;
    Flow& flow = flow_[place];
    const ExecutionKey parent{static_cast<std::int64_t>(place) + 1};
    if (flow.step > 0) finish_child(flow, parent);
    flow.child = row_of(key_++, parent.value);
    const JoinSetOrdinal set{flow.step++};
    flow.child.parent_join_set = set;
    flow.child.id.suffix = child_suffix("", "o:" + std::to_string(flow.step) + "-charge", 1);
    next_batch_.rows.push_back({flow.child, true});
    add_entry(parent, flow, DirectCall{set, flow.step, flow.child.key, FunctionId{3}, {}});
  }

  void finish_child(Flow& flow, ExecutionKey parent) {
    ExecutionRow done = flow.child;
    done.stage = Stage::finished;
    done.finished = done.created + milliseconds(2);
    done.outcome_kind = OutcomeKind::ok;
    done.response_position = 2 * flow.step - 1;
    done.finished_version = 1;
    const Outcome outcome{
        OutcomeKind::ok, R"({"receipt":"r-123456"})", FailureKind::uncategorized, "", "", ""};
    add_entry(parent, flow, ChildResponse{flow.step, done.parent_join_set, done.key, 1, outcome});
    next_batch_.rows.push_back({done, false});
  }

  void add_entry(ExecutionKey parent, const Flow& flow, EntryBody body) {
    const bool response = is_response(body);
    Entry entry;
    entry.position = 2 * (flow.step - 1) + (response ? 1 : 0);
    entry.version = 1 + 3 * (response ? flow.step : flow.step - 1);
    entry.at = next_batch_.clock;
    entry.body = std::move(body);
    next_batch_.entries.push_back({parent, std::move(entry)});
  }

  std::size_t flows_;
  std::int64_t key_ = 1;
  std::size_t turn_ = 0;
  std::array<Flow, 1024> flow_{};
  WriteBatch next_batch_{BatchNumber{0}, Instant{1'700'000'000'000'000}, {}, {}, {}, false};
};

std::unique_ptr<Store> open_store(const Directory& directory) {
  SqliteConfig config;
  config.directory = directory.path();
  Result<std::unique_ptr<Store>> store = open_sqlite_store(config);
  if (!store || !(*store)->claim()) return nullptr;
  return std::move(*store);
}

void one_row_commits(benchmark::State& state) {
  const Directory directory;
  const std::unique_ptr<Store> store = open_store(directory);
  Steps steps(1);
  WriteBatch batch = steps.next(0);
  if (!store->commit(batch)) state.SkipWithError("commit failed");
  batch.rows[0].is_new = false;
  for (auto _ : state) {
    batch.number = batch.number.next();
    ++batch.rows[0].row.attempts;
    if (!store->commit(batch)) state.SkipWithError("commit failed");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(one_row_commits)->UseRealTime();

/// With upkeep in between, on the same thread: the cost of packing and checkpoints is in the
/// figure.
void steps_per_commit(benchmark::State& state) {
  const Directory directory;
  const std::unique_ptr<Store> store = open_store(directory);
  const auto size = static_cast<std::size_t>(state.range(0));
  const bool with_upkeep = state.range(1) != 0;
  Steps steps(std::min<std::size_t>(size, 64));
  for (auto _ : state) {
    state.PauseTiming();
    const WriteBatch& batch = steps.next(size);
    state.ResumeTiming();
    if (!store->commit(batch)) state.SkipWithError("commit failed");
    if (with_upkeep && !store->upkeep()) state.SkipWithError("upkeep failed");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(size));
  const StoreCounters counters = store->counters();
  state.counters["wal_bytes_per_step"] =
      static_cast<double>(counters.wal_bytes) /
      static_cast<double>(state.iterations() * static_cast<std::int64_t>(size));
  state.counters["packed"] = static_cast<double>(counters.packed_entries);
}
BENCHMARK(steps_per_commit)
    ->ArgNames({"steps", "upkeep"})
    ->ArgsProduct({{1, 16, 64, 256, 1024}, {0, 1}})
    ->MinTime(2)
    ->UseRealTime();

/// One of 64 histories that were written interleaved, whole; packed or still in the tails.
void read_history(benchmark::State& state) {
  constexpr std::size_t flows = 64;
  constexpr std::size_t entries_each = 2'000;
  const Directory directory;
  SqliteConfig config;
  config.directory = directory.path();
  config.idle_after = {};
  config.tail_events_max = state.range(0) != 0 ? 1'000 : 1'000'000;
  Result<std::unique_ptr<Store>> store = open_sqlite_store(config);
  if (!store || !(*store)->claim()) return state.SkipWithError("open failed");
  Steps steps(flows);
  for (std::size_t batch = 0; batch <= flows * entries_each / 2 / 1'024; ++batch) {
    if (!(*store)->commit(steps.next(1'024))) return state.SkipWithError("commit failed");
    while ((*store)->upkeep().value_or(UpkeepState::idle) == UpkeepState::more) {
    }
  }
  std::int64_t entries = 0;
  for (auto _ : state) {
    std::uint32_t position = 0;
    bool more = true;
    while (more) {
      const Result<HistoryPage> page = (*store)->read_history(ExecutionKey{7}, position, 1'000'000);
      if (!page) return state.SkipWithError("read failed");
      position += static_cast<std::uint32_t>(page->entries.size());
      more = page->more;
    }
    entries += position;
  }
  state.SetItemsProcessed(entries);
}
BENCHMARK(read_history)->ArgName("packed")->Arg(0)->Arg(1);

}  // namespace
}  // namespace stele

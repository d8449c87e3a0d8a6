// SPDX-License-Identifier: Apache-2.0
// Owns: a partition with a store of maps behind it, for tests: loads what a step misses, commits
// when
//   told to, and keeps effects in the order of their release.
// Life cycle: one for each test. Thread: one. Must hold: held effects come out after their commit
// only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "core/partition.h"

namespace stele::core {

constexpr FunctionId add_function{1};
constexpr FunctionId flow_function{2};
constexpr FunctionId cancellable_flow{3};
constexpr FunctionId stub_function{4};

inline CatalogPtr test_catalog(std::uint32_t deployment = 1) {
  std::vector<CatalogFunction> functions;
  functions.push_back({.id = add_function, .ffqn = "t:t/a.add", .name = "add"});
  functions.back().retry.max_retries = 2;
  functions.back().retry.jitter_percent = 0;
  functions.push_back({.id = flow_function,
                       .ffqn = "t:t/w.flow",
                       .name = "flow",
                       .kind = FunctionKind::workflow,
                       .cancellable = false});
  functions.push_back({.id = cancellable_flow,
                       .ffqn = "t:t/w.flow-cancellable",
                       .name = "flow-cancellable",
                       .kind = FunctionKind::workflow});
  functions.push_back(
      {.id = stub_function, .ffqn = "t:t/s.stub", .name = "stub", .kind = FunctionKind::stub});
  return std::make_shared<const Catalog>(DeploymentId{deployment}, std::move(functions),
                                         std::vector<CatalogComponent>{});
}

inline Outcome ok_outcome(std::string value = "1") {
  Outcome outcome;
  outcome.value = std::move(value);
  return outcome;
}
inline Outcome err_outcome(std::string value) {
  Outcome outcome = ok_outcome(std::move(value));
  outcome.kind = OutcomeKind::err;
  return outcome;
}

class World {
 public:
  explicit World(PartitionOptions options = {}) : options_(with_defaults(options)) { start(); }

  // What the store holds.
  std::map<ExecutionKey, ExecutionRow> rows;
  std::map<ExecutionKey, std::vector<Entry>> histories;
  std::map<std::tuple<ExecutionKey, JoinSetOrdinal, std::uint32_t>, DelayRow> delays;

  std::vector<NowEffect> now;    ///< of all steps since take_now()
  std::vector<HeldEffect> held;  ///< released
  Instant clock{seconds(1000).us};
  std::optional<Partition> partition;
  std::uint64_t commits = 0;
  std::uint64_t rows_written = 0;
  bool auto_continue = true;
  std::vector<Pool> load_ready;
  static inline std::map<std::string, std::uint64_t> hits;
  /// Told when the partition is entered and left, for tests that count what it allocates.
  static inline void (*entered)(bool) = nullptr;

  ~World() { note_hits(); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void step(const Input& input) {
    std::optional<Continue> again = step_once(input);
    while (again && auto_continue) again = step_once(*again);
  }

  void commit() {
    const WriteBatch batch = inside([&] { return partition->close_batch(clock); });
    apply(batch);
    committed_ = batch.number;
    partition->committed(batch.number);
    release();
  }
  /// What a kill leaves: the store, and nothing else.
  void crash(bool careful = true) {
    note_hits();
    partition.reset();
    pending_.clear();
    now.clear();
    held.clear();
    load_ready.clear();
    options_.careful = careful;
    options_.incarnation = options_.incarnation.next();
    start();
  }
  /// Reads all ready rows of a pool, as the loader does.
  void admit(Pool pool) {
    Admit input{.pool = pool, .rows = {}, .as_of = committed_, .wrapped = true};
    for (const auto& [key, row] : rows)
      if (row.stage == Stage::ready && row.pool == pool) input.rows.push_back(row);
    const auto token = partition->begin_load();
    step(input);
    partition->end_load(token);
  }
  void recover() {
    step(Tick{});
    admit(Pool::workflow);
    admit(Pool::activity);
  }

  template <typename Effect>
  std::vector<Effect> take_now() {
    std::vector<Effect> found;
    std::erase_if(now, [&](NowEffect& effect) {
      auto* wanted = std::get_if<Effect>(&effect);
      if (wanted != nullptr) found.push_back(std::move(*wanted));
      return wanted != nullptr;
    });
    return found;
  }
  template <typename Effect>
  std::vector<Effect> take_held() {
    std::vector<Effect> found;
    std::erase_if(held, [&](HeldEffect& effect) {
      auto* wanted = std::get_if<Effect>(&effect);
      if (wanted != nullptr) found.push_back(std::move(*wanted));
      return wanted != nullptr;
    });
    return found;
  }

  Incarnation incarnation() const { return options_.incarnation; }
  const ExecutionRow& row(std::int64_t key) const { return rows.at(ExecutionKey{key}); }
  const std::vector<Entry>& history(std::int64_t key) { return histories[ExecutionKey{key}]; }
  Book book(ExecutionKey key) const {
    Book book;
    if (const auto found = histories.find(key); found != histories.end())
      for (const Entry& entry : found->second) book.apply(entry);
    return book;
  }
  /// A timer of the window goes off; a cold one likewise.
  void fire(const TimerDue& due) {
    clock = std::max(clock, due.at);
    step(due);
  }

 private:
  static PartitionOptions with_defaults(PartitionOptions options) {
    options.timer_window_end = instant_max;
    return options;
  }
  void start() {
    options_.last_batch = committed_;
    options_.now = clock;
    options_.next_key = ExecutionKey{rows.empty() ? 1 : rows.rbegin()->first.value + 1};
    partition.emplace(options_, test_catalog());
  }
  void note_hits() {
    if (!partition) return;
    const std::vector<std::string> names = partition_table_rows();
    for (std::size_t i = 0; i < names.size(); ++i) hits[names[i]] += partition->table_hits()[i];
  }
  struct Inside {
    Inside() { tell(true); }
    ~Inside() { tell(false); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    static void tell(bool in) {
      if (entered != nullptr) entered(in);
    }
  };
  template <typename Call>
  static std::invoke_result_t<Call> inside(Call call) {
    const Inside scope;
    return call();
  }
  std::optional<Continue> step_once(const Input& input) {
    for (int tries = 0; tries < 10; ++tries) {
      auto result = inside([&] { return partition->step(clock, input); });
      if (result) return take(std::move(*result));
      load(result.error());
    }
    ADD_FAILURE() << "a step goes on asking for rows";
    return std::nullopt;
  }
  std::optional<Continue> take(Effects effects) {
    for (NowEffect& effect : effects.now) now.push_back(std::move(effect));
    for (HeldEffect& effect : effects.held) pending_.emplace_back(effects.after, std::move(effect));
    for (const Pool pool : effects.load_ready) load_ready.push_back(pool);
    release();
    return effects.again;
  }
  void release() {
    while (!pending_.empty() && pending_.front().first <= committed_) {
      held.push_back(std::move(pending_.front().second));
      pending_.erase(pending_.begin());
    }
  }
  void load(const Missing& missing) {
    const auto token = partition->begin_load();
    std::vector<ExecutionRow> found;
    std::vector<ExecutionKey> keys = missing.rows;
    keys.insert(keys.end(), missing.books.begin(), missing.books.end());
    for (const ExecutionKey key : keys)
      if (const auto place = rows.find(key); place != rows.end()) found.push_back(place->second);
    for (const Ulid& root : missing.roots)
      for (const auto& [key, row] : rows)
        if (!row.parent && row.id.root == root) found.push_back(row);
    partition->load(found, keys, missing.roots, committed_);
    for (const ExecutionKey key : missing.books) partition->load_book(key, book(key));
    partition->end_load(token);
  }
  void apply(const WriteBatch& batch) {
    ++commits;
    rows_written += batch.rows.size();
    for (const RowWrite& write : batch.rows) {
      EXPECT_EQ(write.is_new, !rows.contains(write.row.key));
      rows.insert_or_assign(write.row.key, write.row);
    }
    for (const EntryWrite& write : batch.entries) {
      EXPECT_EQ(write.entry.position, histories[write.key].size());
      histories[write.key].push_back(write.entry);
    }
    for (const DelayWrite& write : batch.delays) {
      const std::tuple key(write.row.owner, write.row.join_set, write.row.index);
      if (write.removed)
        delays.erase(key);
      else
        delays.insert_or_assign(key, write.row);
    }
  }

  PartitionOptions options_;
  BatchNumber committed_;
  std::vector<std::pair<BatchNumber, HeldEffect>> pending_;
};

}  // namespace stele::core

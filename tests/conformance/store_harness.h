// SPDX-License-Identifier: Apache-2.0
// The drivers of the store's port, as the conformance suite opens them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"

namespace stele {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "stele-store-XXXXXX";
    path = mkdtemp(name.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string path;
};

/// Runs SQL on the main file with a connection of its own.
inline void run_sql(const std::string& directory, const std::string& sql) {
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open((directory + "/stele.sqlite").c_str(), &raw), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(raw);
  sqlite3_close(raw);
}

class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  /// Opens over what earlier stores left; the earlier one is gone.
  virtual std::unique_ptr<Store> open() = 0;
  /// Another owner claims behind the open store's back.
  virtual void steal() = 0;
};

class MemoryHarness final : public StoreHarness {
 public:
  std::unique_ptr<Store> open() override { return std::make_unique<MemoryStore>(content_); }
  void steal() override { ASSERT_TRUE(MemoryStore(content_).claim()); }

 private:
  std::shared_ptr<MemoryContent> content_ = make_memory_content();
};

class SqliteHarness final : public StoreHarness {
 public:
  explicit SqliteHarness(bool tiny) {
    config.directory = directory_.path + "/data";
    config.idle_after = microseconds(0);
    if (!tiny) return;
    config.tail_events_max = 7;
    config.segment_bytes_max = 300;
    config.pack_slice = config.pack_slice_behind = microseconds(0);
    config.readers_max = 2;
    config.gate_patience = milliseconds(1);
    set_wal_limit(config, std::uint64_t{1} << 20U);
  }
  std::unique_ptr<Store> open() override {
    Result<std::unique_ptr<Store>> store = open_sqlite_store(config);
    EXPECT_TRUE(store) << store.error().reason;
    return store ? std::move(*store) : nullptr;
  }
  void steal() override {
    run_sql(config.directory, "update meta set value = value + 1 where name = 'epoch'");
  }

  SqliteConfig config;

 private:
  TemporaryDirectory directory_;
};

enum class Driver : std::uint8_t { memory, sqlite, sqlite_tiny };

inline std::unique_ptr<StoreHarness> make_harness(Driver driver) {
  if (driver == Driver::memory) return std::make_unique<MemoryHarness>();
  return std::make_unique<SqliteHarness>(driver == Driver::sqlite_tiny);
}

inline std::string driver_name(const testing::TestParamInfo<Driver>& info) {
  switch (info.param) {
    case Driver::memory: return "memory";
    case Driver::sqlite: return "sqlite";
    case Driver::sqlite_tiny: return "sqlite_tiny";
  }
  return "unknown";
}

/// An open, claimed store and a counter of batches.
class StoreTest : public testing::TestWithParam<Driver> {
 protected:
  void SetUp() override { reopen(); }

  void reopen() {
    store.reset();
    store = harness->open();
    ASSERT_NE(store, nullptr);
    const Result<Claim> claimed = store->claim();
    ASSERT_TRUE(claimed) << claimed.error().reason;
    claim = *claimed;
    next = BatchNumber{1};
  }

  WriteBatch batch() const {
    WriteBatch made;
    made.number = next;
    made.clock =
        Instant{1'700'000'000'000'000} + milliseconds(static_cast<std::int64_t>(next.value));
    return made;
  }

  Result<void> commit(const WriteBatch& made) {
    Result<void> done = store->commit(made);
    if (done) next = next.next();
    return done;
  }

  Result<void> put(const ExecutionRow& row, bool is_new = true) {
    WriteBatch made = batch();
    made.rows.push_back({row, is_new});
    return commit(made);
  }

  Result<void> append(ExecutionKey key, const std::vector<Entry>& entries) {
    WriteBatch made = batch();
    for (const Entry& entry : entries) made.entries.push_back({key, entry});
    return commit(made);
  }

  std::optional<ExecutionRow> row_of(std::int64_t key) {
    const std::array keys{ExecutionKey{key}};
    const Result<Loaded> loaded = store->load(keys, {});
    if (!loaded || loaded->rows.empty()) return std::nullopt;
    return loaded->rows.front();
  }

  /// The whole history, page by page.
  std::vector<Entry> history_of(ExecutionKey key, std::uint32_t from = 0,
                                std::uint32_t limit = 1000) {
    std::vector<Entry> entries;
    bool more = true;
    while (more) {
      const auto position = from + static_cast<std::uint32_t>(entries.size());
      const Result<HistoryPage> page = store->read_history(key, position, limit);
      EXPECT_TRUE(page) << page.error().reason;
      if (!page) return entries;
      entries.insert(entries.end(), page->entries.begin(), page->entries.end());
      more = page->more && !page->entries.empty();
    }
    return entries;
  }

  void upkeep_until_idle() {
    while (true) {
      const Result<UpkeepState> state = store->upkeep();
      ASSERT_TRUE(state) << state.error().reason;
      if (*state == UpkeepState::idle) return;
    }
  }

  std::unique_ptr<StoreHarness> harness = make_harness(GetParam());
  std::unique_ptr<Store> store;
  Claim claim;
  BatchNumber next{1};
};

}  // namespace stele

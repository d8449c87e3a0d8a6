// SPDX-License-Identifier: Apache-2.0
// Owns: a SQLite store under test, its files, and damage to them.
// Life cycle: one for each test. Thread: the test's. Must hold: nothing outlives its directory.
#pragma once

#include "tests/conformance/samples.h"
#include "tests/conformance/store_harness.h"

namespace stele {

class SqliteStore : public StoreTest {
 protected:
  SqliteConfig& config() { return static_cast<SqliteHarness&>(*harness).config; }
  std::string main_file() { return config().directory + "/stele.sqlite"; }
  std::string wal_file() { return main_file() + "-wal"; }
  Error open_error() {
    const Result<std::unique_ptr<Store>> opened = open_sqlite_store(config());
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  /// Closed, changed behind the store's back, opened again.
  void damage(const std::string& sql) {
    store.reset();
    run_sql(config().directory, sql);
    reopen();
  }
  void append_steps(std::int64_t key, std::uint32_t from, std::uint32_t to) {
    std::vector<Entry> entries;
    for (std::uint32_t position = from; position < to; ++position)
      entries.push_back(samples::step_entry(position));
    ASSERT_TRUE(append(ExecutionKey{key}, entries));
  }
};

}  // namespace stele

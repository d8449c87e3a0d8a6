// SPDX-License-Identifier: Apache-2.0
// The SQLite driver's WAL: its checkpoints, its restarts, and the room in its file.
#include "tests/conformance/sqlite_fixture.h"

namespace stele {
namespace {

using samples::root_row;

class SqliteWal : public SqliteStore {};
INSTANTIATE_TEST_SUITE_P(Sqlite, SqliteWal, testing::Values(Driver::sqlite, Driver::sqlite_tiny),
                         driver_name);

TEST_P(SqliteWal, TheWalRestartsAndWaitsForReadersOnlyAtItsLimit) {
  set_wal_limit(config(), std::uint64_t{1} << 20U);
  reopen();
  const auto write_some = [&](int batches) {
    for (int count = 0; count < batches; ++count) {
      ExecutionRow row = root_row(static_cast<std::int64_t>(next.value));
      row.params = std::string(10'000, 'p');
      ASSERT_TRUE(put(row));
      ASSERT_TRUE(store->upkeep());
    }
  };
  write_some(100);
  EXPECT_GT(store->counters().wal_restarts, 0U);
  EXPECT_GT(store->counters().checkpoints, 0U);
  EXPECT_FALSE(store->congested());

  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open(main_file().c_str(), &reader), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(reader, "begin; select count(*) from execution", nullptr, nullptr, nullptr),
      SQLITE_OK);
  write_some(100);
  EXPECT_TRUE(store->congested());
  EXPECT_TRUE(put(root_row(5000)));
  sqlite3_close(reader);
  upkeep_until_idle();
  EXPECT_FALSE(store->congested());
  EXPECT_TRUE(row_of(5000));
}

TEST_P(SqliteWal, UpkeepBringsTheWalIntoTheFileSoThatNoCommitMust) {
  set_wal_limit(config(), std::uint64_t{64} << 20U);
  reopen();
  const auto before = std::filesystem::file_size(main_file());
  for (int count = 0; count < 150; ++count) {
    ExecutionRow row = root_row(static_cast<std::int64_t>(next.value));
    row.params = std::string(10'000, 'p');
    ASSERT_TRUE(put(row));
  }
  EXPECT_EQ(store->counters().wal_restarts, 0U);
  EXPECT_EQ(std::filesystem::file_size(main_file()), before);
  ASSERT_TRUE(store->upkeep());
  EXPECT_EQ(store->counters().checkpoints, 1U);
  EXPECT_GT(std::filesystem::file_size(main_file()), before + 1'000'000);
}

// Zeros behind the last frame are no frames, whatever becomes of the machine.
TEST_P(SqliteWal, RoomInTheWalIsMadeAheadAndRecoversAsNothing) {
  set_wal_limit(config(), std::uint64_t{64} << 20U);
  reopen();
  ASSERT_TRUE(put(root_row(1)));
  EXPECT_LT(std::filesystem::file_size(wal_file()), 1U << 20U);
  ASSERT_TRUE(store->upkeep());
  EXPECT_GE(std::filesystem::file_size(wal_file()), 1U << 20U);
  for (std::int64_t key = 2; key < 500; ++key) {
    ASSERT_TRUE(put(root_row(key)));
    if (key % 100 == 0) {
      ASSERT_TRUE(store->upkeep());
    }
  }
  const std::string copy = config().directory + ".copy";
  std::filesystem::remove_all(copy);
  std::filesystem::copy(config().directory, copy);
  SqliteConfig crashed = config();
  crashed.directory = copy;
  const Result<std::unique_ptr<Store>> opened = open_sqlite_store(crashed);
  ASSERT_TRUE(opened);
  const Result<std::vector<ExecutionRow>> rows = (*opened)->list({.limit = 1'000});
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->size(), 499U);
  std::filesystem::remove_all(copy);
}

TEST_P(SqliteWal, NoRoomIsMadeWhileAnotherProgramWrites) {
  set_wal_limit(config(), std::uint64_t{64} << 20U);
  reopen();
  ASSERT_TRUE(put(root_row(1)));
  const auto before = std::filesystem::file_size(wal_file());
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(main_file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "begin immediate", nullptr, nullptr, nullptr), SQLITE_OK);
  ASSERT_TRUE(store->upkeep());
  EXPECT_EQ(std::filesystem::file_size(wal_file()), before);
  sqlite3_close(other);
  ASSERT_TRUE(store->upkeep());
  EXPECT_GT(std::filesystem::file_size(wal_file()), before);
}

}  // namespace
}  // namespace stele

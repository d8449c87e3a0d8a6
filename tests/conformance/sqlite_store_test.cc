// SPDX-License-Identifier: Apache-2.0
// What only the SQLite driver has to promise: its files, damage to them, and its readers.
#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include <sys/stat.h>

#include "base/sync.h"
#include "tests/conformance/samples.h"
#include "tests/conformance/sqlite_fixture.h"

namespace stele {
namespace {

using samples::child_row;
using samples::finished;
using samples::root_row;
using samples::step_entries;
using samples::step_entry;

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

INSTANTIATE_TEST_SUITE_P(Sqlite, SqliteStore, testing::Values(Driver::sqlite, Driver::sqlite_tiny),
                         driver_name);

TEST_P(SqliteStore, ASecondServerIsRefusedAndToldWhere) {
  const Error refused = open_error();
  EXPECT_EQ(refused.code, Code::failed_precondition);
  EXPECT_NE(refused.reason.find(config().directory), std::string::npos);
  EXPECT_NE(refused.reason.find("another server"), std::string::npos);
  EXPECT_TRUE(put(root_row(1)));
  reopen();
  EXPECT_TRUE(row_of(1));
}

TEST_P(SqliteStore, ItsFilesAreForTheirOwnerOnly) {
  struct stat status = {};
  ASSERT_EQ(stat(config().directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  for (const char* name : {"/stele.sqlite", "/stele-log.sqlite", "/lock", "/stele.sqlite-wal"}) {
    ASSERT_EQ(stat((config().directory + name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
  const std::string head = contents(main_file()).substr(0, 100);
  EXPECT_EQ(head.substr(68, 4), "STLE");
  EXPECT_EQ(head.substr(16, 2), std::string("\x08\0", 2));
  EXPECT_EQ(head.substr(60, 4), std::string("\0\0\0\2", 4));
}

TEST_P(SqliteStore, ANewerFileIsRefusedUntouched) {
  store.reset();
  run_sql(config().directory, "pragma user_version = 3");
  const std::string before = contents(main_file());
  const Error refused = open_error();
  EXPECT_EQ(refused.code, Code::failed_precondition);
  EXPECT_NE(refused.reason.find("newer"), std::string::npos);
  EXPECT_NE(refused.reason.find(main_file()), std::string::npos);
  EXPECT_EQ(contents(main_file()), before);
}

/// Takes a new, closed file back to schema version 1.
constexpr const char* back_to_1 =
    "drop index execution_held; alter table execution drop column controls; pragma user_version=1";

TEST_P(SqliteStore, AMigrationThatFailsLeavesTheVersionBefore) {
  ASSERT_TRUE(put(root_row(1)));
  store.reset();
  run_sql(config().directory, back_to_1);
  // The second statement of the migration meets a name that is taken.
  run_sql(config().directory, "create index execution_held on execution(stage)");
  EXPECT_NE(open_error().reason.find("execution_held"), std::string::npos);
  // That the column is not there shows in that it can be added.
  run_sql(config().directory,
          "alter table execution add column controls integer; "
          "alter table execution drop column controls; drop index execution_held");
  reopen();
  EXPECT_EQ(row_of(1), root_row(1));
  ExecutionRow row = root_row(1, Stage::held);
  row.controls = 2;
  ASSERT_TRUE(put(row, false));
  EXPECT_EQ(row_of(1), row);
}

TEST_P(SqliteStore, AForeignDatabaseIsRefusedUntouched) {
  store.reset();
  std::filesystem::remove(main_file());
  run_sql(config().directory, "create table t(x); insert into t values(1)");
  const std::string before = contents(main_file());
  const Error refused = open_error();
  EXPECT_EQ(refused.code, Code::failed_precondition);
  EXPECT_NE(refused.reason.find("another program"), std::string::npos);
  EXPECT_EQ(contents(main_file()), before);
}

TEST_P(SqliteStore, WhatIsNotADatabaseIsRefusedUntouched) {
  store.reset();
  for (const std::string& bytes : {std::string("hello"), std::string(), std::string(5000, 'x')}) {
    write_file(main_file(), bytes);
    const Error refused = open_error();
    EXPECT_EQ(refused.code, Code::data_loss);
    EXPECT_NE(refused.reason.find("not a database"), std::string::npos);
    EXPECT_EQ(contents(main_file()), bytes);
  }
}

TEST_P(SqliteStore, ATruncatedFileIsRefused) {
  ASSERT_TRUE(put(root_row(1)));
  store.reset();
  std::filesystem::resize_file(main_file(), 8192);
  const Error refused = open_error();
  EXPECT_EQ(refused.code, Code::data_loss);
  EXPECT_NE(refused.reason.find("truncated"), std::string::npos);
}

TEST_P(SqliteStore, ADirectoryThatCannotBeMadeIsRefused) {
  const std::string file = config().directory + "/lock";
  config().directory = file + "/below";
  const Error refused = open_error();
  EXPECT_EQ(refused.code, Code::unavailable);
  EXPECT_NE(refused.reason.find("below"), std::string::npos);
}

TEST_P(SqliteStore, AnUnfinishedNewFileIsMadeAgain) {
  store.reset();
  std::filesystem::remove(main_file());
  write_file(main_file() + ".new", "half");
  reopen();
  EXPECT_TRUE(put(root_row(1)));
  EXPECT_FALSE(std::filesystem::exists(main_file() + ".new"));
}

TEST_P(SqliteStore, ADamagedRowIsQuarantinedAlone) {
  for (const std::int64_t key : {1, 2, 3}) ASSERT_TRUE(put(root_row(key)));
  damage("update execution set creation = x'0102030405060708' where key = 2");
  const std::array keys{ExecutionKey{2}};
  const Error error = store->load(keys, {}).error();
  EXPECT_EQ(error.code, Code::data_loss);
  EXPECT_EQ(error.subject, to_text(root_row(2).id));
  EXPECT_EQ(row_of(1), root_row(1));
  const ReadyPage page = store->ready(Pool::workflow, {}, 64, 64).value();
  EXPECT_EQ(page.rows.size(), 2U);
  EXPECT_TRUE(page.wrapped);
  EXPECT_EQ(store->list({}).value().size(), 2U);
  EXPECT_EQ(store->counters().quarantined, 3U);
}

TEST_P(SqliteStore, AnImpossibleColumnIsDamageToo) {
  ASSERT_TRUE(put(root_row(1)));
  for (const char* const sql : {"suffix = 'R'", "suffix = '.g:1_0'", "suffix = '', stage = 77"}) {
    damage(std::string("update execution set ") + sql);
    const std::array keys{ExecutionKey{1}};
    EXPECT_EQ(store->load(keys, {}).error().code, Code::data_loss) << sql;
  }
}

TEST_P(SqliteStore, ADamagedTailRowIsQuarantinedAlone) {
  for (const std::int64_t key : {1, 2}) ASSERT_TRUE(put(root_row(key)));
  for (std::uint32_t position = 0; position < 3; ++position) {
    append_steps(1, position, position + 1);
    append_steps(2, position, position + 1);
  }
  damage(
      "update tail_1 set body = cast(x'00' || body as blob) where execution = 1 and position = 1");
  EXPECT_EQ(history_of(ExecutionKey{2}), step_entries(3));
  const Error error = store->read_history(ExecutionKey{1}, 0, 100).error();
  EXPECT_EQ(error.code, Code::data_loss);
  EXPECT_EQ(error.subject, to_text(root_row(1).id));
  upkeep_until_idle();
  EXPECT_EQ(history_of(ExecutionKey{2}), step_entries(3));
  EXPECT_EQ(store->read_history(ExecutionKey{1}, 0, 1).value().entries.front(), step_entry(0));
  EXPECT_EQ(store->read_history(ExecutionKey{1}, 0, 100).error().code, Code::data_loss);
  EXPECT_TRUE(put(root_row(9)));
}

TEST_P(SqliteStore, AMissingTailRowIsNotAnEnd) {
  ASSERT_TRUE(put(root_row(1)));
  append_steps(1, 0, 4);
  damage("update tail_1 set position = 99 where position = 3");
  EXPECT_EQ(store->read_history(ExecutionKey{1}, 0, 100).error().code, Code::data_loss);
  damage(
      "update tail_1 set position = 3 where position = 99; delete from tail_1 where position = 2");
  EXPECT_EQ(store->read_history(ExecutionKey{1}, 0, 100).error().code, Code::data_loss);
}

TEST_P(SqliteStore, ADamagedSegmentIsQuarantinedAlone) {
  config().tail_events_max = 20;
  reopen();
  for (const std::int64_t key : {1, 2}) ASSERT_TRUE(put(root_row(key)));
  append_steps(1, 0, 20);
  append_steps(2, 0, 20);
  upkeep_until_idle();
  ASSERT_GT(store->counters().segments, 0U);
  damage(
      "update segment set body = cast(substr(body, 1, 40) || x'FF' || substr(body, 42) as blob) "
      "where id < (2 << 24)");
  EXPECT_EQ(store->read_history(ExecutionKey{1}, 0, 100).error().subject, to_text(root_row(1).id));
  EXPECT_EQ(history_of(ExecutionKey{2}), step_entries(20));
  damage("delete from segment where id < (2 << 24)");
  append_steps(1, 20, 21);
  EXPECT_EQ(store->read_history(ExecutionKey{1}, 0, 100).error().code, Code::data_loss);
}

TEST_P(SqliteStore, PackingMovesEverythingAndEmptiesTheTails) {
  config().tail_events_max = 50;
  reopen();
  for (std::uint32_t position = 0; position < 200; ++position) {
    WriteBatch made = batch();
    made.entries = {{ExecutionKey{1}, step_entry(position)},
                    {ExecutionKey{2}, step_entry(position)}};
    ASSERT_TRUE(commit(made));
    ASSERT_TRUE(store->upkeep());
  }
  upkeep_until_idle();
  const StoreCounters counters = store->counters();
  EXPECT_EQ(counters.packed_entries, 400U);
  EXPECT_EQ(counters.tails_emptied, 8U);
  EXPECT_GE(counters.segments, 16U);
  EXPECT_EQ(history_of(ExecutionKey{2}), step_entries(200));
}

TEST_P(SqliteStore, WithEveryTailInUseSteppingWaitsAndAnOpenRepairsIt) {
  config().tail_events_max = 2;
  reopen();
  for (std::uint32_t position = 0; position < 20; ++position)
    append_steps(1, position, position + 1);
  EXPECT_TRUE(store->congested());
  EXPECT_EQ(history_of(ExecutionKey{1}), step_entries(20));
  reopen();
  EXPECT_EQ(history_of(ExecutionKey{1}), step_entries(20));
  append_steps(1, 20, 21);
  upkeep_until_idle();
  EXPECT_FALSE(store->congested());
  EXPECT_EQ(history_of(ExecutionKey{1}), step_entries(21));
}

TEST_P(SqliteStore, ReadersSeeWholePrefixesWhileAllElseGoesOn) {
  config().tail_events_max = 100;
  config().segment_bytes_max = 500;
  set_wal_limit(config(), std::uint64_t{1} << 20U);
  reopen();
  constexpr std::uint32_t length = 600;
  bool stop = false;
  Mutex mutex;
  const auto stopped = [&] {
    const Lock lock(mutex);
    return stop;
  };
  std::uint32_t failures = 0;
  const auto read = [&](std::int64_t key) {
    std::uint32_t seen = 0;
    while (!stopped()) {
      const Result<HistoryPage> page = store->read_history(ExecutionKey{key}, 0, length);
      const bool prefix =
          page && page->entries.size() >= seen && page->entries.size() >= page->as_of.value &&
          page->entries == step_entries(static_cast<std::uint32_t>(page->entries.size()));
      const Lock lock(mutex);
      failures += prefix ? 0 : 1;
      if (page) seen = static_cast<std::uint32_t>(page->entries.size());
    }
  };
  const auto keep_up = [&] {
    while (!stopped()) {
      const Result<UpkeepState> state = store->upkeep();
      const Lock lock(mutex);
      failures += state ? 0 : 1;
    }
  };
  std::vector<std::thread> threads;
  threads.emplace_back(read, 1);
  threads.emplace_back(read, 2);
  threads.emplace_back(keep_up);
  for (std::uint32_t position = 0; position < length; ++position) {
    WriteBatch made = batch();
    made.entries = {{ExecutionKey{1}, step_entry(position)},
                    {ExecutionKey{2}, step_entry(position)}};
    const Result<void> done = commit(made);
    EXPECT_TRUE(done) << done.error().reason;
  }
  {
    const Lock lock(mutex);
    stop = true;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0U);
  upkeep_until_idle();
  EXPECT_GT(store->counters().packed_entries, 0U);
  EXPECT_EQ(history_of(ExecutionKey{1}), step_entries(length));
}

TEST_P(SqliteStore, AStepIsSmallOncePacked) {
  config().segment_bytes_max = std::uint64_t{48} << 10U;
  config().tail_events_max = 5'000;
  reopen();
  constexpr std::uint32_t steps = 20'000;
  const ExecutionRow parent = root_row(1, Stage::blocked);
  ASSERT_TRUE(put(parent));
  std::uint32_t step = 0;
  while (step < steps) {
    WriteBatch made = batch();
    for (int count = 0; count < 250; ++count, ++step) {
      ExecutionRow child =
          child_row(2 + step, parent, "o:" + std::to_string(step + 1) + "-charge-card", 1);
      if (step > 0) {
        ExecutionRow done = finished(child_row(1 + step, parent, "", 1));
        done.outcome.reset();
        made.rows.push_back({done, false});
        made.entries.push_back({parent.key, step_entry(2 * step - 1)});
      }
      made.rows.push_back({child, true});
      made.entries.push_back({parent.key, step_entry(2 * step)});
    }
    ASSERT_TRUE(commit(made));
    ASSERT_TRUE(store->upkeep());
  }
  upkeep_until_idle();
  store.reset();
  const auto bytes = std::filesystem::file_size(main_file());
  RecordProperty("bytes_per_step", static_cast<int>(bytes / steps));
  EXPECT_LE(bytes / steps, 400U);
}

TEST_P(SqliteStore, ScansUseTheirIndexes) {
  const auto plan_of = [&](const std::string& sql) {
    sqlite3* raw = nullptr;
    sqlite3_open(main_file().c_str(), &raw);
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(raw, ("explain query plan " + sql).c_str(), -1, &statement, nullptr);
    std::string plan;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      plan += reinterpret_cast<const char*>(sqlite3_column_text(statement, 3));
    }
    sqlite3_finalize(statement);
    sqlite3_close(raw);
    return plan;
  };
  const auto uses = [&](const std::string& sql, const std::string& index) {
    const std::string plan = plan_of(sql);
    EXPECT_NE(plan.find(index), std::string::npos) << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
  };
  uses(
      "select root, key from execution where stage = 1 and pool = ?1 and root = ?2 and key > ?3 "
      "order by key limit 1",
      "execution_ready (pool=? AND root=? AND rowid>?)");
  uses(
      "select root, key from execution where stage = 1 and pool = ?1 and root > ?2 order by root, "
      "key limit 1",
      "execution_ready (pool=? AND root>?)");
  uses("select key, wake from execution where stage = 3 and wake >= ?1 and wake < ?2 order by wake",
       "execution_wake (wake>? AND wake<?)");
  uses(
      "select owner from delay where paused = 0 and expires >= ?1 and expires < ?2 order by "
      "expires",
      "delay_due");
  uses("select key from execution where parent = 0 and key < ?1 order by key desc limit ?2",
       "execution_top (parent=? AND rowid<?)");
  uses("select key from execution where stage = 5 and key < ?1 order by key desc limit ?2",
       "execution_held (stage=? AND rowid<?)");
  uses("select key from execution where ulid = ?1 and parent = 0", "execution_ulid (ulid=?)");
  uses(
      "select key from execution indexed by execution_ulid where parent = 0 and ulid between ?1 "
      "and ?2 limit ?3",
      "INDEX execution_ulid (ulid>? AND ulid<?)");
}

// A reader takes the lock of writers for a moment when it finds the index of the WAL changing.
TEST_P(SqliteStore, ACommitWaitsForWhoHasTheLockForAMoment) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(main_file().c_str(), &other), SQLITE_OK);
  for (std::int64_t key = 1; key <= 50; ++key) {
    ASSERT_EQ(sqlite3_exec(other, "begin immediate", nullptr, nullptr, nullptr), SQLITE_OK);
    std::atomic<bool> begun = false;
    std::thread writer([&] {
      begun = true;
      EXPECT_TRUE(put(root_row(key)));
    });
    while (!begun) std::this_thread::yield();
    std::this_thread::yield();
    EXPECT_EQ(sqlite3_exec(other, "rollback", nullptr, nullptr, nullptr), SQLITE_OK);
    writer.join();
  }
  sqlite3_close(other);
}

}  // namespace
}  // namespace stele

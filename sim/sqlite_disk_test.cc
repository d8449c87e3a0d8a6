// SPDX-License-Identifier: Apache-2.0
// Of the disk under SQLite: what was synced stays, and the driver keeps what it has acknowledged
// also after a sync that failed.
#include <gtest/gtest.h>

#include "sim/disk.h"
#include "sim/files.h"

namespace stele::sim {
namespace {

TEST(files, what_was_synced_survives_a_power_cut) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Files files{Prng(seed)};
    files.create("a")->write(0, "kept");
    files.find("a")->sync();
    files.find("a")->write(4, "lost?");
    files.lose_power(false);
    ASSERT_NE(files.find("a"), nullptr);
    EXPECT_TRUE(files.find("a")->content().starts_with("kept"));
  }
}

TEST(files, what_was_not_synced_is_kept_or_lost) {
  std::size_t kept = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Files files{Prng(seed)};
    files.create("a")->sync();
    files.find("a")->write(0, "x");
    files.lose_power(false);
    kept += files.find("a")->content().size();
  }
  EXPECT_GT(kept, 0U);
  EXPECT_LT(kept, 40U);
}

TEST(files, the_end_of_a_process_loses_nothing_yet) {
  Files files{Prng(1)};
  files.create("a")->write(0, "x");
  files.lose_power(true);
  EXPECT_EQ(files.find("a")->content(), "x");
}

WriteBatch batch_of(std::int64_t key, std::uint64_t number) {
  WriteBatch batch;
  batch.number = BatchNumber{number};
  ExecutionRow row;
  row.key = row.root = ExecutionKey{key};
  row.id.root = make_ulid(1'000 + key, 7, 1);
  batch.rows.push_back({.row = row, .is_new = true});
  return batch;
}

bool holds(Store& store, std::int64_t key) {
  const std::array keys{ExecutionKey{key}};
  const Result<Loaded> loaded = store.load(keys, {});
  return loaded && loaded->rows.size() == 1;
}

/// After a sync that failed, the disk may lack what the system shows. The next process must not
/// build upon that.
TEST(sqlite_disk, what_follows_a_failed_sync_is_not_lost_with_it) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    bool fails = false;
    const auto disk = make_sqlite_disk({.seed = seed,
                                        .choose =
                                            [&fails](IoCall call) {
                                              const bool now = fails && call == IoCall::sync;
                                              return now ? IoFate::failed : IoFate::kept;
                                            },
                                        .monotonic_us = [] { return std::int64_t{0}; }});
    auto store = disk->open();
    ASSERT_TRUE(store && (*store)->claim());
    fails = true;
    EXPECT_FALSE((*store)->commit(batch_of(1, 1)));
    fails = false;
    disk->crash();
    store->reset();
    store = disk->open();
    ASSERT_TRUE(store);
    const std::int64_t next = (*store)->claim()->next_key.value;
    ASSERT_TRUE((*store)->commit(batch_of(next, 1))) << seed;
    disk->crash();
    store->reset();
    disk->crash();
    store = disk->open();
    ASSERT_TRUE(store) << seed;
    for (std::int64_t key = 1; key <= next; ++key) EXPECT_TRUE(holds(**store, key)) << seed;
  }
}

}  // namespace
}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// A database that the first release wrote opens and reads the same in this one.
#include "store/sqlite/sqlite_store.h"
#include "tests/conformance/fixture_content.h"
#include "tests/conformance/store_harness.h"

namespace stele {
namespace {

class DatabaseFixture : public testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path from = std::filesystem::path(STELE_FIXTURES) / "database-v1";
    std::filesystem::copy(from, directory_.path, std::filesystem::copy_options::recursive);
    open();
  }

  void open() {
    store.reset();
    SqliteConfig config;
    config.directory = directory_.path;
    config.idle_after = microseconds(0);
    config.tail_events_max = 10;
    Result<std::unique_ptr<Store>> opened = open_sqlite_store(config);
    ASSERT_TRUE(opened) << opened.error().reason;
    store = std::move(*opened);
  }

  void check() {
    std::vector<ExecutionKey> keys;
    for (const ExecutionRow& row : fixture::rows()) keys.push_back(row.key);
    EXPECT_EQ(store->load(keys, {}).value().rows, fixture::rows());
    EXPECT_EQ(store->read_history(ExecutionKey{3}, 0, 1000).value().entries, fixture::kinds());
    EXPECT_EQ(store->read_history(ExecutionKey{1}, 0, 1000).value().entries,
              samples::step_entries(fixture::all_entries));
    EXPECT_EQ(store->delays_of(ExecutionKey{1}).value(), fixture::delays());
    EXPECT_EQ(store->due(Instant{0}, instant_max, 10).value().due.size(), 2U);
    EXPECT_EQ(store->ready(Pool::activity, {}, 8, 8).value().rows.size(), 1U);
    const DeploymentRow deployment = store->read_deployment(DeploymentId{1}).value();
    EXPECT_EQ(deployment.source, fixture::deployment().row.source);
    EXPECT_EQ(deployment.components.at(0).functions.at(0).ffqn, "demo:shop/orders@1.0.0.place");
    EXPECT_EQ(store->read_blob("sha256:c1").value(), fixture::deployment().blobs[0].second);
    EXPECT_EQ(store->read_logs(ExecutionKey{1}, 0, 10).value().rows.size(), 2U);
  }

  std::unique_ptr<Store> store;

 private:
  TemporaryDirectory directory_;
};

TEST_F(DatabaseFixture, Version1ReadsTheSame) {
  const Claim claim = store->claim().value();
  EXPECT_TRUE(claim.clean);
  EXPECT_EQ(claim.next_key, ExecutionKey{6});
  EXPECT_EQ(claim.deployment, DeploymentId{1});
  EXPECT_EQ(claim.clock, samples::start + seconds(4));
  check();
}

TEST_F(DatabaseFixture, Version1GoesOn) {
  ASSERT_TRUE(store->claim());
  WriteBatch made;
  made.number = BatchNumber{1};
  made.rows = {{samples::root_row(6), true}};
  for (std::uint32_t position = 0; position < 20; ++position) {
    made.entries.push_back({ExecutionKey{6}, samples::step_entry(position)});
  }
  ASSERT_TRUE(store->commit(made));
  while (store->upkeep().value() == UpkeepState::more) {
  }
  check();
  open();
  check();
  EXPECT_EQ(store->read_history(ExecutionKey{6}, 0, 100).value().entries,
            samples::step_entries(20));
}

}  // namespace
}  // namespace stele

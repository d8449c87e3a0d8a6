// SPDX-License-Identifier: Apache-2.0
// Databases that earlier releases wrote open and read the same in this one.
#include "store/sqlite/sqlite_store.h"
#include "tests/conformance/fixture_content.h"
#include "tests/conformance/store_harness.h"

namespace stele {
namespace {

/// Schema version of the fixture.
class DatabaseFixture : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    const std::filesystem::path from =
        std::filesystem::path(STELE_FIXTURES) / fmt::format("database-v{}", GetParam());
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
    EXPECT_EQ(store->read_history(ExecutionKey{3}, 0, 1000).value().entries,
              fixture::kinds(GetParam()));
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
    if (GetParam() >= 2) check_2();
  }

  /// What version 2 brought.
  void check_2() {
    const std::array keys{fixture::held_row().key};
    EXPECT_EQ(store->load(keys, {}).value().rows, std::vector{fixture::held_row()});
    const ListFilter open_values{.open_values = true};
    EXPECT_EQ(store->list(open_values).value(), std::vector{fixture::held_row()});
    for (const BacktraceRow& row : fixture::backtraces()) {
      const BacktraceAt at{BacktraceAt::Place::version, row.version_min};
      EXPECT_EQ(store->read_backtrace(ExecutionKey{1}, at).value(), row);
    }
  }
  bool has_held() const { return GetParam() >= 2; }

  std::unique_ptr<Store> store;

 private:
  TemporaryDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(Versions, DatabaseFixture, testing::Values(1, 2));

TEST_P(DatabaseFixture, ReadsTheSame) {
  const Claim claim = store->claim().value();
  EXPECT_TRUE(claim.clean);
  EXPECT_EQ(claim.next_key, ExecutionKey{has_held() ? 7 : 6});
  EXPECT_EQ(claim.deployment, DeploymentId{1});
  EXPECT_EQ(claim.clock, samples::start + seconds(4));
  check();
}

TEST_P(DatabaseFixture, GoesOn) {
  ASSERT_TRUE(store->claim());
  WriteBatch made;
  made.number = BatchNumber{1};
  made.rows = {{samples::root_row(7), true}};
  for (std::uint32_t position = 0; position < 20; ++position) {
    made.entries.push_back({ExecutionKey{7}, samples::step_entry(position)});
  }
  ASSERT_TRUE(store->commit(made));
  while (store->upkeep().value() == UpkeepState::more) {
  }
  check();
  open();
  check();
  EXPECT_EQ(store->read_history(ExecutionKey{7}, 0, 100).value().entries,
            samples::step_entries(20));
}

}  // namespace
}  // namespace stele

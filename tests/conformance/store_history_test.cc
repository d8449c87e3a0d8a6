// SPDX-License-Identifier: Apache-2.0
// Histories over every driver: in tails, in segments, and across both.
#include "tests/conformance/samples.h"
#include "tests/conformance/store_harness.h"

namespace stele {
namespace {

using samples::child_row;
using samples::root_row;
using samples::step_entries;
using samples::step_entry;

class StoreHistory : public StoreTest {
 protected:
  void check(std::int64_t key, std::uint32_t count) {
    EXPECT_EQ(history_of(ExecutionKey{key}), step_entries(count));
    HistoryHead head;
    for (const Entry& entry : step_entries(count)) head = after(entry, head);
    EXPECT_EQ(store->read_head(ExecutionKey{key}).value(), head) << key;
  }
};
INSTANTIATE_TEST_SUITE_P(Drivers, StoreHistory,
                         testing::Values(Driver::memory, Driver::sqlite, Driver::sqlite_tiny),
                         driver_name);

TEST_P(StoreHistory, IsEmptyAtFirst) {
  const HistoryPage page = store->read_history(ExecutionKey{1}, 0, 10).value();
  EXPECT_TRUE(page.entries.empty());
  EXPECT_FALSE(page.more);
  EXPECT_EQ(store->read_head(ExecutionKey{1}).value(), HistoryHead{});
}

TEST_P(StoreHistory, KeepsEveryKindOfEntry) {
  HistoryHead head;
  std::vector<Entry> entries;
  for (const EntryBody& body : samples::all_bodies()) {
    entries.push_back({head.position, head.version, samples::start, body});
    head = after(entries.back(), head);
  }
  ASSERT_TRUE(append(ExecutionKey{3}, entries));
  EXPECT_EQ(history_of(ExecutionKey{3}), entries);
  upkeep_until_idle();
  EXPECT_EQ(history_of(ExecutionKey{3}), entries);
}

TEST_P(StoreHistory, IsReadInPages) {
  ASSERT_TRUE(append(ExecutionKey{1}, step_entries(20)));
  const HistoryPage page = store->read_history(ExecutionKey{1}, 5, 4).value();
  ASSERT_EQ(page.entries.size(), 4U);
  EXPECT_EQ(page.entries.front(), step_entry(5));
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.as_of, BatchNumber{1});
  EXPECT_FALSE(store->read_history(ExecutionKey{1}, 16, 4).value().more);
  EXPECT_TRUE(store->read_history(ExecutionKey{1}, 20, 4).value().entries.empty());
  EXPECT_EQ(history_of(ExecutionKey{1}, 3, 1).size(), 17U);
}

TEST_P(StoreHistory, InterleavedHistoriesStayApartAtEveryStageOfPacking) {
  constexpr std::int64_t executions = 5;
  for (std::uint32_t round = 0; round < 60; ++round) {
    WriteBatch made = batch();
    for (std::int64_t key = 1; key <= executions; ++key) {
      made.entries.push_back({ExecutionKey{key}, step_entry(round)});
    }
    ASSERT_TRUE(commit(made));
    const Result<UpkeepState> state = store->upkeep();
    ASSERT_TRUE(state) << state.error().reason;
    if (round % 7 == 0) check(1 + round % executions, round + 1);
  }
  for (std::int64_t key = 1; key <= executions; ++key) check(key, 60);
  upkeep_until_idle();
  for (std::int64_t key = 1; key <= executions; ++key) check(key, 60);
  reopen();
  for (std::int64_t key = 1; key <= executions; ++key) check(key, 60);
}

TEST_P(StoreHistory, SurvivesReopeningBetweenPackingAndEmptying) {
  std::uint32_t length = 0;
  for (std::uint32_t life = 0; life < 16; ++life) {
    for (std::uint32_t more = 0; more < 5; ++more) {
      WriteBatch made = batch();
      made.entries = {{ExecutionKey{1}, step_entry(length)}, {ExecutionKey{2}, step_entry(length)}};
      ASSERT_TRUE(commit(made));
      ++length;
    }
    for (std::uint32_t piece = 0; piece < life % 4; ++piece) ASSERT_TRUE(store->upkeep());
    reopen();
    check(1, length);
  }
  check(2, length);
}

TEST_P(StoreHistory, ALongHistoryOfOneExecution) {
  std::uint32_t position = 0;
  while (position < 3000) {
    WriteBatch made = batch();
    for (std::uint32_t more = 0; more < 100; ++more) {
      made.entries.push_back({ExecutionKey{8}, step_entry(position++)});
    }
    ASSERT_TRUE(commit(made));
    ASSERT_TRUE(store->upkeep());
  }
  upkeep_until_idle();
  check(8, 3000);
}

class StoreFind : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    root = root_row(1);
    const JoinSetOrdinal named{0};
    const Hash128 hash{};
    WriteBatch made = batch();
    made.rows = {{root, true}};
    std::vector<EntryBody> bodies{
        JoinSetCreate{named, JoinSetKind::named, "x"},
        JoinSetCreate{JoinSetOrdinal{1}, JoinSetKind::generated, "1"},
        ChildRequest{named, 1, ExecutionKey{2}, FunctionId{1}, hash},
        ChildRequest{JoinSetOrdinal{1}, 1, ExecutionKey{3}, FunctionId{1}, hash},
        DirectCall{JoinSetOrdinal{2}, 1, ExecutionKey{4}, FunctionId{1}, hash},
        Sleep{JoinSetOrdinal{3}, 2, "nap", {}, {}},
        DirectCall{JoinSetOrdinal{4}, 3, ExecutionKey{5}, FunctionId{1}, hash},
    };
    append_to(made, root.key, bodies);
    const ExecutionRow generated = child_row(3, root, "g:1", 1);
    made.rows.push_back({child_row(2, root, "n:x", 1), true});
    made.rows.push_back({generated, true});
    made.rows.push_back({child_row(4, root, "o:1-step", 1), true});
    made.rows.push_back({child_row(5, root, "o:3-step", 1), true});
    append_to(made, generated.key,
              {DirectCall{JoinSetOrdinal{0}, 1, ExecutionKey{6}, FunctionId{1}, hash}});
    made.rows.push_back({child_row(6, generated, "o:1-deep", 1), true});
    ASSERT_TRUE(commit(made));
  }

  static void append_to(WriteBatch& made, ExecutionKey key, const std::vector<EntryBody>& bodies) {
    HistoryHead head;
    for (const EntryBody& body : bodies) {
      made.entries.push_back({key, {head.position, head.version, samples::start, body}});
      head = after(made.entries.back().entry, head);
    }
  }

  std::int64_t find(const std::string& suffix) {
    const Result<ExecutionRow> row = store->find({root.id.root, suffix});
    EXPECT_TRUE(row || row.error().code == Code::not_found);
    return row ? row->key.value : 0;
  }

  ExecutionRow root;
};
INSTANTIATE_TEST_SUITE_P(Drivers, StoreFind,
                         testing::Values(Driver::memory, Driver::sqlite, Driver::sqlite_tiny),
                         driver_name);

TEST_P(StoreFind, GoesThroughTheParents) {
  EXPECT_EQ(find(""), 1);
  EXPECT_EQ(find(".n:x_1"), 2);
  EXPECT_EQ(find(".g:1_1"), 3);
  EXPECT_EQ(find(".o:1-step_1"), 4);
  EXPECT_EQ(find(".o:3-step_1"), 5);
  EXPECT_EQ(find(".g:1_1.o:1-deep_1"), 6);
}

TEST_P(StoreFind, MissesWhatIsNotThere) {
  for (const char* suffix :
       {".n:x_2", ".n:y_1", ".g:2_1", ".o:1-other_1", ".o:1-step_2", ".o:2-nap_1",
        ".g:1_1.o:2-deep_1", ".n:x_1.g:1_1", ".o:step_1", ".g:_1"}) {
    EXPECT_EQ(find(suffix), 0) << suffix;
  }
  EXPECT_EQ(store->find({samples::root_ulid(9), ""}).error().code, Code::not_found);
}

}  // namespace
}  // namespace stele

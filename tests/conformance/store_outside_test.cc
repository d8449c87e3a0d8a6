// SPDX-License-Identifier: Apache-2.0
// What the store promises about values from outside, control requests, backtraces and derived ids.
#include "store/find_derived.h"
#include "tests/conformance/samples.h"
#include "tests/conformance/store_harness.h"

namespace stele {
namespace {

using samples::child_row;
using samples::root_row;

class StoreOutside : public StoreTest {
 protected:
  std::vector<std::int64_t> listed(const ListFilter& filter) {
    std::vector<std::int64_t> keys;
    const std::vector<ExecutionRow> rows = store->list(filter).value();
    for (const ExecutionRow& row : rows) keys.push_back(row.key.value);
    return keys;
  }
  BacktraceRow backtrace(std::int64_t key, BacktraceAt::Place place, std::uint32_t version = 0) {
    return store->read_backtrace(ExecutionKey{key}, {place, version}).value();
  }
  Code backtrace_error(std::int64_t key, std::uint32_t version) {
    const auto read =
        store->read_backtrace(ExecutionKey{key}, {BacktraceAt::Place::version, version});
    return read ? Code::internal : read.error().code;
  }
};
INSTANTIATE_TEST_SUITE_P(Drivers, StoreOutside,
                         testing::Values(Driver::memory, Driver::sqlite, Driver::sqlite_tiny),
                         driver_name);

TEST_P(StoreOutside, ControlsChangeAndTheSchedulerOfAnExecutionDoesNot) {
  ExecutionRow row = root_row(1, Stage::held);
  row.scheduled_by = to_text(root_row(9).id) + ".g:1_3";
  ASSERT_TRUE(put(row));
  row.controls = 1;
  ASSERT_TRUE(put(row, false));
  ExecutionRow image = row;
  image.controls = UINT32_MAX;
  image.scheduled_by = "not written";
  ASSERT_TRUE(put(image, false));
  row.controls = UINT32_MAX;
  EXPECT_EQ(row_of(1), row);
  reopen();
  EXPECT_EQ(row_of(1), row);
}

TEST_P(StoreOutside, OpenValuesAreThoseHeldNewestFirst) {
  const ExecutionRow parent = root_row(1, Stage::blocked);
  WriteBatch made = batch();
  made.rows.push_back({parent, true});
  for (std::int64_t key = 2; key <= 9; ++key) {
    ExecutionRow row =
        key == 5 ? root_row(5) : child_row(key, parent, "g:1", static_cast<std::uint32_t>(key));
    row.stage = key % 4 == 0 ? Stage::ready : Stage::held;
    made.rows.push_back({row, true});
  }
  ASSERT_TRUE(commit(made));
  using Keys = std::vector<std::int64_t>;
  EXPECT_EQ(listed({.open_values = true}), (Keys{9, 7, 6, 5, 3, 2}));
  EXPECT_EQ(listed({.open_values = true, .limit = 2}), (Keys{9, 7}));
  EXPECT_EQ(listed({.open_values = true, .before = ExecutionKey{7}, .limit = 2}), (Keys{6, 5}));
  EXPECT_EQ(listed({.id_prefix = to_text(root_row(5).id), .open_values = true}), Keys{5});
  ExecutionRow done = samples::finished(child_row(7, parent, "g:1", 7));
  ASSERT_TRUE(put(done, false));
  EXPECT_EQ(listed({.open_values = true}), (Keys{9, 6, 5, 3, 2}));
}

TEST_P(StoreOutside, APausedDelayIsKeptAndNotDue) {
  const DelayRow running{ExecutionKey{1}, JoinSetOrdinal{2}, 1, Instant{500}, false};
  DelayRow paused = running;
  paused.paused = true;
  for (const DelayRow& row : {running, paused, running}) {
    WriteBatch made = batch();
    made.delays = {{row, false}};
    ASSERT_TRUE(commit(made));
    EXPECT_EQ(store->delays_of(ExecutionKey{1}).value(), std::vector{row});
    EXPECT_EQ(store->due(Instant{0}, instant_max, 9).value().due.size(), row.paused ? 0U : 1U);
  }
}

TEST_P(StoreOutside, BacktracesAreFoundByVersionAndAtTheEnds) {
  const std::string large = "{\"frames\":[" + std::string(100'000, ' ') + "]}";
  const std::vector<BacktraceRow> rows{{1, 4, "{}"}, {4, 5, large}, {9, 12, large}, {12, 13, ""}};
  ASSERT_TRUE(store->save_backtraces(ExecutionKey{7}, rows));
  ASSERT_TRUE(store->save_backtraces(ExecutionKey{8}, std::vector<BacktraceRow>{{0, 99, "other"}}));
  using Place = BacktraceAt::Place;
  EXPECT_EQ(backtrace(7, Place::first), rows[0]);
  EXPECT_EQ(backtrace(7, Place::last), rows[3]);
  EXPECT_EQ(backtrace(7, Place::version, 3), rows[0]);
  EXPECT_EQ(backtrace(7, Place::version, 4), rows[1]);
  EXPECT_EQ(backtrace(7, Place::version, 11), rows[2]);
  for (const std::uint32_t gap : {0U, 5U, 8U, 13U}) {
    EXPECT_EQ(backtrace_error(7, gap), Code::not_found) << gap;
  }
  EXPECT_EQ(backtrace_error(6, 1), Code::not_found);
  reopen();
  EXPECT_EQ(backtrace(7, Place::version, 10), rows[2]);
}

TEST_P(StoreOutside, SavingBacktracesReplacesThoseOfTheExecution) {
  const std::vector<BacktraceRow> first{{1, 4, "a"}, {4, 5, "b"}};
  const std::vector<BacktraceRow> second{{2, 3, "c"}};
  ASSERT_TRUE(store->save_backtraces(ExecutionKey{7}, first));
  ASSERT_TRUE(store->save_backtraces(ExecutionKey{8}, first));
  ASSERT_TRUE(store->save_backtraces(ExecutionKey{7}, second));
  EXPECT_EQ(backtrace(7, BacktraceAt::Place::first), second[0]);
  EXPECT_EQ(backtrace(7, BacktraceAt::Place::last), second[0]);
  EXPECT_EQ(backtrace(8, BacktraceAt::Place::last), first[1]);
  ASSERT_TRUE(store->save_backtraces(ExecutionKey{7}, {}));
  EXPECT_EQ(backtrace_error(7, 2), Code::not_found);
}

/// A workflow with children in a named set, with a direct call in front of each.
class ManyChildren : public StoreOutside {
 protected:
  void make(std::uint32_t count) {
    const ExecutionRow parent = root_row(1, Stage::blocked);
    WriteBatch made = batch();
    made.rows.push_back({parent, true});
    HistoryHead head;
    const auto add = [&](EntryBody body) {
      made.entries.push_back(
          {parent.key, {head.position, head.version, samples::start, std::move(body)}});
      head = after(made.entries.back().entry, head);
    };
    const Hash128 hash{};
    add(JoinSetCreate{JoinSetOrdinal{1}, JoinSetKind::named, "many"});
    for (std::uint32_t index = 1; index <= count; ++index) {
      const ExecutionKey called{2 * std::int64_t{index}};
      const ExecutionKey child{called.value + 1};
      add(DirectCall{JoinSetOrdinal{1 + index}, index, called, FunctionId{1}, hash});
      add(ChildRequest{JoinSetOrdinal{1}, index, child, FunctionId{1}, hash});
      made.rows.push_back({child_row(called.value, parent, call_set(index), 1), true});
      made.rows.push_back({child_row(child.value, parent, "n:many", index), true});
    }
    entries = made.entries.size();
    ASSERT_TRUE(commit(made));
  }
  static std::string call_set(std::uint32_t index) { return fmt::format("o:{}-call", index); }
  Result<ExecutionRow> find(const std::string& join_set, std::uint32_t index) {
    const ExecutionRow parent = root_row(1);
    return finder.find(*store, {parent.id.root, child_suffix("", join_set, index)});
  }

  std::size_t entries = 0;
  DerivedFinder finder;
};
INSTANTIATE_TEST_SUITE_P(Drivers, ManyChildren, testing::Values(Driver::memory, Driver::sqlite),
                         driver_name);

TEST_P(ManyChildren, LookedUpOneByOneReadTheHistoryOnce) {
  constexpr std::uint32_t count = 20'000;
  make(count);
  for (std::uint32_t index = 1; index <= count; index += 7) {
    ASSERT_EQ(find("n:many", index).value().key.value, 2 * std::int64_t{index} + 1);
    ASSERT_EQ(find(call_set(index), 1).value().key.value, 2 * std::int64_t{index});
  }
  EXPECT_LE(finder.entries_read(), entries);
  EXPECT_EQ(find("n:many", count + 1).error().code, Code::not_found);
  EXPECT_EQ(find("n:other", 1).error().code, Code::not_found);
  EXPECT_EQ(find("1-call", 2).error().code, Code::not_found);
  EXPECT_LE(finder.entries_read(), entries);
}

TEST_P(ManyChildren, AChildThatComesLaterIsFound) {
  make(3);
  EXPECT_EQ(find("n:many", 4).error().code, Code::not_found);
  const ExecutionRow child = child_row(50, root_row(1), "n:many", 4);
  WriteBatch made = batch();
  made.rows.push_back({child, true});
  const HistoryHead head = store->read_head(ExecutionKey{1}).value();
  const ChildRequest request{JoinSetOrdinal{1}, 4, child.key, FunctionId{1}, Hash128{}};
  made.entries.push_back({ExecutionKey{1}, {head.position, head.version, samples::start, request}});
  ASSERT_TRUE(commit(made));
  EXPECT_EQ(find("n:many", 4).value(), child);
  EXPECT_EQ(finder.entries_read(), entries + 1);
}

}  // namespace
}  // namespace stele

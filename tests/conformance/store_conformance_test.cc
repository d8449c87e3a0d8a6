// SPDX-License-Identifier: Apache-2.0
// What every driver of the store promises.
#include <algorithm>
#include <set>

#include "tests/conformance/samples.h"
#include "tests/conformance/store_harness.h"

namespace stele {
namespace {

using samples::child_row;
using samples::finished;
using samples::root_row;
using samples::root_ulid;
using samples::step_entry;

using Keys = std::vector<std::int64_t>;

class StoreConformance : public StoreTest {
 public:
  Keys keys_of(const ListFilter& filter) const {
    Keys keys;
    const std::vector<ExecutionRow> rows = store->list(filter).value();
    for (const ExecutionRow& row : rows) keys.push_back(row.key.value);
    return keys;
  }
};
INSTANTIATE_TEST_SUITE_P(Drivers, StoreConformance,
                         testing::Values(Driver::memory, Driver::sqlite, Driver::sqlite_tiny),
                         driver_name);

TEST_P(StoreConformance, AClaimRaisesEpochAndIncarnation) {
  EXPECT_TRUE(claim.clean);
  EXPECT_EQ(claim.next_key, ExecutionKey{1});
  EXPECT_EQ(claim.deployment, DeploymentId{});
  ASSERT_TRUE(put(root_row(41)));
  const Claim first = claim;
  reopen();
  EXPECT_GT(claim.epoch, first.epoch);
  EXPECT_GT(claim.incarnation, first.incarnation);
  EXPECT_EQ(claim.next_key, ExecutionKey{42});
  EXPECT_FALSE(claim.clean);
}

TEST_P(StoreConformance, ACleanStopIsSeenByTheNextOwnerOnly) {
  WriteBatch last = batch();
  last.clean_stop = true;
  last.clock = Instant{1'800'000'000'000'000};
  ASSERT_TRUE(commit(last));
  reopen();
  EXPECT_TRUE(claim.clean);
  EXPECT_EQ(claim.clock, last.clock);
  ASSERT_TRUE(put(root_row(1)));
  reopen();
  EXPECT_FALSE(claim.clean);
}

TEST_P(StoreConformance, ABatchAfterACleanStopTakesTheMarkBack) {
  WriteBatch last = batch();
  last.clean_stop = true;
  ASSERT_TRUE(commit(last));
  ASSERT_TRUE(put(root_row(1)));
  reopen();
  EXPECT_FALSE(claim.clean);
}

TEST_P(StoreConformance, TheClockIsNeverBehindTheNewestEntry) {
  ASSERT_TRUE(put(root_row(1)));
  Entry entry = step_entry(0);
  entry.at = Instant{1'700'000'500'000'000};
  ASSERT_TRUE(append(ExecutionKey{1}, {entry}));
  WriteBatch made = batch();
  made.clock = Instant{1'700'000'600'000'000};
  made.rows.push_back({root_row(2), true});
  ASSERT_TRUE(commit(made));
  reopen();
  EXPECT_EQ(claim.clock, made.clock);
}

TEST_P(StoreConformance, EveryColumnComesBack) {
  ExecutionRow row = root_row(5);
  row.scheduled = Instant{INT64_MAX};
  row.random_algorithm = 2;
  row.stage = Stage::blocked;
  row.lifecycle = Lifecycle::cancelling;
  row.blocked_on = JoinSetOrdinal{12};
  row.attempts = 3;
  row.interruptions = 2;
  row.mark = true;
  row.controls = 7;
  row.scheduled_by = to_text(root_row(4).id);
  ASSERT_TRUE(put(row));
  EXPECT_EQ(row_of(5), row);
  const ExecutionRow child = child_row(6, row, "n:x/y", 4'000'000'000U);
  ASSERT_TRUE(put(child));
  EXPECT_EQ(row_of(6), child);

  row = finished(row);
  row.lifecycle = Lifecycle::active;
  row.mark = false;
  row.outcome->kind = OutcomeKind::failure;
  row.outcome_kind = OutcomeKind::failure;
  row.outcome->failure = row.failure = FailureKind::out_of_fuel;
  row.outcome->detail = std::string(40'000, 'd');
  row.response_position = 17;
  ASSERT_TRUE(put(row, false));
  EXPECT_EQ(row_of(5), row);
  reopen();
  EXPECT_EQ(row_of(5), row);
  EXPECT_EQ(row_of(6), child);
}

TEST_P(StoreConformance, AnUpdateChangesOnlyWhatMayChange) {
  const ExecutionRow row = root_row(1);
  ASSERT_TRUE(put(row));
  ExecutionRow image = finished(row);
  image.params = "[]";
  image.requester = "other";
  ASSERT_TRUE(put(image, false));
  EXPECT_EQ(row_of(1), finished(row));
}

TEST_P(StoreConformance, LoadsByKeyAndByRoot) {
  for (const std::int64_t key : {1, 2, 3}) ASSERT_TRUE(put(root_row(key)));
  const std::array keys{ExecutionKey{2}, ExecutionKey{99}};
  const std::array roots{root_ulid(3), root_ulid(98)};
  const Loaded loaded = store->load(keys, roots).value();
  std::set<std::int64_t> found;
  for (const ExecutionRow& row : loaded.rows) found.insert(row.key.value);
  EXPECT_EQ(found, (std::set<std::int64_t>{2, 3}));
  EXPECT_EQ(loaded.as_of, BatchNumber{3});
}

TEST_P(StoreConformance, ABatchThatCannotBeWrittenWholeLeavesNoTrace) {
  ASSERT_TRUE(put(root_row(1)));
  WriteBatch bad = batch();
  bad.rows.push_back({root_row(2), true});
  bad.entries.push_back({ExecutionKey{1}, step_entry(0)});
  bad.delays.push_back({DelayRow{ExecutionKey{1}, JoinSetOrdinal{0}, 1, Instant{5}, false}, false});
  bad.rows.push_back({root_row(1), true});
  EXPECT_FALSE(commit(bad));
  EXPECT_EQ(row_of(2), std::nullopt);
  EXPECT_TRUE(history_of(ExecutionKey{1}).empty());
  EXPECT_TRUE(store->delays_of(ExecutionKey{1}).value().empty());
  EXPECT_EQ(store->counters().commits, 1U);
  ASSERT_TRUE(append(ExecutionKey{1}, {step_entry(0)}));
  EXPECT_EQ(history_of(ExecutionKey{1}).size(), 1U);
}

TEST_P(StoreConformance, BatchesCommitInOrder) {
  ASSERT_TRUE(put(root_row(1)));
  WriteBatch early = batch();
  early.number = BatchNumber{3};
  early.rows.push_back({root_row(2), true});
  EXPECT_EQ(store->commit(early).error().code, Code::internal);
  early.number = BatchNumber{1};
  EXPECT_EQ(store->commit(early).error().code, Code::internal);
  EXPECT_EQ(row_of(2), std::nullopt);
  EXPECT_TRUE(put(root_row(2)));
}

TEST_P(StoreConformance, AStaleOwnerCommitsNothing) {
  ASSERT_TRUE(put(root_row(1)));
  harness->steal();
  EXPECT_EQ(put(root_row(2)).error().code, Code::aborted);
  EXPECT_EQ(row_of(2), std::nullopt);
  Store::NewDeployment deployment;
  deployment.row.digest = "sha256:00";
  EXPECT_EQ(store->save_deployment(deployment).error().code, Code::aborted);
  reopen();
  EXPECT_EQ(row_of(2), std::nullopt);
  EXPECT_TRUE(put(root_row(2)));
}

TEST_P(StoreConformance, NothingCommitsBeforeAClaim) {
  store.reset();
  store = harness->open();
  WriteBatch made;
  made.number = BatchNumber{1};
  made.rows.push_back({root_row(1), true});
  EXPECT_EQ(store->commit(made).error().code, Code::aborted);
}

TEST_P(StoreConformance, ReadyWorkTakesTurnsByRoot) {
  WriteBatch made = batch();
  std::int64_t key = 10;
  for (const std::int64_t root : {1, 2, 3}) {
    const ExecutionRow parent = root_row(root, Stage::blocked);
    made.rows.push_back({parent, true});
    for (std::uint32_t index = 1; index <= 5; ++index) {
      made.rows.push_back({child_row(key++, parent, "g:1", index), true});
    }
  }
  made.rows.push_back({root_row(4), true});
  ASSERT_TRUE(commit(made));
  ReadyPage page = store->ready(Pool::activity, {}, 2, 5).value();
  std::vector<std::int64_t> keys;
  for (const ExecutionRow& row : page.rows) keys.push_back(row.key.value);
  EXPECT_EQ(keys, (std::vector<std::int64_t>{10, 11, 15, 16, 20}));
  EXPECT_FALSE(page.wrapped);
  page = store->ready(Pool::activity, page.next, 2, 5).value();
  ASSERT_EQ(page.rows.size(), 2U);
  EXPECT_EQ(page.rows[0].key, ExecutionKey{21});
  EXPECT_TRUE(page.wrapped);
  EXPECT_EQ(page.next.root, ExecutionKey{});
  page = store->ready(Pool::activity, {ExecutionKey{2}, ExecutionKey{16}}, 64, 64).value();
  EXPECT_EQ(page.rows.size(), 8U);
  page = store->ready(Pool::workflow, {}, 64, 64).value();
  ASSERT_EQ(page.rows.size(), 1U);
  EXPECT_EQ(page.rows[0], root_row(4));
}

TEST_P(StoreConformance, ReadyFollowsTheStage) {
  ASSERT_TRUE(put(root_row(1, Stage::blocked)));
  EXPECT_TRUE(store->ready(Pool::workflow, {}, 8, 8).value().rows.empty());
  ASSERT_TRUE(put(root_row(1), false));
  EXPECT_EQ(store->ready(Pool::workflow, {}, 8, 8).value().rows.size(), 1U);
  ASSERT_TRUE(put(finished(root_row(1)), false));
  EXPECT_TRUE(store->ready(Pool::workflow, {}, 8, 8).value().rows.empty());
}

TEST_P(StoreConformance, DueIsAWindowInOrderOfTime) {
  WriteBatch made = batch();
  for (const std::int64_t key : {1, 2, 3}) {
    ExecutionRow row = root_row(key, Stage::waiting);
    row.wake = Instant{100 * key};
    made.rows.push_back({row, true});
    made.delays.push_back(
        {DelayRow{ExecutionKey{key}, JoinSetOrdinal{1}, 1, Instant{100 * key + 50}, false}, false});
  }
  made.delays.push_back(
      {DelayRow{ExecutionKey{9}, JoinSetOrdinal{0}, 2, Instant{120}, true}, false});
  ASSERT_TRUE(commit(made));
  const DuePage all = store->due(Instant{0}, instant_max, 100).value();
  std::vector<std::int64_t> times;
  for (const Due& due : all.due) times.push_back(due.at.us);
  EXPECT_EQ(times, (std::vector<std::int64_t>{100, 150, 200, 250, 300, 350}));
  EXPECT_FALSE(all.more);
  EXPECT_FALSE(all.due[0].delay);
  ASSERT_TRUE(all.due[1].delay);
  EXPECT_EQ(all.due[1].delay->owner, ExecutionKey{1});
  const DuePage window = store->due(Instant{150}, Instant{300}, 100).value();
  EXPECT_EQ(window.due.size(), 3U);
  const DuePage paged = store->due(Instant{0}, instant_max, 4).value();
  EXPECT_EQ(paged.due.size(), 4U);
  EXPECT_TRUE(paged.more);
  EXPECT_EQ(paged.due.back().at, Instant{250});
}

TEST_P(StoreConformance, EqualInstantsAreNeverCutApart) {
  WriteBatch made = batch();
  for (std::uint32_t index = 1; index <= 10; ++index) {
    made.delays.push_back(
        {DelayRow{ExecutionKey{1}, JoinSetOrdinal{1}, index, Instant{70}, false}, false});
  }
  made.delays.push_back(
      {DelayRow{ExecutionKey{1}, JoinSetOrdinal{2}, 1, Instant{80}, false}, false});
  ExecutionRow row = root_row(1, Stage::waiting);
  row.wake = Instant{70};
  made.rows.push_back({row, true});
  ASSERT_TRUE(commit(made));
  const DuePage first = store->due(Instant{0}, instant_max, 3).value();
  EXPECT_EQ(first.due.size(), 11U);
  EXPECT_TRUE(first.more);
  const DuePage second = store->due(first.due.back().at + microseconds(1), instant_max, 3).value();
  EXPECT_EQ(second.due.size(), 1U);
  EXPECT_FALSE(second.more);
}

TEST_P(StoreConformance, DelaysAreReplacedAndRemoved) {
  const DelayRow delay{ExecutionKey{1}, JoinSetOrdinal{2}, 3, Instant{500}, false};
  WriteBatch made = batch();
  made.delays = {{delay, false},
                 {DelayRow{ExecutionKey{2}, JoinSetOrdinal{2}, 3, Instant{1}, false}, false}};
  ASSERT_TRUE(commit(made));
  EXPECT_EQ(store->delays_of(ExecutionKey{1}).value(), std::vector<DelayRow>{delay});
  DelayRow paused = delay;
  paused.paused = true;
  made = batch();
  made.delays = {{paused, false}};
  ASSERT_TRUE(commit(made));
  EXPECT_EQ(store->delays_of(ExecutionKey{1}).value(), std::vector<DelayRow>{paused});
  EXPECT_EQ(store->due(Instant{0}, instant_max, 9).value().due.size(), 1U);
  made = batch();
  made.delays = {{paused, true}};
  ASSERT_TRUE(commit(made));
  EXPECT_TRUE(store->delays_of(ExecutionKey{1}).value().empty());
}

TEST_P(StoreConformance, ListsAreNewestFirstAndPaged) {
  const std::array names{"demo:a/x.one", "demo:a/x.two"};
  Store::NewDeployment deployment;
  deployment.row.digest = "sha256:11";
  ComponentRow component{"c", "workflow", "sha256:22", "{}", {}};
  for (const char* name : names)
    component.functions.push_back({FunctionId{}, name, "[]", "result"});
  deployment.row.components.push_back(component);
  ASSERT_TRUE(store->save_deployment(deployment));
  for (std::int64_t key = 1; key <= 6; ++key) {
    ExecutionRow row = root_row(key);
    row.function = FunctionId{key % 2 == 0 ? 2U : 1U};
    ASSERT_TRUE(put(key == 3 ? finished(row) : row));
  }
  ASSERT_TRUE(put(child_row(7, root_row(6), "g:1", 1)));
  EXPECT_EQ(keys_of({}), (Keys{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(keys_of({.before = ExecutionKey{4}, .limit = 2}), (Keys{3, 2}));
  EXPECT_EQ(keys_of({.derived = true, .limit = 2}), (Keys{7, 6}));
  EXPECT_EQ(keys_of({.hide_finished = true}), (Keys{6, 5, 4, 2, 1}));
  EXPECT_EQ(keys_of({.ffqn_prefix = "demo:a/x.t"}), (Keys{6, 4, 2}));
  EXPECT_EQ(keys_of({.id_prefix = to_text(root_row(5).id)}), (Keys{5}));
  EXPECT_EQ(keys_of({.ffqn_prefix = "nothing"}), Keys{});
}

TEST_P(StoreConformance, ListsByTheBeginningOfTheIdAreNewestFirstToo) {
  const auto id = [](std::uint64_t high, std::uint64_t low) {
    return ExecutionId{Ulid{high, low}, ""};
  };
  // Chosen by users, so their order is not that of their times.
  const std::vector<ExecutionId> ids{id(9ULL << 40U, 5), id(9ULL << 40U, 3), id(7, 1),
                                     id(9ULL << 40U, 4), id(UINT64_MAX, UINT64_MAX)};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ExecutionRow row = root_row(static_cast<std::int64_t>(i) + 1);
    row.id = ids[i];
    ASSERT_TRUE(put(row));
  }
  const std::string common = to_text(ids[0]).substr(0, 27);
  EXPECT_EQ(keys_of({.id_prefix = common}), (Keys{4, 2, 1}));
  EXPECT_EQ(keys_of({.id_prefix = common, .limit = 2}), (Keys{4, 2}));
  EXPECT_EQ(keys_of({.id_prefix = common, .before = ExecutionKey{2}}), (Keys{1}));
  EXPECT_EQ(keys_of({.id_prefix = common, .derived = true}), (Keys{4, 2, 1}));
  EXPECT_EQ(keys_of({.id_prefix = "E_"}), (Keys{5, 4, 3, 2, 1}));
  EXPECT_EQ(keys_of({.id_prefix = "E_7"}), (Keys{5}));
  EXPECT_EQ(keys_of({.id_prefix = "E"}), (Keys{5, 4, 3, 2, 1}));
  for (const std::string none : {"E_8", "E_U", "E_7z", "X", "E_00000000000000000000000000000"})
    EXPECT_EQ(keys_of({.id_prefix = none}), Keys{}) << none;
}

TEST_P(StoreConformance, DeploymentsAreIdempotentAndFunctionsKeepTheirNumbers) {
  Store::NewDeployment first;
  first.row.digest = "sha256:aa";
  first.row.created = Instant{5};
  first.row.source = "[[workflow_wasm]]";
  const FunctionRow one{FunctionId{}, "demo:a/x.one", R"([{"name":"a","type":"u8"}])",
                        "result<u8>"};
  FunctionRow other = one;
  other.result = "result<u16>";
  first.row.components = {{"w", "workflow", "sha256:w", R"({"k":1})", {one, other}},
                          {"a", "activity", "sha256:a", "{}", {}}};
  first.blobs = {{"sha256:w", std::string("\0wasm", 5)}, {"sha256:a", std::string(100'000, 'a')}};
  const DeploymentRow stored = store->save_deployment(first).value();
  EXPECT_EQ(stored.id, DeploymentId{1});
  EXPECT_EQ(stored.components[0].functions[1].id, FunctionId{2});
  EXPECT_EQ(store->save_deployment(first).value().id, DeploymentId{1});

  Store::NewDeployment second = first;
  second.row.digest = "sha256:bb";
  second.row.components.pop_back();
  second.row.components[0].functions = {other};
  const DeploymentRow next_row = store->save_deployment(second).value();
  EXPECT_EQ(next_row.id, DeploymentId{2});
  EXPECT_EQ(next_row.components[0].functions[0].id, FunctionId{2});
  reopen();
  EXPECT_EQ(claim.deployment, DeploymentId{2});
  const DeploymentRow read = store->read_deployment(DeploymentId{1}).value();
  EXPECT_EQ(read.digest, "sha256:aa");
  EXPECT_EQ(read.source, "[[workflow_wasm]]");
  ASSERT_EQ(read.components.size(), 2U);
  EXPECT_EQ(read.components[0].config, R"({"k":1})");
  EXPECT_EQ(read.components[0].functions, stored.components[0].functions);
  EXPECT_EQ(store->functions().value().size(), 2U);
  EXPECT_EQ(store->read_blob("sha256:w").value(), std::string("\0wasm", 5));
  EXPECT_EQ(store->read_blob("sha256:x").error().code, Code::not_found);
  EXPECT_EQ(store->read_deployment(DeploymentId{3}).error().code, Code::not_found);
}

TEST_P(StoreConformance, LogsArePagedByExecution) {
  std::vector<LogRow> rows;
  for (std::int64_t line = 0; line < 10; ++line) {
    rows.push_back(
        {ExecutionKey{1 + line % 2}, 3, Instant{line}, 4, 0, "line " + std::to_string(line)});
  }
  rows.push_back({ExecutionKey{1}, 4, Instant{11}, 0, 2, std::string("\0\xFF", 2)});
  ASSERT_TRUE(store->append_logs(rows));
  ASSERT_TRUE(store->append_logs({}));
  LogPage page = store->read_logs(ExecutionKey{1}, 0, 4).value();
  ASSERT_EQ(page.rows.size(), 4U);
  EXPECT_EQ(page.rows[3].message, "line 6");
  page = store->read_logs(ExecutionKey{1}, page.next, 4).value();
  ASSERT_EQ(page.rows.size(), 2U);
  EXPECT_EQ(page.rows[1].message, std::string("\0\xFF", 2));
  EXPECT_EQ(page.rows[1].stream, 2);
  EXPECT_EQ(page.rows[1].run, 4U);
  EXPECT_TRUE(store->read_logs(ExecutionKey{1}, page.next, 4).value().rows.empty());
}

TEST_P(StoreConformance, LargeValuesComeBack) {
  ExecutionRow row = root_row(1);
  row.params = "[\"" + std::string(300'000, 'p') + "\"]";
  ASSERT_TRUE(put(row));
  EXPECT_EQ(row_of(1), row);
  std::vector<Entry> entries = samples::step_entries(6);
  std::get<ChildResponse>(entries[3].body).outcome.value = row.params;
  std::get<ChildResponse>(entries[5].body).outcome.value = std::string(5'000'000, 'x');
  ASSERT_TRUE(append(ExecutionKey{1}, entries));
  EXPECT_EQ(history_of(ExecutionKey{1}), entries);
  reopen();
  EXPECT_EQ(row_of(1), row);
  EXPECT_EQ(history_of(ExecutionKey{1}), entries);
}

TEST_P(StoreConformance, CountersCountWhatCommitted) {
  WriteBatch made = batch();
  made.rows = {{root_row(1), true}, {root_row(2), true}};
  made.entries = {{ExecutionKey{1}, step_entry(0)}};
  ASSERT_TRUE(commit(made));
  EXPECT_EQ(store->counters().commits, 1U);
  EXPECT_EQ(store->counters().rows, 2U);
  EXPECT_EQ(store->counters().entries, 1U);
  EXPECT_FALSE(store->congested());
}

}  // namespace
}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// What the databases of tests/fixtures hold: batches that make_database_fixture commits and that
// the test expects to read. Only added to: `held_row` and `backtraces` came with version 2.
#pragma once

#include "store/store.h"
#include "tests/conformance/samples.h"

namespace stele::fixture {

constexpr std::uint32_t packed_entries = 120;
constexpr std::uint32_t all_entries = 150;

inline ExecutionRow waiting_row() {
  ExecutionRow row = samples::root_row(4, Stage::waiting);
  row.wake = samples::start + seconds(60);
  row.attempts = 2;
  return row;
}

inline ExecutionRow large_row() {
  ExecutionRow row = samples::root_row(5);
  row.params = "[\"";
  row.params.append(17'000, 'p');
  row.params += "\"]";
  return row;
}

/// Keys 1 to 5: a blocked workflow with 150 entries, a ready child of it, one that has finished,
/// one that waits, one with a large value. And all kinds of entries for key 3.
inline std::vector<ExecutionRow> rows() {
  const ExecutionRow workflow = samples::root_row(1, Stage::blocked);
  return {workflow, samples::child_row(2, workflow, "n:x", 1),
          samples::finished(samples::root_row(3)), waiting_row(), large_row()};
}

/// Key 6: a stub's row that waits for its value.
inline ExecutionRow held_row() {
  ExecutionRow row = samples::child_row(6, samples::root_row(1, Stage::blocked), "n:x", 2);
  row.stage = Stage::held;
  row.pool = Pool::none;
  row.controls = 3;
  row.scheduled_by = to_text(samples::root_row(3).id);
  return row;
}

inline std::vector<BacktraceRow> backtraces() {
  const std::string frames = R"({"frames":[{"module":"orders","func_name":"place","symbols":[]}]})";
  return {{1, 4, frames}, {4, 7, frames}, {7, 8, std::string(5'000, ' ') + frames}};
}

/// Entries of each kind that the release of that schema version knew.
inline std::vector<Entry> kinds(int version) {
  const std::size_t known = version == 1 ? 14 : 22;
  HistoryHead head;
  std::vector<Entry> entries;
  for (const EntryBody& body : samples::all_bodies()) {
    if (entries.size() == known) break;
    entries.push_back({head.position, head.version, samples::start, body});
    head = after(entries.back(), head);
  }
  return entries;
}

inline std::vector<DelayRow> delays() {
  return {{ExecutionKey{1}, JoinSetOrdinal{3}, 1, samples::start + seconds(5), false},
          {ExecutionKey{1}, JoinSetOrdinal{3}, 2, samples::start + seconds(6), true}};
}

inline Store::NewDeployment deployment() {
  Store::NewDeployment made;
  made.row.created = samples::start;
  made.row.digest = "sha256:d1";
  made.row.source = "[[workflow_wasm]]\n";
  const FunctionRow function{FunctionId{}, "demo:shop/orders@1.0.0.place",
                             R"([{"name":"id","type":"u64"}])", "result<string>"};
  made.row.components = {{"orders", "workflow", "sha256:c1", "{}", {function}}};
  made.blobs = {{"sha256:c1", std::string("\0asm\1\0\0\0", 8)}};
  return made;
}

inline std::vector<LogRow> logs() {
  return {{ExecutionKey{1}, 1, samples::start, 3, 0, "hello"},
          {ExecutionKey{1}, 1, samples::start, 0, 1, "out"}};
}

}  // namespace stele::fixture

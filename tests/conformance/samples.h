// SPDX-License-Identifier: Apache-2.0
// Rows and entries for tests of the store.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "journal/hash.h"
#include "journal/rows.h"

namespace stele::samples {

constexpr Instant start{1'700'000'000'000'000};

inline Ulid root_ulid(std::int64_t key) {
  return make_ulid(1'700'000'000'000 + key, 7, static_cast<std::uint64_t>(key));
}

inline ExecutionRow root_row(std::int64_t key, Stage stage = Stage::ready) {
  ExecutionRow row;
  row.key = row.root = ExecutionKey{key};
  row.id = {root_ulid(key), ""};
  row.function = FunctionId{1};
  row.params = fmt::format(R"([{},"text"])", key);
  row.params_hash = blake2b_128(row.params);
  row.created = start + microseconds(key);
  row.scheduled = row.created;
  row.requester = "cli";
  row.pool = Pool::workflow;
  row.deployment = DeploymentId{1};
  row.stage = stage;
  return row;
}

inline ExecutionRow child_row(std::int64_t key, const ExecutionRow& parent,
                              const std::string& join_set, std::uint32_t index) {
  ExecutionRow row = root_row(key);
  row.root = parent.root;
  row.parent = parent.key;
  row.id = {parent.id.root, child_suffix(parent.id.suffix, join_set, index)};
  row.requester.clear();
  row.pool = Pool::activity;
  return row;
}

inline ExecutionRow finished(ExecutionRow row) {
  row.stage = Stage::finished;
  row.finished = row.created + milliseconds(5);
  row.outcome_kind = OutcomeKind::ok;
  row.outcome = Outcome{OutcomeKind::ok, "[1,2]", FailureKind::uncategorized, "", "", ""};
  row.finished_version = 9;
  return row;
}

/// Sequential steps: a direct call at even positions, its response at odd ones.
inline Entry step_entry(std::uint32_t position) {
  Entry entry;
  entry.position = position;
  entry.at = start + milliseconds(position);
  const std::uint32_t step = position / 2;
  entry.version = 1 + 3 * ((position + 1) / 2);
  const ExecutionKey child{1'000'000 + step};
  if (position % 2 == 0) {
    entry.body = DirectCall{JoinSetOrdinal{step}, step + 1, child, FunctionId{2}, blake2b_128("p")};
  } else {
    const Outcome outcome{OutcomeKind::ok,
                          fmt::format("\"result {}\"", step),
                          FailureKind::uncategorized,
                          "",
                          "",
                          ""};
    entry.body = ChildResponse{step + 1, JoinSetOrdinal{step}, child, 2, outcome};
  }
  return entry;
}

inline std::vector<Entry> step_entries(std::uint32_t count) {
  std::vector<Entry> entries;
  for (std::uint32_t position = 0; position < count; ++position)
    entries.push_back(step_entry(position));
  return entries;
}

/// One entry of each kind, with each field set.
inline std::vector<EntryBody> all_bodies() {
  const JoinSetOrdinal set{3};
  const Hash128 hash = blake2b_128("params");
  const ScheduleAt in{ScheduleAt::Kind::in, {}, seconds(5)};
  const ScheduleAt at{ScheduleAt::Kind::at, Instant{1'700'000'000'123'456}, {}};
  const Outcome ok{OutcomeKind::ok, R"({"total":120})", FailureKind::uncategorized, "", "", ""};
  const Outcome failed{OutcomeKind::failure, "",    FailureKind::timed_out, "too late",
                       "line 1\nline 2",     "\1\2"};
  const Refused type_check{Refused::Kind::type_check, "expected a string", ""};
  const Refused unknown_function{Refused::Kind::function_not_found, "", "t:t/a.gone"};
  return {
      Persist{Persist::Kind::random_u64_inclusive, 1, 6, std::string("\0\0\0\0\0\0\0\4", 8)},
      JoinSetCreate{set, JoinSetKind::named, "a/b-c"},
      ChildRequest{set, 2, ExecutionKey{77}, FunctionId{9}, hash},
      DelayRequest{set, 4, in, start},
      DirectCall{JoinSetOrdinal{4}, 1, ExecutionKey{78}, FunctionId{1}, hash},
      Sleep{JoinSetOrdinal{5}, 2, "nap", at, start},
      JoinNext{set, FunctionId{4}, true, 3},
      JoinNextTry{set, JoinNextTry::Result::found},
      JoinNextTooMany{set, FunctionId{2}},
      Ending{ok},
      ChildResponse{5, set, ExecutionKey{77}, 6, failed},
      DelayResponse{6, set, 1, true},
      AttemptFailed{2, true, start, "reason", "detail"},
      Control{Control::Kind::paused, "who", "why"},
      Schedule{ExecutionKey{79}, root_ulid(5), FunctionId{3}, hash, at, start, {}},
      Schedule{{}, root_ulid(6), FunctionId{3}, hash, in, start, type_check},
      Stub{{root_ulid(7), ".n:approvals_2"}, hash, {}},
      Stub{{root_ulid(7), ".n:approvals_3"}, hash, {Refused::Kind::conflict, "", ""}},
      ComponentUpgrade{"sha256:00ff", DeploymentId{4}, ComponentUpgrade::Result::failed, "a\nb"},
      ChildRequest{set, 3, {}, {}, hash, unknown_function},
      DelayRequest{set, 5, at, start, true},
      ChildResponse{7, set, ExecutionKey{80}, 6, ok, 4},
  };
}

}  // namespace stele::samples

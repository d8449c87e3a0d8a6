// SPDX-License-Identifier: Apache-2.0
// Owns: the rows that a partition writes, and the batch in which they commit.
// Life cycle: made by the partition when a batch closes; immutable from then on. Thread: any.
// Must hold: a batch holds the final image of each changed row once; all of it commits or nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journal/entry.h"

namespace stele {

/// Which pool of instances an execution needs; 0 for what no guest here ever runs.
enum class Pool : std::uint8_t { none = 0, workflow = 1, activity = 2 };

enum class Stage : std::uint8_t {
  ready = 1,    ///< may be started or resumed now
  blocked = 2,  ///< a workflow that waits for the next response of `blocked_on`
  waiting = 3,  ///< until `wake`: scheduled later, or backing off
  closing = 4,  ///< a workflow whose code has ended; its join sets are being closed
  held = 5,     ///< for a value from outside (stubs, externals)
  finished = 6,
};

enum class Lifecycle : std::uint8_t { active = 1, paused = 2, cancelling = 3 };

struct ExecutionRow {
  // Never changes after creation.
  ExecutionKey key{};
  ExecutionKey root{};    ///< of the tree; equals `key` for a top-level execution
  ExecutionKey parent{};  ///< 0 for a top-level execution
  JoinSetOrdinal parent_join_set{};
  ExecutionId id{};
  FunctionId function{};
  Bytes params{};  ///< JSON array, ABI form, canonical
  Hash128 params_hash{};
  Instant created{};
  Instant scheduled{};
  std::string requester{};     ///< who submitted it; empty for children
  std::string scheduled_by{};  ///< id text of the workflow that scheduled it; empty otherwise
  std::uint32_t random_algorithm = 1;
  Pool pool = Pool::none;

  // Changes.
  DeploymentId deployment{};
  Stage stage = Stage::ready;
  Lifecycle lifecycle = Lifecycle::active;
  Instant wake{};               ///< stage waiting only
  JoinSetOrdinal blocked_on{};  ///< stage blocked only
  std::uint32_t attempts = 0;   ///< failed attempts so far (activities), failed runs (workflows)
  std::uint32_t interruptions = 0;
  std::uint32_t controls = 0;  ///< control entries so far; only of what is no workflow
  bool mark = false;           ///< an attempt or run had begun when this image was written
  Instant finished{};          ///< stage finished only
  std::optional<OutcomeKind> outcome_kind{};
  FailureKind failure = FailureKind::uncategorized;
  std::optional<Outcome> outcome{};  ///< finished top-level executions
  std::uint32_t response_position =
      0;  ///< finished derived ones: where in the parent's history it is
  std::uint32_t finished_version = 0;

  bool operator==(const ExecutionRow&) const = default;
};

struct RowWrite {
  ExecutionRow row{};
  bool is_new = false;  ///< insert; otherwise only the changing columns are updated
};

struct EntryWrite {
  ExecutionKey key{};
  Entry entry{};
};

struct DelayRow {
  ExecutionKey owner{};
  JoinSetOrdinal join_set{};
  std::uint32_t index = 0;
  Instant expires{};
  bool paused = false;
  bool operator==(const DelayRow&) const = default;
};
struct DelayWrite {
  DelayRow row{};
  bool removed = false;
};

struct WriteBatch {
  BatchNumber number{};
  Instant clock{};  ///< the partition's clock at close
  std::vector<RowWrite> rows{};
  std::vector<EntryWrite> entries{};  ///< in the order in which they were accepted
  std::vector<DelayWrite> delays{};
  bool clean_stop = false;  ///< the last batch of a drain

  bool empty() const { return rows.empty() && entries.empty() && delays.empty() && !clean_stop; }
  std::size_t row_count() const { return rows.size() + entries.size() + delays.size(); }
};

/// A function with its signature, as the dictionary keeps it.
struct FunctionRow {
  FunctionId id{};
  std::string ffqn{};
  std::string params{};  ///< JSON array of {"name","type"}
  std::string result{};  ///< WIT text
  bool operator==(const FunctionRow&) const = default;
};

struct ComponentRow {
  std::string name{};
  std::string kind{};    ///< activity, workflow, activity_stub, activity_external
  std::string digest{};  ///< sha256:<hex>; the bytes are in `blob`
  std::string config{};  ///< JSON of its effective settings
  std::vector<FunctionRow> functions{};
};

struct DeploymentRow {
  DeploymentId id{};
  Instant created{};
  std::string digest{};  ///< of the whole deployment
  std::string source{};  ///< the deployment file's text
  std::vector<ComponentRow> components{};
};

/// Where the code stood when it asked for the events of a range of versions.
struct BacktraceRow {
  std::uint32_t version_min = 0;
  std::uint32_t version_max = 0;  ///< excluded
  std::string frames{};           ///< JSON: {"frames":[{"module","func_name","symbols":[…]}]}
  bool operator==(const BacktraceRow&) const = default;
};

/// A line of a guest or of one of its streams.
struct LogRow {
  ExecutionKey execution{};
  std::uint32_t run = 0;
  Instant at{};
  std::uint8_t level = 0;   ///< 1 trace … 5 error; 0 for a stream
  std::uint8_t stream = 0;  ///< 1 stdout, 2 stderr; 0 for a log line
  std::string message{};
};

}  // namespace stele

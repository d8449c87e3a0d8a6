// SPDX-License-Identifier: Apache-2.0
// Owns: the port through which commands talk to a server. Life cycle: one per command. Thread: its
//   caller's; calls block, each with a deadline. Must hold: codes of errors are the server's; a
//   server that is not there is `unavailable`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace stele::cli {

struct Submission {
  std::string id;  ///< empty: the server makes one
  std::string ffqn;
  std::string params;  ///< JSON array
  std::string requester;
  bool paused = false;
};
struct SubmitAnswer {
  std::string id;
  bool repeated = false;
};

/// A request that is stored with who asks and why; `id` is `E_…` or, where it may be, `Delay_…`.
struct Control {
  std::string id;
  std::string requester;
  std::string reason;
};

struct Failure {
  std::string kind;
  std::string reason;
  std::string detail;
};
enum class ResultKind : std::uint8_t { ok, err, failure };
struct ExecutionResult {
  ResultKind kind = ResultKind::ok;
  std::string json;  ///< of an ok or err value; empty in lists
  Failure failure;
};

struct Execution {
  std::string id;
  std::string ffqn;
  std::string state;  ///< pending, blocked, paused, cancelling, finished
  std::string state_json;
  Instant created;
  Instant scheduled;
  Instant finished;
  std::string deployment;
  std::uint32_t attempts = 0;
  std::string stuck;
  std::string requester;
  std::string params;
  std::optional<ExecutionResult> result;
};

struct ListQuery {
  std::string ffqn_prefix;
  std::string id_prefix;
  bool derived = false;
  bool hide_finished = false;
  std::uint32_t limit = 20;
  std::string cursor;
  bool open_values = false;
};
struct ExecutionPage {
  std::vector<Execution> executions;
  std::string next_cursor;
};

/// An event of a history or a response to it; `number` is the version or the sequence number.
struct Item {
  std::uint32_t number = 0;
  Instant at;
  std::string kind;
  std::string summary;
  std::string json;
};
struct ItemPage {
  std::vector<Item> items;
  bool more = false;
  std::uint32_t next = 0;
};

struct LogLine {
  Instant at;
  std::uint32_t run = 0;
  std::string level;
  std::string stream;
  std::string message;
};
struct LogPage {
  std::vector<LogLine> lines;
  std::uint64_t next = 0;
};

struct ReplayAnswer {
  bool equal = false;
  std::string difference;
  std::uint32_t events = 0;
  std::string state;
  std::uint32_t version = 0;         ///< of the first captured event
  std::vector<Item> captured;        ///< the first ones of what the code would go on with
  std::uint32_t captured_count = 0;  ///< of all
  std::optional<ExecutionResult> outcome;
};
struct Advance {
  Control by;
  std::uint32_t version = 0;     ///< of the replay that it goes on from
  std::uint32_t writes_max = 0;  ///< 0: all that was captured
  bool pause_executions = false;
  bool pause_delays = false;
  bool force = false;
};
struct UpgradeAnswer {
  bool changed = false;
  std::string digest;
};
struct Backtrace {
  std::uint32_t version_min = 0;
  std::uint32_t version_max = 0;  ///< excluded
  std::string json;               ///< {"frames":[…]}
};

struct Param {
  std::string name;
  std::string type;
};
struct FunctionInfo {
  std::string ffqn;
  std::string kind;
  std::string component;
  std::vector<Param> params;
  std::string result;
};

struct Update {
  enum class Kind : std::uint8_t { event, response, finished } kind = Kind::event;
  Item item;           ///< of an event or response
  Execution finished;  ///< of the last update
  std::uint32_t next_position = 0;
};

struct PageQuery {
  std::string id;
  std::uint64_t from = 0;
  std::uint32_t limit = 0;
};

class ApiClient {
 public:
  virtual ~ApiClient() = default;
  virtual Result<SubmitAnswer> submit(const Submission& submission) = 0;
  virtual Result<Execution> get(const std::string& id) = 0;
  virtual Result<ExecutionPage> list(const ListQuery& query) = 0;
  virtual Result<ItemPage> events(const PageQuery& query) = 0;
  virtual Result<ItemPage> responses(const PageQuery& query) = 0;
  virtual Result<LogPage> logs(const PageQuery& query) = 0;
  virtual Result<void> cancel(const Control& control) = 0;
  virtual Result<void> pause(const Control& control) = 0;
  virtual Result<void> unpause(const Control& control) = 0;
  /// `value`: {"ok":…} or {"err":…}. Answers whether it had that value already.
  virtual Result<bool> stub(const Control& control, const std::string& value) = 0;
  virtual Result<UpgradeAnswer> upgrade(const Control& control, bool skip_check) = 0;
  virtual Result<ReplayAnswer> replay(const std::string& id) = 0;
  /// How many events were written.
  virtual Result<std::uint32_t> advance(const Advance& advance) = 0;
  virtual Result<std::uint32_t> persist_backtraces(const std::string& id) = 0;
  /// `version`: first, last or a number.
  virtual Result<Backtrace> backtrace(const std::string& id, const std::string& version) = 0;
  virtual Result<std::string> source(const std::string& id, const std::string& file) = 0;
  /// Calls `take` with each update until the execution is finished. Without a deadline; an error
  /// when the connection breaks.
  virtual Result<void> follow(const std::string& id, std::uint32_t position,
                              const std::function<void(const Update&)>& take) = 0;
  virtual Result<std::vector<FunctionInfo>> functions(const std::string& prefix) = 0;
  virtual Result<std::map<std::string, std::uint64_t>> counters() = 0;
};

}  // namespace stele::cli

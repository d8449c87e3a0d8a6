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
};
struct SubmitAnswer {
  std::string id;
  bool repeated = false;
};

struct Cancellation {
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
  virtual Result<void> cancel(const Cancellation& cancellation) = 0;
  virtual Result<ReplayAnswer> replay(const std::string& id) = 0;
  /// Calls `take` with each update until the execution is finished. Without a deadline; an error
  /// when the connection breaks.
  virtual Result<void> follow(const std::string& id, std::uint32_t position,
                              const std::function<void(const Update&)>& take) = 0;
  virtual Result<std::vector<FunctionInfo>> functions(const std::string& prefix) = 0;
  virtual Result<std::map<std::string, std::uint64_t>> counters() = 0;
};

}  // namespace stele::cli

// SPDX-License-Identifier: Apache-2.0
// Owns: what the API answers, free of any transport. Life cycle: plain values. Thread: any.
// Must hold: every value is JSON in the form that users see.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/render.h"
#include "base/time.h"

namespace stele::api {

enum class State : std::uint8_t { pending = 1, blocked, paused, cancelling, finished };

struct ResultView {
  OutcomeKind kind = OutcomeKind::ok;
  std::string json;  ///< of an ok or err value; empty in lists
  std::string failure_kind;
  std::string reason;
  std::string detail;
};

struct ExecutionDetail {
  std::string id;
  std::string ffqn;
  State state = State::pending;
  std::string state_json;
  Instant created;
  Instant scheduled;
  Instant finished;
  std::string deployment;
  std::uint32_t attempts = 0;
  std::string stuck;
  std::string requester;
  std::optional<ResultView> result;
  std::string params_json;
};

struct ExecutionPage {
  std::vector<ExecutionDetail> executions;
  std::string next_cursor;
};

struct EventPage {
  std::vector<EventView> events;
  bool more = false;
  std::uint32_t next_version = 0;
};

struct ResponsePage {
  std::vector<ResponseView> responses;
  bool more = false;
  std::uint32_t next_seq = 1;
};

struct FunctionView {
  std::string ffqn;
  std::string kind;
  std::string component;
  std::vector<std::pair<std::string, std::string>> params;  ///< name, WIT type
  std::string result;
  std::optional<std::uint32_t> max_retries;
  Duration lock_expiry;
  bool cancellable = false;
};

/// What has happened since a position of the history.
struct FollowStep {
  using Update = std::variant<EventView, ResponseView>;
  std::vector<std::pair<std::uint32_t, Update>> updates;  ///< position after it, update
  std::uint32_t next_position = 0;
  std::optional<ExecutionDetail> finished;  ///< set with the last updates
};

/// What the code would do next, after what is stored.
struct ReplayView {
  bool equal = false;
  std::string difference;
  std::uint32_t events = 0;
  std::string state;
  std::uint32_t version = 0;         ///< of the first captured event
  std::vector<EventView> captured;   ///< the first ones of them
  std::uint32_t captured_count = 0;  ///< of all
  std::optional<ResultView> outcome;
};

using Counters = std::map<std::string, std::uint64_t>;

}  // namespace stele::api

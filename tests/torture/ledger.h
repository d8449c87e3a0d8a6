// SPDX-License-Identifier: Apache-2.0
// Owns: what a client knows of its executions: what was acknowledged, and what it saw.
// Life cycle: an item from before its first submission to the end of the torture. Thread: one
//   worker. Must hold: an item is written before the request that it is about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stele::torture {

enum class Kind : std::uint8_t { attempt, chain, fan, tree, gate, later, cancellable };

struct Item {
  std::size_t place = 0;  ///< in its ledger
  std::string id{};
  std::string flow{};  ///< in its tokens
  Kind kind = Kind::attempt;
  std::string ffqn{};
  std::string params{};
  bool begins_paused = false;
  bool scheduled = false;  ///< by a workflow, not by this client
  bool acknowledged = false;
  bool cancel_tried = false;
  bool pause_unknown = false;  ///< pausing or unpausing it had no answer
  bool paused = false;
  bool finished = false;
  std::string result{};  ///< once finished
  std::vector<std::string> values_tried{};
  std::optional<std::string> value_given{};
  std::vector<std::string> responses{};
};

struct Figures {
  std::uint64_t submitted = 0;
  std::uint64_t acknowledged = 0;  ///< submissions, each once
  std::uint64_t repeated = 0;
  std::uint64_t unknown = 0;  ///< answers that did not come
  std::uint64_t gets = 0;
  std::uint64_t responses = 0;
  std::uint64_t values = 0;
  std::uint64_t pauses = 0;
  std::uint64_t cancels = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t upgrades = 0;
  std::uint64_t replays = 0;
  std::uint64_t children = 0;  ///< that were compared with what was recorded

  std::vector<std::pair<const char*, std::uint64_t>> named() const {
    return {{"submitted", submitted}, {"acknowledged", acknowledged},
            {"repeated", repeated},   {"unknown", unknown},
            {"gets", gets},           {"responses", responses},
            {"values", values},       {"pauses", pauses},
            {"cancels", cancels},     {"cancelled", cancelled},
            {"upgrades", upgrades},   {"replays", replays},
            {"children", children}};
  }
};

}  // namespace stele::torture

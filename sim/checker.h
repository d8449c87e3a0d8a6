// SPDX-License-Identifier: Apache-2.0
// Owns: what must hold of every batch that commits, and of every attempt that begins (design 8).
// Life cycle: as the world's; survives crashes, as the disk does. Thread: one.
// Must hold: it sees each batch that is written exactly once, before anybody is told.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "journal/rows.h"

namespace stele::sim {

class Checker {
 public:
  /// The batch is about to be written.
  void see(const WriteBatch& batch);
  /// An attempt of `function` begins at `now`.
  void see_attempt(std::string_view function, std::string_view params, Instant now);
  void violation(std::string text);
  /// Numbers of functions, once they are known.
  void name_functions(const std::vector<FunctionRow>& functions);

  const std::vector<std::string>& violations() const { return violations_; }
  /// Over all batches: the same seed must give the same.
  std::uint64_t digest() const { return digest_; }
  std::uint64_t batches() const { return batches_; }

 private:
  struct Known {
    ExecutionKey parent{};
    std::string call{};
    std::uint32_t open_children = 0;
    bool finished = false;
    Instant not_before{};
  };
  using DelayKey = std::tuple<ExecutionKey, JoinSetOrdinal, std::uint32_t>;

  void see_row(const RowWrite& write);
  void see_end(const ExecutionRow& row);
  void see_entry(const EntryWrite& write);
  void mix(std::uint64_t value);

  std::map<ExecutionKey, Known> known_;
  std::map<std::string, ExecutionKey> calls_;  ///< FFQN and params of committed activities
  std::map<Ulid, ExecutionKey> roots_;
  std::map<FunctionId, std::string> names_;
  std::map<DelayKey, Instant> delays_;
  std::set<std::pair<ExecutionKey, ExecutionKey>> answered_;
  std::map<ExecutionKey, std::uint32_t> positions_;
  std::vector<std::string> violations_;
  std::uint64_t digest_ = 14695981039346656037ULL;
  std::uint64_t batches_ = 0;
};

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// Owns: what must hold of every batch that commits, and of every attempt that begins (design 8),
//   with a model of all that was ever written.
// Life cycle: as the world's; survives crashes, as the disk does. Thread: one.
// Must hold: it sees each batch that is written exactly once, before anybody is told.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "journal/rows.h"
#include "store/store.h"

namespace stele::sim {

/// An execution as its stored batches say.
struct Known {
  ExecutionRow row{};
  std::vector<Entry> history{};
  HistoryHead head{};
  std::optional<Outcome> outcome{};
  std::string call{};       ///< FFQN and params, of an activity
  std::uint32_t begun = 0;  ///< attempts
  bool paused = false;
  bool advanced = false;  ///< by hand: requests may come while it is paused
  char letter = 0;        ///< of a nondeterministic guest: which of its two codes is stored
};

class Checker {
 public:
  using DelayKey = std::tuple<ExecutionKey, JoinSetOrdinal, std::uint32_t>;

  /// The batch is about to be written; `settle` says whether it was.
  void expect(const WriteBatch& batch);
  void settle(bool written);
  /// After a crash in the middle of a commit: the store knows whether it was written.
  void settle_by(Store& store);
  struct Beginning {
    bool by_owner = true;  ///< in the process that owns the partition
    bool careful = false;  ///< soon after a life that did not end cleanly
  };
  /// An attempt of `function` begins.
  void see_attempt(std::string_view function, std::string_view params, Beginning how);
  /// A process has taken the partition: reports of former ones do not count any more.
  void begin_life() { reports_.clear(); }
  /// An attempt has ended by itself or by its deadline, in the life of now.
  void see_report(ExecutionKey key) { ++reports_[key]; }
  /// There is nothing left to do at the last stored time.
  void check_timers();
  /// The client is about to advance it.
  void see_advance(const ExecutionId& id);
  void violation(std::string text);
  /// Numbers of functions, once they are known.
  void name_functions(const std::vector<FunctionRow>& functions);
  std::string name_of(FunctionId id) const;

  // What is read of a store while it is used: what had committed, and nothing else.
  void see_rows(const std::vector<ExecutionRow>& rows);
  void see_page(ExecutionKey key, std::uint32_t position, const HistoryPage& page);
  void see_head(ExecutionKey key, const HistoryHead& head);

  /// What is stored is the model, and nothing else.
  void compare(Store& store);
  /// All are finished, nothing is left over.
  void check_end();

  const std::map<ExecutionKey, Known>& known() const { return known_; }
  const std::map<DelayKey, DelayRow>& delays() const { return delays_; }
  const Known* find_root(const Ulid& id) const;
  bool clean() const { return clean_; }
  Instant clock() const { return clock_; }
  const std::vector<std::string>& violations() const { return violations_; }
  /// Over all batches: the same seed must give the same.
  std::uint64_t digest() const { return digest_; }
  std::uint64_t batches() const { return batches_; }
  std::uint64_t entries() const { return entries_; }
  std::uint64_t attempts() const { return attempts_; }

  /// Told what happens, if set.
  std::function<void(std::string)> trace;

 private:
  void see(const WriteBatch& batch);
  void see_row(const RowWrite& write, Instant clock);
  void see_new(const ExecutionRow& row);
  void see_attempts(const ExecutionRow& before, const ExecutionRow& row);
  void see_end(Known& known);
  void see_entry(const EntryWrite& write);
  void see_child(Known& owner, const ChildResponse& response);
  void see_delay(const Known& owner, const Entry& entry, const DelayResponse& response);
  void see_code(Known& owner, const Entry& entry);
  void see_delays(const WriteBatch& batch);
  void see_outcome(const Known& known, const Outcome& outcome);
  void compare_one(Store& store, const Known& known);
  void mix(std::uint64_t value);
  void mix(BytesView bytes);
  std::string text_of(const Known& known) const;

  std::map<ExecutionKey, Known> known_;
  std::map<std::string, ExecutionKey> calls_;  ///< FFQN and params of committed activities
  std::map<Ulid, ExecutionKey> roots_;
  std::map<FunctionId, std::string> names_;
  std::map<DelayKey, Instant> expiries_;  ///< of delays that are not answered
  std::map<DelayKey, DelayRow> delays_;   ///< as stored
  std::map<ExecutionKey, std::uint32_t> open_children_;
  std::set<ExecutionKey> answered_;
  std::map<ExecutionKey, std::uint32_t> reports_;  ///< that no batch tells of yet
  std::optional<WriteBatch> expected_;
  std::vector<std::string> violations_;
  Instant clock_;
  std::uint64_t digest_ = 14695981039346656037ULL;
  std::uint64_t batches_ = 0;
  std::uint64_t entries_ = 0;
  std::uint64_t attempts_ = 0;
  bool clean_ = true;
};

}  // namespace stele::sim

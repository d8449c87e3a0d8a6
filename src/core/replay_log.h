// SPDX-License-Identifier: Apache-2.0
// Owns: a history as a run needs it: requests in order, responses by join set.
// Life cycle: filled page by page before its run is made, then eaten by it. Thread: one owner.
// Must hold: what takes the most room of a large history (children, their joins and responses) is
//   kept in about 64 bytes each, values aside; what is replayed takes none.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "core/run_arrivals.h"
#include "journal/entry.h"

namespace stele::core {

/// A ChildRequest that was accepted.
struct StoredChild {
  JoinSetOrdinal join_set{};
  std::uint32_t index = 0;
  ExecutionKey key{};
  FunctionId function{};
  Hash128 params_hash{};
};

class ReplayLog {
 public:
  ReplayLog() = default;
  ReplayLog(std::vector<Entry> history) { add(std::move(history)); }

  /// The next entries, in order.
  void add(std::vector<Entry> page);
  /// A response of a one-off set, or of a set whose creation is not replayed yet.
  void keep(RoutedArrival routed);
  /// The run has made a one-off set: the newest one.
  void made_one_off(JoinSetOrdinal set) {
    one_off_set_ = std::max(one_off_set_, std::optional(set));
  }
  bool has_one_off() const { return !one_offs_.empty(); }
  /// Responses of one-off sets come in order of creation. Precondition: there is one.
  Arrived take_one_off();

  bool empty() const { return requests_.empty(); }
  std::size_t requests() const { return requests_.size(); }
  std::uint32_t responses() const { return responses_; }
  /// Of the entry after the last one.
  std::uint32_t next_position() const { return next_position_; }
  std::uint32_t next_version() const { return next_version_; }
  /// How the workflow's code has ended, if it has.
  const std::optional<Outcome>& ended() const { return ended_; }
  /// The next stored request. Precondition: not empty.
  Entry front() const;
  void pop() { requests_.pop_front(); }
  /// The responses of a set whose creation is replayed now.
  ArrivalQueue take_arrivals(JoinSetOrdinal set);
  std::size_t resident_bytes() const { return requests_.size() * sizeof(Stored); }

 private:
  struct Stored {
    std::uint32_t version = 0;
    std::variant<StoredChild, DirectCall, JoinNext, std::unique_ptr<EntryBody>> body;
  };
  void add_request(Entry&& entry);

  std::deque<Stored> requests_;
  std::map<JoinSetOrdinal, ArrivalQueue> arrivals_;
  std::optional<JoinSetOrdinal> one_off_set_;  ///< the newest one, replayed or not
  std::deque<Arrived> one_offs_;
  std::uint32_t responses_ = 0;
  std::uint32_t next_position_ = 0;
  std::uint32_t next_version_ = 1;
  std::optional<Outcome> ended_;
};

}  // namespace stele::core

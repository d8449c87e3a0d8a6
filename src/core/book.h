// SPDX-License-Identifier: Apache-2.0
// Owns: what a partition must know of a workflow's open join sets: members, arrivals, awaits.
// Life cycle: folded from the history when a workflow with a history comes into motion, then kept
//   by the partition entry by entry; dropped with the row. Thread: one owner.
// Must hold: equal to the fold of all entries up to `head`; a set whose members have all answered
// and
//   been awaited takes no memory: empty, used-up and closed sets are not in here (a used-up one
//   comes back with its next member, without its former ones).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "journal/entry.h"

namespace stele::core {

struct Member {
  ExecutionKey child{};     ///< 0 for a delay
  std::uint32_t index = 0;  ///< of a child, for its ChildResponse
  std::uint32_t delay = 0;  ///< index of a delay
  FunctionId function{};    ///< of a child
  bool answered = false;
};

/// A join set with members that have not answered or have not been awaited.
struct OpenSet {
  std::vector<Member> members{};              ///< in order of submission
  std::vector<std::uint32_t> child_places{};  ///< where in `members` the children are
  std::vector<std::uint32_t> delay_places{};  ///< and the delays
  std::uint32_t children = 0;                 ///< so many members are children
  std::uint32_t answered = 0;
  std::uint32_t awaited = 0;  ///< join-nexts recorded, closing ones included
  bool closing = false;
};

class Book {
 public:
  /// Takes the next entry of the history in order.
  void apply(const Entry& entry);
  const HistoryHead& head() const { return head_; }
  const std::map<JoinSetOrdinal, OpenSet>& open_sets() const { return sets_; }
  const OpenSet* find(JoinSetOrdinal set) const;
  /// The unanswered or unawaited child of that key, or null.
  const Member* find_child(JoinSetOrdinal set, ExecutionKey child) const;
  /// True if a run blocked on `set` can go on: an awaited response has arrived (while closing:
  /// all). A set that is not in here holds nobody up.
  bool satisfied(JoinSetOrdinal set) const;
  /// True if a run has handed over something, or an upgrade was noted: more than control events.
  bool begun() const { return begun_; }
  /// The unanswered child of that index in an open set, or null.
  const Member* find_open_child(JoinSetOrdinal set, std::uint32_t index) const;
  /// The stored end of the workflow's code, if it has ended.
  const std::optional<Outcome>& ending() const { return ending_; }

 private:
  HistoryHead head_;
  std::map<JoinSetOrdinal, OpenSet> sets_;
  std::optional<Outcome> ending_;
  bool begun_ = false;
};

}  // namespace stele::core

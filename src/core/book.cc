// SPDX-License-Identifier: Apache-2.0
#include "core/book.h"

#include <algorithm>

namespace stele::core {
namespace {

void add_child(OpenSet& set, ExecutionKey child, std::uint32_t index, FunctionId function) {
  set.child_places.push_back(static_cast<std::uint32_t>(set.members.size()));
  set.members.push_back({.child = child, .index = index, .function = function});
  ++set.children;
}

void add_delay(OpenSet& set, std::uint32_t index) {
  set.delay_places.push_back(static_cast<std::uint32_t>(set.members.size()));
  set.members.push_back({.delay = index});
}

/// Children of one set have rising keys, in order of submission.
std::size_t place_of_child(const OpenSet& set, ExecutionKey child) {
  const auto place = std::ranges::lower_bound(
      set.child_places, child, {}, [&](std::uint32_t at) { return set.members[at].child; });
  if (place == set.child_places.end()) return set.members.size();
  return set.members[*place].child == child ? *place : set.members.size();
}

Member* find_child(OpenSet& set, ExecutionKey child) {
  const std::size_t place = place_of_child(set, child);
  return place == set.members.size() ? nullptr : &set.members[place];
}

Member* find_delay(OpenSet& set, std::uint32_t index) {
  const auto place = std::ranges::lower_bound(
      set.delay_places, index, {}, [&](std::uint32_t at) { return set.members[at].delay; });
  if (place == set.delay_places.end()) return nullptr;
  Member& member = set.members[*place];
  return member.delay == index ? &member : nullptr;
}

void answer(OpenSet& set, Member* member) {
  if (member == nullptr || member->answered) return;
  member->answered = true;
  ++set.answered;
}

using Sets = std::map<JoinSetOrdinal, OpenSet>;

/// Changes the sets by one entry; answers which set may have been used up by it.
struct Apply {
  Sets& sets;
  std::optional<Outcome>& ending;
  std::optional<JoinSetOrdinal> touched;

  void operator()(const ChildRequest& request) const {
    if (request.refused) return;
    add_child(sets[request.join_set], request.child, request.index, request.function);
  }
  void operator()(const DelayRequest& request) const {
    add_delay(sets[request.join_set], request.index);
  }
  void operator()(const DirectCall& call) const {
    OpenSet& set = sets[call.join_set];
    add_child(set, call.child, 1, call.function);
    ++set.awaited;
  }
  void operator()(const Sleep& sleep) const {
    OpenSet& set = sets[sleep.join_set];
    add_delay(set, 1);
    ++set.awaited;
  }
  void operator()(const JoinNext& next) {
    const auto set = sets.find(next.join_set);
    if (set == sets.end()) return;
    set->second.awaited += next.count;
    set->second.closing = set->second.closing || next.closing;
    touched = next.join_set;
  }
  void operator()(const JoinNextTry& next) {
    const auto set = sets.find(next.join_set);
    if (next.result != JoinNextTry::Result::found || set == sets.end()) return;
    ++set->second.awaited;
    touched = next.join_set;
  }
  void operator()(const ChildResponse& response) {
    const auto set = sets.find(response.join_set);
    if (set == sets.end()) return;
    answer(set->second, find_child(set->second, response.child));
    touched = response.join_set;
  }
  void operator()(const DelayResponse& response) {
    const auto set = sets.find(response.join_set);
    if (set == sets.end()) return;
    answer(set->second, find_delay(set->second, response.index));
    touched = response.join_set;
  }
  void operator()(const Ending& end) const { ending = end.outcome; }
  void operator()(const Persist& /*entry*/) const {}
  void operator()(const JoinSetCreate& /*entry*/) const {}
  void operator()(const JoinNextTooMany& /*entry*/) const {}
  void operator()(const AttemptFailed& /*entry*/) const {}
  void operator()(const Control& /*entry*/) const {}
  void operator()(const Schedule& /*entry*/) const {}
  void operator()(const Stub& /*entry*/) const {}
  void operator()(const ComponentUpgrade& /*entry*/) const {}
};

}  // namespace

void Book::apply(const Entry& entry) {
  Apply change{sets_, ending_, {}};
  begun_ = begun_ || !std::holds_alternative<Control>(entry.body);
  std::visit(change, entry.body);
  head_ = after(entry, head_);
  if (!change.touched) return;
  const auto found = sets_.find(*change.touched);
  const OpenSet& set = found->second;
  if (set.answered == set.members.size() && set.awaited >= set.answered) sets_.erase(found);
}

const OpenSet* Book::find(JoinSetOrdinal set) const {
  const auto found = sets_.find(set);
  return found == sets_.end() ? nullptr : &found->second;
}

const Member* Book::find_child(JoinSetOrdinal set, ExecutionKey child) const {
  const OpenSet* found = find(set);
  if (found == nullptr) return nullptr;
  const std::size_t place = place_of_child(*found, child);
  return place == found->members.size() ? nullptr : &found->members[place];
}

const Member* Book::find_open_child(JoinSetOrdinal set, std::uint32_t index) const {
  const OpenSet* found = find(set);
  if (found == nullptr) return nullptr;
  const auto place = std::ranges::lower_bound(
      found->child_places, index, {}, [&](std::uint32_t at) { return found->members[at].index; });
  if (place == found->child_places.end()) return nullptr;
  const Member& member = found->members[*place];
  return member.index == index && !member.answered ? &member : nullptr;
}

bool Book::satisfied(JoinSetOrdinal set) const {
  const OpenSet* found = find(set);
  if (found == nullptr) return true;
  return found->closing ? found->answered == found->members.size()
                        : found->answered >= found->awaited;
}

}  // namespace stele::core

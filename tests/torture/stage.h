// SPDX-License-Identifier: Apache-2.0
// Owns: what the workers share: where the server is, what they are to do, and their complaints.
// Life cycle: one for the torture. Thread: any. Must hold: a wait ends when the server or the phase
//   changes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/sync.h"

namespace stele::torture {

enum class Phase : std::uint8_t { load, settle, verify, stop };

/// An execution that was made by another one.
struct Child {
  std::string id;
  std::string ffqn;
  bool finished = false;
};

struct Turn {
  std::string address;  ///< empty: the server is down
  std::uint64_t generation = 0;
  Phase phase = Phase::load;
};

class Stage {
 public:
  void server_is(std::string address) {
    const Lock lock(mutex_);
    turn_.address = std::move(address);
    ++turn_.generation;
    changed_.notify_all();
  }
  void enter(Phase phase) {
    const Lock lock(mutex_);
    turn_.phase = phase;
    done_ = 0;
    changed_.notify_all();
  }
  /// Waits for a server.
  Turn turn() {
    Lock lock(mutex_);
    while (turn_.address.empty() && turn_.phase != Phase::stop) changed_.wait(lock);
    return turn_;
  }
  bool is_current(const Turn& turn) {
    const Lock lock(mutex_);
    return turn.generation == turn_.generation && turn.phase == turn_.phase;
  }
  /// Waits for another server, phase or the end of `limit`; true if something is new.
  bool wait_for_change(const Turn& turn, Duration limit) {
    Lock lock(mutex_);
    const auto same = [&] {
      return turn.generation == turn_.generation && turn.phase == turn_.phase;
    };
    if (same()) changed_.wait_for(lock, limit);
    return !same();
  }
  void done() {
    const Lock lock(mutex_);
    ++done_;
    changed_.notify_all();
  }
  /// False if not all were done within `limit`.
  bool wait_done(std::size_t count, Duration limit) {
    Lock lock(mutex_);
    while (done_ < count) {
      if (!changed_.wait_for(lock, limit)) return false;
    }
    return true;
  }
  /// Listed before phase verify begins.
  void add_child(Child child) {
    children_[child.id.substr(0, child.id.find('.'))].push_back(std::move(child));
  }
  const std::vector<Child>& children_of(const std::string& root) const {
    static const std::vector<Child> none;
    const auto found = children_.find(root);
    return found == children_.end() ? none : found->second;
  }
  void complain(std::string text) {
    const Lock lock(mutex_);
    complaints_.push_back(std::move(text));
  }
  std::vector<std::string> complaints() {
    const Lock lock(mutex_);
    return complaints_;
  }

 private:
  Mutex mutex_;
  Signal changed_;
  Turn turn_;
  std::size_t done_ = 0;
  std::vector<std::string> complaints_;
  std::map<std::string, std::vector<Child>> children_;
};

}  // namespace stele::torture

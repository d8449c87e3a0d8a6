// SPDX-License-Identifier: Apache-2.0
// Owns: the order in which queued tasks get their turns: roots one after another, the tasks of a
// root
//   first in, first out.
// Life cycle: as the pool's. Thread: under the pool's lock. Must hold: a task is in one queue at
// most;
//   the queue does not own its tasks.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "runtime/task.h"

namespace stele::runtime {

class TurnQueue {
 public:
  void push(Task& task);
  Task* pop();
  /// Linear in the tasks of its root. False if it is not in here.
  bool remove(Task& task);
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  struct Lane {
    Task* head = nullptr;
    Task* tail = nullptr;
  };
  std::unordered_map<std::int64_t, Lane> lanes_;
  std::deque<std::int64_t> roots_;  ///< each root with a lane once
  std::size_t size_ = 0;
};

}  // namespace stele::runtime

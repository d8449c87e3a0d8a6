// SPDX-License-Identifier: Apache-2.0
// Owns: the workflow runs that are parked with their guest in memory, and which of them makes room.
// Life cycle: as the pool's. Thread: under the pool's lock. Must hold: a run that was just rebuilt
//   is not evicted before it has paid for that with calls of its own, or has stood still for a
//   while; it does not own its tasks.
#pragma once

#include "runtime/task.h"

namespace stele::runtime {

class ParkedRuns {
 public:
  /// It has paid once it has made so many calls since it was built.
  void park(Task& task, Instant monotonic, std::uint64_t calls_min);
  /// Nothing if it is not in here.
  void unpark(Task& task);
  /// Of those that are parked longest, the one that is cheapest to replay; null if none may go. One
  /// that has not paid may if it was parked before `idle_since`.
  Task* victim(Instant idle_since) const;
  /// Since when the first is parked that has not paid; instant_max if there is none.
  Instant oldest() const {
    return unpaid_.oldest != nullptr ? unpaid_.oldest->parked_at_ : instant_max;
  }

 private:
  struct Line {
    Task* oldest = nullptr;
    Task* newest = nullptr;
  };
  Line& line_of(const Task& task) { return task.has_paid_ ? paid_ : unpaid_; }
  static Task* cheapest_idle(const Line& line, Instant idle_since);

  Line paid_;
  Line unpaid_;
};

}  // namespace stele::runtime

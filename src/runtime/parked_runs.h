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
  explicit ParkedRuns(const RuntimeOptions& options) : options_(options) {}

  /// It has paid once it has made so many calls since it was built.
  void park(Task& task, Instant monotonic, std::uint64_t calls_min);
  /// Nothing if it is not in here.
  void unpark(Task& task);
  /// Of those that are parked longest, the one that is cheapest to replay; null if none may go now.
  Task* victim(Instant monotonic) const;
  /// When the next one may go, if nothing else changes; instant_max if none is parked.
  Instant next() const;

 private:
  struct Line {
    Task* oldest = nullptr;
    Task* newest = nullptr;
  };
  Line& line_of(const Task& task) { return task.has_paid_ ? paid_ : unpaid_; }
  bool idle(const Task& task, Instant monotonic) const {
    return monotonic >= task.parked_at_ + options_.hot_idle_min;
  }
  Task* cheapest_idle(const Line& line, Instant monotonic) const;

  const RuntimeOptions& options_;
  Line paid_;
  Line unpaid_;
};

}  // namespace stele::runtime

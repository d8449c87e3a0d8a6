// SPDX-License-Identifier: Apache-2.0
#include "runtime/parked_runs.h"

#include <algorithm>

namespace stele::runtime {
namespace {

constexpr int victims_looked_at = 8;

}  // namespace

void ParkedRuns::park(Task& task, Instant monotonic, std::uint64_t calls_min) {
  task.in_parked_ = true;
  task.parked_at_ = monotonic;
  task.has_paid_ = task.calls_made() >= calls_min;
  Line& line = line_of(task);
  task.older_ = line.newest;
  task.newer_ = nullptr;
  (line.newest != nullptr ? line.newest->newer_ : line.oldest) = &task;
  line.newest = &task;
}

void ParkedRuns::unpark(Task& task) {
  if (!std::exchange(task.in_parked_, false)) return;
  Line& line = line_of(task);
  (task.older_ != nullptr ? task.older_->newer_ : line.oldest) = task.newer_;
  (task.newer_ != nullptr ? task.newer_->older_ : line.newest) = task.older_;
}

Task* ParkedRuns::cheapest_idle(const Line& line, Instant idle_since) {
  Task* best = nullptr;
  Task* at = line.oldest;
  for (int i = 0; i < victims_looked_at && at != nullptr && at->parked_at_ <= idle_since; ++i) {
    if (best == nullptr || at->rebuild_cost() < best->rebuild_cost()) best = at;
    at = at->newer_;
  }
  return best;
}

Task* ParkedRuns::victim(Instant idle_since) const {
  Task* unpaid = cheapest_idle(unpaid_, idle_since);
  Task* paid = cheapest_idle(paid_, idle_since);
  if (paid == nullptr) paid = unpaid == nullptr ? paid_.oldest : nullptr;
  if (unpaid == nullptr || paid == nullptr) return paid != nullptr ? paid : unpaid;
  return paid->rebuild_cost() <= unpaid->rebuild_cost() ? paid : unpaid;
}

}  // namespace stele::runtime

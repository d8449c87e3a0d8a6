// SPDX-License-Identifier: Apache-2.0
#include "runtime/timers.h"

#include <algorithm>

namespace stele::runtime {
namespace {

bool later(const core::TimerDue& a, const core::TimerDue& b) { return a.at > b.at; }

}  // namespace

void Timers::set(core::TimerDue due) {
  heap_.push_back(due);
  std::push_heap(heap_.begin(), heap_.end(), later);
}

std::optional<core::TimerDue> Timers::take(Instant now) {
  if (heap_.empty() || heap_.front().at > now) return std::nullopt;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const core::TimerDue due = heap_.back();
  heap_.pop_back();
  return due;
}

}  // namespace stele::runtime

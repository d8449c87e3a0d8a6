// SPDX-License-Identifier: Apache-2.0
// Owns: the timers of the window, in memory, by time. Life cycle: with the partition's; cleared
// when
//   it is reloaded. Thread: the partition's holder.
// Must hold: none is handed out before its time; the same timer twice is harmless.
#pragma once

#include <optional>
#include <vector>

#include "core/input.h"

namespace stele::runtime {

class Timers {
 public:
  void set(core::TimerDue due);
  /// The earliest one that is due by `now`.
  std::optional<core::TimerDue> take(Instant now);
  Instant next() const { return heap_.empty() ? instant_max : heap_.front().at; }
  std::size_t size() const { return heap_.size(); }
  void clear() { heap_.clear(); }

 private:
  std::vector<core::TimerDue> heap_;
};

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Owns: the responses of one join set that have arrived and were not consumed.
// Life cycle: as its join set in a run. Thread: one owner.
// Must hold: first in, first out; a consumed response takes no memory (up to a constant factor).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "journal/entry.h"

namespace stele::core {

/// A response as the run needs it.
struct Arrived {
  Bytes value{};               ///< of an ok or err child
  std::uint32_t index = 0;     ///< of the child or delay in its set
  std::uint32_t position = 0;  ///< in the history
  OutcomeKind kind = OutcomeKind::ok;
  FailureKind failure = FailureKind::uncategorized;
  bool delay = false;
  bool cancelled = false;  ///< a delay
};

/// Null if the entry is no response.
struct RoutedArrival {
  JoinSetOrdinal set{};
  Arrived arrived{};
};
std::optional<RoutedArrival> route(Entry&& entry);

class ArrivalQueue {
 public:
  void push(Arrived arrived);
  /// Precondition: not empty.
  Arrived pop();
  const Arrived& front() const { return items_[first_]; }
  bool empty() const { return first_ == items_.size(); }
  /// All that ever arrived.
  std::uint32_t total() const { return total_; }
  std::size_t resident_bytes() const { return items_.capacity() * sizeof(Arrived); }

 private:
  std::vector<Arrived> items_;
  std::size_t first_ = 0;
  std::uint32_t total_ = 0;
};

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
#include "core/run_arrivals.h"

#include "base/check.h"

namespace stele::core {

std::optional<RoutedArrival> route(Entry&& entry) {
  if (auto* child = std::get_if<ChildResponse>(&entry.body)) {
    return RoutedArrival{child->join_set,
                         {.value = std::move(child->outcome.value),
                          .index = child->index,
                          .position = entry.position,
                          .kind = child->outcome.kind,
                          .failure = child->outcome.failure}};
  }
  if (const auto* delay = std::get_if<DelayResponse>(&entry.body)) {
    return RoutedArrival{delay->join_set,
                         {.index = delay->index,
                          .position = entry.position,
                          .delay = true,
                          .cancelled = delay->cancelled}};
  }
  return std::nullopt;
}

void ArrivalQueue::push(Arrived arrived) {
  items_.push_back(std::move(arrived));
  ++total_;
}

Arrived ArrivalQueue::pop() {
  CHECK(!empty());
  constexpr std::size_t kept_max = 64;
  Arrived arrived = std::move(items_[first_]);
  ++first_;
  if (first_ == items_.size()) {
    first_ = 0;
    items_.clear();
    if (items_.capacity() > kept_max) std::vector<Arrived>().swap(items_);
  } else if (first_ > kept_max && first_ * 2 > items_.size()) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  return arrived;
}

}  // namespace stele::core

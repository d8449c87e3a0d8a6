// SPDX-License-Identifier: Apache-2.0
#include "core/run_processed.h"

#include <utility>

namespace stele::core {

void ProcessedChildren::add(std::string level, const Arrived& arrived, FunctionId function,
                            bool limited) {
  const bool cold = limited && value_bytes_ + arrived.value.size() > values_max;
  if (!cold) value_bytes_ += arrived.value.size();
  children_.emplace(std::move(level), ProcessedChild{.value = cold ? Bytes() : arrived.value,
                                                     .function = function,
                                                     .position = arrived.position,
                                                     .kind = arrived.kind,
                                                     .failure = arrived.failure,
                                                     .cold = cold});
}

const ProcessedChild* ProcessedChildren::find(std::string_view level) const {
  const auto found = children_.find(level);
  return found == children_.end() ? nullptr : &found->second;
}

std::size_t ProcessedChildren::resident_bytes() const {
  constexpr std::size_t child_bytes = 160;
  return children_.size() * child_bytes + value_bytes_;
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Owns: the responses of children that a run's code has seen, for -get and its like.
// Life cycle: as its run. Thread: as its run.
// Must hold: kept values take `values_max` bytes at most; a value beyond them is cold: only its
//   position in the history is known.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/run_arrivals.h"

namespace stele::core {

struct ProcessedChild {
  Bytes value{};
  FunctionId function{};
  std::uint32_t position = 0;
  OutcomeKind kind = OutcomeKind::ok;
  FailureKind failure = FailureKind::uncategorized;
  bool cold = false;
};

class ProcessedChildren {
 public:
  static constexpr std::size_t values_max = 4U << 20U;

  /// `level`: last part of the child's id, `<join set id>_<index>`. `limited`: values may be cold.
  void add(std::string level, const Arrived& arrived, FunctionId function, bool limited);
  /// Null if its response was not processed.
  const ProcessedChild* find(std::string_view level) const;
  std::size_t resident_bytes() const;

 private:
  std::map<std::string, ProcessedChild, std::less<>> children_;
  std::size_t value_bytes_ = 0;
};

}  // namespace stele::core

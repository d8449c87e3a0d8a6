// SPDX-License-Identifier: Apache-2.0
// Owns: how committed rows become what followers and readers see. Life cycle: as the engine's.
// Thread: any. Must hold: only committed rows come in.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "base/sync.h"
#include "runtime/engine.h"

namespace stele::runtime {

class Views {
 public:
  explicit Views(Store& store) : store_(store) {}

  /// Reads the dictionary of functions again.
  Result<void> refresh();
  std::string function_name(FunctionId id) const;
  /// With the outcome, from the parent's history if the row does not hold it.
  Result<ExecutionView> view(ExecutionRow row) const;
  Result<ExecutionView> view(ExecutionKey key) const;

  /// Why the runs of an execution end without progress.
  void set_stuck(ExecutionKey key, std::string reason);
  void clear_stuck(ExecutionKey key);

 private:
  Store& store_;
  mutable Mutex mutex_;
  std::map<FunctionId, std::string> names_ STELE_GUARDED_BY(mutex_);
  std::unordered_map<std::int64_t, std::string> stuck_ STELE_GUARDED_BY(mutex_);
};

}  // namespace stele::runtime

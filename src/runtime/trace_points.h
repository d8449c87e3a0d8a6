// SPDX-License-Identifier: Apache-2.0
// Owns: what messages are called in a profile, and by which subject their two ends meet.
// Life cycle: functions. Thread: any. Must hold: without a sink a step costs one branch.
#pragma once

#include "base/trace.h"
#include "runtime/messages.h"

namespace stele::runtime {

/// It was left for the partition.
void trace_posted(const Message& message);
/// The partition takes it, up to the end of the scope.
class TracedStep {
 public:
  explicit TracedStep(const core::Input& input);

 private:
  TraceSpan span_;
};

}  // namespace stele::runtime

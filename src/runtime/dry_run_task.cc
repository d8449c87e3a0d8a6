// SPDX-License-Identifier: Apache-2.0
#include "runtime/dry_run_task.h"

#include <new>
#include <utility>

namespace stele::runtime {

DryRunTask::DryRunTask(TaskName task_name, TrialSetup setup, const Surroundings& around,
                       Done<TrialResult> done)
    : Task(TaskKind::dry_run, task_name),
      trial_(std::move(setup), around),
      done_(std::move(done)) {}

TurnEnd DryRunTask::turn(Instant now) {
  std::optional<Result<TrialResult>> result;
  try {
    result = trial_.step(now);
  } catch (const std::bad_alloc&) {
    result = fail(Code::unavailable, "out of memory during the replay");
  }
  if (!result) return TurnEnd::yielded;
  if (done_) std::exchange(done_, nullptr)(std::move(*result));
  return TurnEnd::gone;
}

std::optional<core::Input> DryRunTask::stopped(StopCause /*cause*/, const std::string& reason) {
  if (done_)
    std::exchange(done_, nullptr)(
        fail(Code::unavailable, reason.empty() ? "the replay was stopped" : reason));
  return std::nullopt;
}

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Owns: a trial run that somebody asked for, as a task of the pool.
// Life cycle: until its result is told. Thread: turn() by one thread at a time.
// Must hold: who asked is told once.
#pragma once

#include "runtime/engine.h"
#include "runtime/task.h"
#include "runtime/trial_run.h"

namespace stele::runtime {

class DryRunTask final : public Task {
 public:
  DryRunTask(TaskName task_name, TrialSetup setup, const Surroundings& around,
             Done<TrialResult> done);

  TurnEnd turn(Instant now) override;
  std::optional<core::Input> stopped(StopCause cause, const std::string& reason) override;
  std::uint64_t resident_bytes() const override { return trial_.resident_bytes(); }

 private:
  TrialRun trial_;
  Done<TrialResult> done_;
};

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Owns: one run of a workflow: its guest, its WorkflowRun, its inbox; a dry one for `replay`.
// Life cycle: a run with a history reads it first, between two messages to the partition.
// Thread: turn() by one thread at a time; deliver() by the partition's holder.
// Must hold: nothing of the run leaves but by what it hands over; while a hand-over of a run that
// goes
//   on is not yet taken, its guest stands still, so the inbox of the partition stays short.
#pragma once

#include <functional>

#include "runtime/engine.h"
#include "runtime/partition_clock.h"
#include "runtime/task.h"
#include "store/store.h"

namespace stele::runtime {

/// What tasks need of their surroundings.
struct Surroundings {
  Store& store;
  PartitionClock& clock;
  Reports& reports;
  wasm::Wakes& wakes;
  const RuntimeOptions& options;
};

struct RunSeed {
  ExecutionRow row;
  DeployedPtr deployed;
  bool has_history = false;
};

class RunTask : public Task, private wasm::HostCalls {
 public:
  RunTask(TaskName task_name, RunSeed seed, const Surroundings& around);

  TurnEnd turn(Instant now) override;
  void deliver(Entry response) override;
  std::optional<core::Input> stopped(StopCause cause, const std::string& reason) override;
  std::uint64_t resident_bytes() const override;
  std::uint64_t rebuild_cost() const override { return calls_; }

 protected:
  RunTask(TaskKind task_kind, TaskName task_name, RunSeed seed, const Surroundings& around);

  enum class Phase : std::uint8_t { asking, reading, folding, building, live };
  /// Hands over what the run has; the kind of a dry run keeps it.
  virtual void hand_over();
  virtual TurnEnd stop(std::string reason);
  /// Fills history_; shows each entry to `see`.
  Result<void> read_history(const std::function<void(const Entry&)>& see);
  /// Makes the run and its guest. An outcome says that it cannot be.
  std::optional<TurnEnd> build(core::RunOptions options);
  TurnEnd poll();

  RunSeed seed_;
  Surroundings around_;
  Phase phase_ = Phase::building;
  core::ReplayLog history_;
  std::unique_ptr<core::WorkflowRun> run_;
  bool parked_ = false;

 private:
  wasm::HostAnswer call(const wasm::HostCall& call) noexcept override;
  void log(std::uint8_t level, std::string_view message) noexcept override;
  void stream(std::uint8_t /*which*/, BytesView /*bytes*/) noexcept override {}

  TurnEnd prepare();
  std::optional<TurnEnd> go_on(Instant now);
  void take_inbox();
  TurnEnd ended(Outcome outcome);
  TurnEnd failed(wasm::Failure failure);

  const core::CatalogFunction* function_ = nullptr;
  std::optional<wasm::HostAnswer> held_answer_;  ///< given when a hand-over was taken
  std::uint64_t calls_ = 0;
  Instant turn_now_;
  Mutex inbox_mutex_;
  std::vector<Entry> inbox_;
};

/// `execution replay`: writes nothing, reports to who asked.
class DryRunTask final : public RunTask {
 public:
  DryRunTask(TaskName task_name, RunSeed seed, const Surroundings& around, Done<ReplayReport> done);

  TurnEnd turn(Instant now) override;
  std::optional<core::Input> stopped(StopCause cause, const std::string& reason) override;

 private:
  void hand_over() override;
  TurnEnd stop(std::string reason) override;
  void report();

  Done<ReplayReport> done_;
  std::uint32_t events_ = 0;
  std::optional<core::Advanced> last_;
};

}  // namespace stele::runtime

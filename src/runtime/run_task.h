// SPDX-License-Identifier: Apache-2.0
// Owns: one run of a workflow: its guest, its WorkflowRun, its inbox.
// Life cycle: a run with a history reads it first, between two messages to the partition.
// Thread: turn() by one thread at a time; deliver() by the partition's holder.
// Must hold: nothing of the run leaves but by what it hands over; while a hand-over of a run that
// goes
//   on is not yet taken, its guest stands still, so the inbox of the partition stays short.
#pragma once

#include "runtime/run_guest.h"
#include "runtime/surroundings.h"
#include "runtime/task.h"
#include "runtime/trial_run.h"

namespace stele::runtime {

struct RunSeed {
  ExecutionRow row;
  DeployedPtr deployed;
  bool has_history = false;
};

class RunTask final : public Task, private wasm::HostCalls {
 public:
  RunTask(TaskName task_name, RunSeed seed, const Surroundings& around);

  TurnEnd turn(Instant now) override;
  void deliver(Entry response) override;
  std::optional<core::Input> stopped(StopCause cause, const std::string& reason) override;
  std::uint64_t resident_bytes() const override;
  std::uint64_t rebuild_cost() const override { return calls_; }
  std::uint64_t calls_made() const override { return calls_ - calls_replayed_; }
  bool answer_is_near() const override { return answer_is_near_; }
  InstanceRule instance_rule() const override;
  bool outdated(const Deployed& deployed) const override;

 private:
  enum class Phase : std::uint8_t { asking, reading, folding, building, live };
  wasm::HostAnswer call(const wasm::HostCall& call) noexcept override;
  void log(std::uint8_t level, std::string_view message) noexcept override;
  void stream(std::uint8_t /*which*/, BytesView /*bytes*/) noexcept override {}

  TurnEnd advance(Instant now);
  TurnEnd prepare();
  TurnEnd read();
  /// Takes the component that the run gets (contract 5.8). An end says that it cannot begin.
  std::optional<TurnEnd> choose_component();
  std::optional<TurnEnd> try_upgrade(const core::CatalogComponent& component);
  std::optional<TurnEnd> stay(DeploymentId deployment);
  /// Makes the run and its guest.
  std::optional<TurnEnd> build();
  std::optional<TurnEnd> go_on(Instant now);
  bool read_back();
  TurnEnd poll();
  void take_inbox();
  void hand_over();
  TurnEnd stop(std::string reason);
  TurnEnd ended(Outcome outcome);
  wasm::HostAnswer answer(const wasm::HostCall& call);
  TurnEnd failed(wasm::Failure failure);
  const DeployedComponent& component() const;

  RunSeed seed_;
  Surroundings around_;
  DeployedChecks checks_;
  Phase phase_ = Phase::building;
  core::ReplayLog history_;
  std::string refused_digest_;  ///< of the last component that its history did not fit
  std::unique_ptr<core::WorkflowRun> run_;
  bool parked_ = false;
  bool answer_is_near_ = false;
  bool out_of_memory_ = false;               ///< a call was cut off
  std::optional<std::uint32_t> wants_back_;  ///< position of an entry that its call waits for
  const core::CatalogFunction* function_ = nullptr;
  std::optional<wasm::HostAnswer> held_answer_;  ///< given when a hand-over was taken
  std::uint64_t calls_ = 0;
  std::uint64_t calls_replayed_ = 0;
  Instant turn_now_;
  Mutex inbox_mutex_;
  std::vector<Entry> inbox_ STELE_GUARDED_BY(inbox_mutex_);
};

}  // namespace stele::runtime

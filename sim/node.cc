// SPDX-License-Identifier: Apache-2.0
// The node of a simulation: its store, its engine, what goes wrong with them, and its crashes.
#include "sim/simulation.h"

namespace stele::sim {

void Simulation::start_node() {
  for (int tries = 0;; ++tries) {
    MemoryFaults faults;
    faults.on_commit = [this](const WriteBatch& batch) { return choose_fault(batch); };
    store_ = std::make_unique<MemoryStore>(disk_, std::move(faults));
    engine_ = std::make_unique<runtime::LocalEngine>(runtime::EngineSetup{
        *store_, time_, bell_, runtime_options_,
        [this](const Error& error) { checker_.violation("the engine gave up: " + error.reason); }});
    const Result<runtime::DeployedPtr> deployed = deploy_programs(*store_, compiled_);
    if (deployed) checker_.name_functions(disk_->functions);
    if (deployed && engine_->open(*deployed)) return;
    if (tries > 10) return checker_.violation("the node does not start");
  }
}

void Simulation::count_node() {
  const runtime::EngineCounters counters = engine_->counters();
  result_.evictions += counters.evictions;
  result_.overflows += counters.ready_overflows;
}

/// A drain, with whatever goes wrong meanwhile, then the next process.
void Simulation::restart_cleanly() {
  engine_->drain();
  for (int i = 0; i < 500 && !engine_->drained() && !crash_wanted_; ++i)
    if (!drive()) pass_time();
  if (disk_->clean) ++result_.clean_stops;
  crash();
}

/// What a kill leaves is the disk; the client learns that its connections are gone.
void Simulation::crash() {
  crash_wanted_ = false;
  ++result_.crashes;
  count_node();
  store_->crash();
  engine_.reset();
  store_.reset();
  outside_.crash();
  static_cast<void>(outside_.take_crash());
  runtime_options_.seed = prng_.next();
  start_node();
}

CommitFault Simulation::choose_fault(const WriteBatch& batch) {
  CommitFault fault;
  const std::uint64_t drawn = healing_ ? 1'000 : prng_.below(300);
  if (drawn < 3)
    fault.kind = CommitFault::Kind::fail;
  else if (drawn < 6)
    fault.kind = CommitFault::Kind::drop;
  else if (drawn < 9)
    fault.kind = CommitFault::Kind::lose_reply;
  if (drawn < 9) ++result_.faults;
  // The process dies right before or after this commit.
  if (drawn < 9 && prng_.below(2) == 0) crash_wanted_ = true;
  const bool is_written =
      fault.kind == CommitFault::Kind::none || fault.kind == CommitFault::Kind::lose_reply;
  if (is_written) checker_.see(batch);
  return fault;
}

}  // namespace stele::sim

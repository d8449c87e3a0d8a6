// SPDX-License-Identifier: Apache-2.0
// Owns: one simulated life: the production engine on a disk of memory under a clock that only moves
//   when told to, random programs, a client with a ledger, faults and crashes; first anything may
//   happen, then it heals and everything must finish.
// Life cycle: one for a seed. Thread: one. Must hold: the same seed gives the same life.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/local_engine.h"
#include "sim/checker.h"
#include "sim/deployment.h"
#include "store/memory/memory_content.h"
#include "store/memory/memory_store.h"
#include "wasm/scripted/engines.h"

namespace stele::sim {

struct SimOptions {
  std::uint64_t seed = 1;
  std::uint32_t turns = 3'000;      ///< of the unsafe phase
  std::uint32_t heal_max = 30'000;  ///< rounds, and batches, of the healed phase
  core::Canary canary = core::Canary::none;
};

struct SimResult {
  std::vector<std::string> violations;
  std::uint64_t digest = 0;
  std::uint64_t batches = 0;
  std::uint64_t crashes = 0;
  std::uint64_t clean_stops = 0;
  std::uint64_t faults = 0;
  std::uint64_t executions = 0;
  std::uint64_t replays = 0;  ///< of finished histories, by the checker
  std::uint64_t evictions = 0;
  std::uint64_t overflows = 0;
};

SimResult simulate(const SimOptions& options);

class SimTime final : public runtime::TimeSource {
 public:
  Instant wall() override { return Instant{start_us + elapsed_us}; }
  Duration monotonic() override { return Duration{elapsed_us}; }
  static constexpr std::int64_t start_us = 1'800'000'000'000'000;
  std::int64_t elapsed_us = 1'000'000;
};

class SilentBell final : public runtime::Bell {
 public:
  void ring() noexcept override {}
  void ring_commit() noexcept override {}
};

/// A submission of the client, as the client knows it.
struct Order {
  Ulid id;
  std::string function;
  std::string params;
  bool in_flight = false;
  bool acknowledged = false;
  bool awaited = false;
  std::optional<Outcome> seen;
};

class Simulation {
 public:
  explicit Simulation(const SimOptions& options);
  ~Simulation();
  SimResult run();

 private:
  // Phases.
  void wander();
  void heal();
  void replay_all();
  void drain();
  void turn();

  // The node.
  void start_node();
  void crash();
  void restart_cleanly();
  bool drive();
  void pass_time();
  CommitFault choose_fault(const WriteBatch& batch);
  static runtime::RuntimeOptions draw_options(Prng& prng, core::Canary canary);

  // The client.
  void submit_something();
  void submit(std::size_t order);
  void await(std::size_t order);
  void cancel_something();
  bool all_done();
  void check_orders();
  void check_order(const Order& order);
  void count_node();

  SimOptions options_;
  Prng prng_;
  SimTime time_;
  SilentBell bell_;
  wasm::scripted::World outside_;
  wasm::scripted::ScriptedEngines engines_;
  runtime::RuntimeOptions runtime_options_;
  Programs programs_;
  CompiledPrograms compiled_;
  std::shared_ptr<MemoryContent> disk_;
  Checker checker_;
  std::unique_ptr<MemoryStore> store_;
  std::unique_ptr<runtime::LocalEngine> engine_;
  std::vector<Order> orders_;
  bool healing_ = false;
  bool crash_wanted_ = false;
  SimResult result_;
};

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// Owns: one simulated life: the production engine on a disk of memory under clocks that only move
//   when told to, random programs, a client with a ledger, faults and crashes; first anything may
//   happen, then it heals and everything must finish.
// Life cycle: one for a seed. Thread: one. Must hold: the same seed gives the same life.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/local_engine.h"
#include "sim/checker.h"
#include "sim/deployment.h"
#include "sim/disk.h"
#include "sim/options.h"
#include "sim/watched_store.h"
#include "wasm/scripted/engines.h"

namespace stele::sim {

SimResult simulate(const SimOptions& options);

/// Wall clock and monotonic clock: the first one drifts and jumps.
class SimTime final : public runtime::TimeSource {
 public:
  Instant wall() override { return Instant{start_us + elapsed_us + ahead_us}; }
  Duration monotonic() override { return Duration{elapsed_us}; }
  void pass(std::int64_t us);

  static constexpr std::int64_t start_us = 1'800'000'000'000'000;
  std::int64_t elapsed_us = 1'000'000;
  std::int64_t ahead_us = 0;
  std::int64_t drift_ppm = 0;
};

class SilentBell final : public runtime::Bell {
 public:
  void ring() noexcept override {}
  void ring_commit() noexcept override {}
};

/// A process: its store and its engine.
struct Node {
  std::unique_ptr<WatchedStore> store;
  std::unique_ptr<runtime::LocalEngine> engine;
  runtime::Reports* partition = nullptr;  ///< where late reports go
  bool is_owner = true;
  bool has_claimed = false;
  std::int64_t careful_until_us = 0;  ///< until then each start is marked
};

/// A report of a guest.
struct Heard {
  core::Input report;
  std::uint64_t life = 0;
  /// Its attempt or run is known to be over; of others, only those of former lives are.
  bool is_known = false;
};

/// A submission of the client, as the client knows it.
struct Order {
  Ulid id;
  std::string function;
  std::string params;
  bool paused = false;
  bool dropped = false;  ///< left out, for shrinking
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
  using Request = std::function<void(Node&)>;

  // Phases.
  void wander();
  void heal();
  void replay_all();
  void replay_one(const Known& known);
  void drain();
  /// Grows with each new process; a new one may lie where the last one lay.
  std::uint64_t life() const { return result_.crashes + result_.take_overs; }
  void turn();
  void rest();
  bool all_done();
  void conclude();

  // The node.
  void start_node();
  std::unique_ptr<Node> make_node();
  StoreHooks hooks_of(Node& node);
  void crash() { end_process(false); }
  void end_process(bool closes);
  void restart_cleanly();
  void take_over();
  void end_former();
  void redeploy();
  void deploy(std::size_t version);
  bool drive();
  bool work(Node& node);
  void pass_time();
  void disturb();
  void disturb_clock();
  CommitFate choose_fate();
  IoFate choose_io(IoCall call);
  std::unique_ptr<Disk> make_disk();
  void meanwhile(Node& node);
  Result<void> begin_guest(const Node& node, wasm::ComponentKind kind, std::string_view function,
                           std::string_view params);
  runtime::RuntimeOptions draw_options();
  Settings draw_settings();
  void count(Node& node);
  void hear(Node& node, const core::Input& report);
  void repeat_report(Node& node);
  void settle_down();
  void note_fault() { fault_us_ = time_.elapsed_us; }

  // The client.
  void send(Request request);
  void receive();
  void act();
  void submit_something();
  void submit(Node& node, std::size_t order);
  void await(Node& node, std::size_t order);
  void control_something();
  void control_delay();
  void give_value();
  void advance(Node& node, const ExecutionId& id, std::uint32_t writes, std::uint64_t flags);
  void help();
  void check_orders();
  const Known* any_execution();
  bool one_in(std::uint64_t bound) { return prng_.below(bound) == 0; }
  bool is_on(Fault fault) const { return !options_.without.contains(fault); }
  void trace(std::string_view text);

  SimOptions options_;
  Prng prng_;
  Prng io_prng_;  ///< of its own, so that a life on SQLite is much like one in memory
  bool on_sqlite_;
  SimTime time_;
  SilentBell bell_;
  wasm::scripted::World outside_;
  wasm::scripted::ScriptedEngines engines_;
  runtime::RuntimeOptions runtime_options_;
  Settings settings_;
  Programs programs_;
  std::optional<Compiled> compiled_;
  std::unique_ptr<Disk> disk_;
  Checker checker_;
  std::map<DeploymentId, std::size_t> deployments_;
  std::size_t version_ = 0;
  std::unique_ptr<Node> node_;
  std::unique_ptr<Node> former_;  ///< does not know yet that it lost the partition
  std::vector<Order> orders_;
  std::deque<Request> wire_;
  std::vector<Heard> heard_;                  ///< reports of guests, some of former lives
  std::map<ExecutionId, std::string> given_;  ///< values that were accepted
  std::int64_t step_us_ = 1;
  std::int64_t full_until_us_ = 0;
  std::int64_t fault_us_ = 0;  ///< of the last one
  std::uint32_t orders_max_ = 12;
  bool healing_ = false;
  bool crash_wanted_ = false;
  SimResult result_;
};

}  // namespace stele::sim

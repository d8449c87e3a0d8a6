// SPDX-License-Identifier: Apache-2.0
// Owns: all guests: which are queued, running, parked or waiting, who gets the next turn, who is
//   evicted, and the deadlines of attempts.
// Life cycle: as the engine's; void_all() when the partition is reloaded. Thread: any; guests are
//   polled without the lock.
// Must hold: a guest is polled by one thread at a time; a task's end is reported once; no guest
// runs
//   because of an effect that was not released.
#pragma once

#include <set>
#include <unordered_map>

#include "core/effects.h"
#include "runtime/attempt_task.h"
#include "runtime/dry_run_task.h"
#include "runtime/instance_limits.h"
#include "runtime/run_task.h"
#include "runtime/turn_queue.h"

namespace stele::runtime {

struct PoolCounters {
  std::uint64_t evictions = 0;
  std::uint64_t replays = 0;
  std::uint64_t attempts = 0;
  std::uint64_t runs = 0;
};

class GuestPool final : public wasm::Wakes {
 public:
  struct Setup {
    Store& store;
    PartitionClock& clock;
    Reports& reports;
    LogBuffer& logs;
    Bell& bell;
    const RuntimeOptions& options;
    FormerDeployments& former;
  };
  explicit GuestPool(const Setup& setup);
  ~GuestPool() override;

  /// Guests of components that are another version now are dropped, at the end of their turn.
  void deploy(DeployedPtr deployed);
  DeployedPtr deployed() const;

  // Called by the partition's holder.
  void start(core::StartFirstRun start);
  void start(core::StartReplay start);
  void start(core::StartAttempt start);
  void deliver(core::Deliver deliver);
  void resume(ExecutionKey key, RunNumber run);
  void handed_over(ExecutionKey key, RunNumber run);
  /// Ends it at once; the end is reported also if there is no such task.
  void interrupt(ExecutionKey key, RunNumber run, const std::string& reason);
  /// Ends a run that the host cannot serve now; it begins again later.
  void stop(ExecutionKey key, RunNumber run, const std::string& reason);
  /// The partition is thrown away: every guest ends, nothing is reported.
  void void_all();
  /// Nothing is started any more: what has not begun is given back, parked runs are evicted.
  void drain();
  /// Ends what still runs after the drain's limit.
  void stop_all();
  bool idle() const;

  void try_run(TrialSetup setup, Done<TrialResult> done);

  // Called by guest threads.
  /// Polls one guest; false if none is ready.
  bool turn();
  bool has_ready() const;
  /// Ends attempts whose time is over; the time of the next one.
  Instant expire(Instant monotonic);
  Instant next_deadline() const;

  void woken(std::uint64_t guest_id) noexcept override;
  PoolCounters counters() const;

 private:
  using Owned = std::unique_ptr<Task>;

  // With the lock held.
  TaskName next_name(ExecutionKey key, ExecutionKey root, Incarnation incarnation, RunNumber run);
  void add(Owned task);
  Task* find(ExecutionKey key, RunNumber run);
  void wake(Task& task, TurnEnd what);
  void queue(Task& task);
  Task* pop(std::vector<Owned>& dropped);
  Task* pop_run(std::vector<Owned>& dropped);
  Task* pop_attempt();
  Task* admit(Task* task);
  void readmit(Task& task);
  void leave_limit(Task& task);
  void pass_place_on(const Task& task);
  /// Of attempts that have begun: it goes into I/O, or comes out of it.
  void set_in_io(Task& task, bool in_io);
  bool make_room(std::vector<Owned>& dropped);
  bool attempt_allowed() const;
  Owned remove(Task& task);
  void park(Task& task);
  void unpark(Task& task);
  Task* victim() const;
  void charge(Task& task, std::uint64_t bytes);
  /// Ends a task now if it does not run, else when its turn ends.
  Owned end(Task& task, StopCause cause, const std::string& reason);
  Owned finish_turn(Task& task, TurnEnd end, std::uint64_t bytes);
  void begin(Task& task);
  bool ready_locked() const;
  bool has_room() const;
  void report(Task& task, StopCause cause, const std::string& reason);
  void trim(std::vector<Owned>& dropped);

  Setup setup_;
  Surroundings around_;
  mutable Mutex mutex_;
  DeployedPtr deployed_;
  std::unordered_map<std::uint64_t, Owned> tasks_;         ///< by guest id
  std::unordered_map<std::int64_t, Task*> by_key_;         ///< without dry runs
  std::set<std::pair<Instant, std::uint64_t>> deadlines_;  ///< monotonic time, guest id
  TurnQueue resumed_runs_;
  TurnQueue new_runs_;
  TurnQueue live_attempts_;
  TurnQueue new_attempts_;
  TurnQueue preempted_;
  InstanceLimits limits_;
  Task* oldest_parked_ = nullptr;
  Task* newest_parked_ = nullptr;
  std::uint64_t last_id_ = 0;
  std::uint64_t pops_ = 0;
  std::uint64_t hot_bytes_ = 0;
  std::uint32_t hot_runs_ = 0;
  std::uint32_t computing_ = 0;  ///< attempts begun, not waiting for I/O
  std::uint32_t waiting_ = 0;    ///< attempts waiting for I/O
  bool draining_ = false;
  PoolCounters counters_;
};

}  // namespace stele::runtime

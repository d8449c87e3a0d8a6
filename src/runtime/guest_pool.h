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
#include "runtime/parked_runs.h"
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
  /// After a crash: for a while guests make room for each other sooner, so that all move soon.
  void rush();
  /// Top-level executions that wait for their first turn because there is more to do than is done.
  /// What a limit of its component or of I/O keeps from running is not counted.
  std::uint32_t fresh() const {
    const Lock lock(mutex_);
    return fresh_;
  }

  void try_run(TrialSetup setup, Done<TrialResult> done);

  // Called by guest threads.
  /// Polls one guest; false if none is ready.
  bool turn();
  bool has_ready() const;
  /// Ends attempts whose time is over; when to come again, for that or for a run that waits until
  /// another may be evicted.
  Instant expire(Instant monotonic);

  void woken(std::uint64_t guest_id) noexcept override;
  PoolCounters counters() const;

 private:
  using Owned = std::unique_ptr<Task>;
  static constexpr std::uint64_t guest_overhead_bytes = 32U << 10U;

  TaskName next_name(ExecutionKey key, ExecutionKey root, Incarnation incarnation, RunNumber run)
      STELE_REQUIRES(mutex_);
  void add(Owned task, bool fresh = false) STELE_REQUIRES(mutex_);
  void leave_fresh(Task& task) STELE_REQUIRES(mutex_) {
    if (std::exchange(task.fresh_, false)) --fresh_;
  }
  Task* find(ExecutionKey key, RunNumber run) STELE_REQUIRES(mutex_);
  void wake(Task& task, TurnEnd what) STELE_REQUIRES(mutex_);
  void queue(Task& task) STELE_REQUIRES(mutex_);
  Task* pop(std::vector<Owned>& dropped) STELE_REQUIRES(mutex_);
  Task* pop_run(std::vector<Owned>& dropped) STELE_REQUIRES(mutex_);
  Task* pop_attempt() STELE_REQUIRES(mutex_);
  Task* admit(Task* task) STELE_REQUIRES(mutex_);
  TurnQueue& line_of(const Task& task) STELE_REQUIRES(mutex_);
  void readmit(Task& task) STELE_REQUIRES(mutex_);
  void leave_limit(Task& task) STELE_REQUIRES(mutex_);
  void pass_place_on(const Task& task) STELE_REQUIRES(mutex_);
  /// Of attempts that have begun: it goes into I/O, or comes out of it.
  void set_in_io(Task& task, bool in_io) STELE_REQUIRES(mutex_);
  bool make_room(const TurnQueue& line, std::vector<Owned>& dropped) STELE_REQUIRES(mutex_);
  Duration idle_min(const TurnQueue& line) const STELE_REQUIRES(mutex_);
  std::uint32_t calls_min() const STELE_REQUIRES(mutex_);
  bool may_begin(const TurnQueue& line) const STELE_REQUIRES(mutex_);
  bool attempt_allowed() const STELE_REQUIRES(mutex_);
  Owned remove(Task& task) STELE_REQUIRES(mutex_);
  bool evict(Instant idle_since, std::vector<Owned>& dropped) STELE_REQUIRES(mutex_);
  Instant monotonic() const { return Instant{setup_.clock.monotonic().us}; }
  void charge(Task& task, std::uint64_t bytes) STELE_REQUIRES(mutex_);
  /// Ends a task now if it does not run, else when its turn ends.
  Owned end(Task& task, StopCause cause, const std::string& reason) STELE_REQUIRES(mutex_);
  Owned finish_turn(Task& task, TurnEnd end, std::uint64_t bytes) STELE_REQUIRES(mutex_);
  void begin(Task& task) STELE_REQUIRES(mutex_);
  bool ready_locked() const STELE_REQUIRES(mutex_);
  bool has_room() const STELE_REQUIRES(mutex_);
  void report(Task& task, StopCause cause, const std::string& reason) STELE_REQUIRES(mutex_);
  void trim(std::vector<Owned>& dropped) STELE_REQUIRES(mutex_);

  Setup setup_;
  Surroundings around_;
  mutable Mutex mutex_;
  DeployedPtr deployed_ STELE_GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, Owned> tasks_ STELE_GUARDED_BY(mutex_);  ///< by guest id
  std::unordered_map<std::int64_t, Task*> by_key_ STELE_GUARDED_BY(mutex_);  ///< without dry runs
  std::set<std::pair<Instant, std::uint64_t>> deadlines_
      STELE_GUARDED_BY(mutex_);  ///< monotonic time, guest id
  TurnQueue resumed_runs_ STELE_GUARDED_BY(mutex_);
  TurnQueue new_runs_ STELE_GUARDED_BY(mutex_);
  TurnQueue evicted_runs_ STELE_GUARDED_BY(mutex_);  ///< with a history to replay
  TurnQueue live_attempts_ STELE_GUARDED_BY(mutex_);
  TurnQueue new_attempts_ STELE_GUARDED_BY(mutex_);
  TurnQueue preempted_ STELE_GUARDED_BY(mutex_);
  InstanceLimits limits_ STELE_GUARDED_BY(mutex_);
  ParkedRuns parked_ STELE_GUARDED_BY(mutex_);
  std::uint64_t last_id_ STELE_GUARDED_BY(mutex_) = 0;
  std::uint64_t pops_ STELE_GUARDED_BY(mutex_) = 0;
  std::uint64_t hot_bytes_ STELE_GUARDED_BY(mutex_) = 0;
  std::uint32_t hot_runs_ STELE_GUARDED_BY(mutex_) = 0;
  std::uint32_t computing_ STELE_GUARDED_BY(mutex_) = 0;  ///< attempts begun, not waiting for I/O
  std::uint32_t waiting_ STELE_GUARDED_BY(mutex_) = 0;    ///< attempts waiting for I/O
  std::uint32_t fresh_ STELE_GUARDED_BY(mutex_) = 0;
  bool draining_ STELE_GUARDED_BY(mutex_) = false;
  Instant rush_until_ STELE_GUARDED_BY(mutex_);
  PoolCounters counters_ STELE_GUARDED_BY(mutex_);
};

}  // namespace stele::runtime

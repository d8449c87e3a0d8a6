// SPDX-License-Identifier: Apache-2.0
// Owns: one guest and what drives it: a run of a workflow, an attempt of an activity, a dry replay.
// Life cycle: made by the pool at a start, destroyed when it has ended or is stopped.
// Thread: turn() and destruction by one thread at a time; interrupt() by any.
// Must hold: a task reports its end once: in its last turn, or through stopped() when the pool ends
// it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/sync.h"
#include "runtime/messages.h"
#include "runtime/options.h"
#include "wasm/guest.h"

namespace stele::runtime {

enum class TaskKind : std::uint8_t { run, attempt, dry_run };

enum class TurnEnd : std::uint8_t {
  parked,       ///< until Resume
  handing,      ///< until the partition has taken what was handed over
  waiting,      ///< in I/O, until woken
  yielded,      ///< preempted
  gone,         ///< ended and reported
  interrupted,  ///< ended because of interrupt(); not reported
};

/// Why the pool ends a task.
enum class StopCause : std::uint8_t { none, cancelled, timed_out, drained, evicted, voided };

/// The guest of a task, visible to those who may interrupt it.
class GuestCell {
 public:
  /// False if interrupt() came first; the guest is not to be polled then.
  bool set(std::unique_ptr<wasm::Guest> guest);
  void interrupt();
  wasm::Guest* get() const { return guest_.get(); }

 private:
  Mutex mutex_;
  /// Set by the thread whose turn it is, which alone reads it without the lock.
  std::unique_ptr<wasm::Guest> guest_;
  bool interrupted_ STELE_GUARDED_BY(mutex_) = false;
};

struct TaskName {
  std::uint64_t id = 0;  ///< the guest's id
  ExecutionKey key;
  ExecutionKey root;
  Incarnation incarnation;
  RunNumber run;
};

class TurnQueue;

/// At most `max` guests of `component` run at the same time.
struct InstanceRule {
  const wasm::Component* component = nullptr;
  std::uint32_t max = UINT32_MAX;
};

class Task {
 public:
  Task(TaskKind task_kind, TaskName task_name) : kind(task_kind), name(task_name) {}
  virtual ~Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  virtual TurnEnd turn(Instant now) = 0;
  // NOLINTNEXTLINE(performance-unnecessary-value-param): RunTask keeps it
  virtual void deliver(Entry /*response*/) {}
  /// The report of a task that the pool ends; empty if nobody is to be told.
  virtual std::optional<core::Input> stopped(StopCause cause, const std::string& reason) = 0;
  virtual std::uint64_t resident_bytes() const = 0;
  /// How much work it would be to build it again.
  virtual std::uint64_t rebuild_cost() const { return 0; }
  /// Calls since it was built that were not answered from history.
  virtual std::uint64_t calls_made() const { return 0; }
  /// It is parked until the partition has answered, which needs no more than a commit. One that is
  /// evicted before would ask again, and might never hear the answer.
  virtual bool answer_is_near() const { return false; }
  /// What its component allows.
  virtual InstanceRule instance_rule() const { return {}; }
  /// It runs a component that `deployed` has in another version, or not at all.
  virtual bool outdated(const Deployed& /*deployed*/) const { return false; }
  /// Wall time that it may take from its first turn on; 0: no limit.
  virtual Duration deadline() const { return {}; }

  const TaskKind kind;
  const TaskName name;
  GuestCell cell;

 protected:
  /// Polls its guest. `what` is its name in a profile.
  wasm::PollResult poll_guest(const char* what);

 private:
  friend class GuestPool;
  friend class ParkedRuns;
  friend class TurnQueue;
  enum class State : std::uint8_t { idle, queued, running };
  // Guarded by the pool's lock.
  State state_ = State::queued;
  bool started_ = false;
  bool fresh_ = false;  ///< submitted or scheduled, and had no turn yet
  bool in_io_ = false;
  const wasm::Component* admitted_ = nullptr;  ///< for whose limit it counts
  TurnEnd waits_for_ = TurnEnd::yielded;
  std::uint8_t wakes_ = 0;  ///< bit for each TurnEnd that ended while it ran
  StopCause cause_ = StopCause::none;
  std::string cause_reason_;
  std::uint64_t charged_ = 0;
  Instant deadline_at_ = instant_max;
  TurnQueue* in_queue_ = nullptr;
  Task* next_ = nullptr;   ///< in its queue
  Task* older_ = nullptr;  ///< in the list of parked runs
  Task* newer_ = nullptr;
  Instant parked_at_;
  bool in_parked_ = false;
  bool has_paid_ = false;
  bool replays_ = false;  ///< it has a history
};

}  // namespace stele::runtime

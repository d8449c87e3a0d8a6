// SPDX-License-Identifier: Apache-2.0
#include "runtime/guest_pool.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/trace.h"

namespace stele::runtime {
namespace {

constexpr std::uint64_t preempted_every = 8;  ///< so often a preempted guest goes first
constexpr std::uint64_t attempts_every = 4;   ///< so often attempts go before runs

const char* name_of(TaskKind kind) {
  switch (kind) {
    case TaskKind::run: return "workflow turn";
    case TaskKind::attempt: return "activity turn";
    case TaskKind::dry_run: return "replay turn";
  }
  return "turn";
}

std::uint8_t bit(TurnEnd end) {
  return static_cast<std::uint8_t>(1U << static_cast<std::uint8_t>(end));
}

/// Attempts of one tree share their turns.
ExecutionKey root_of(const ExecutionId& id) {
  return ExecutionKey(static_cast<std::int64_t>(id.root.low));
}

}  // namespace

GuestPool::GuestPool(const Setup& setup)
    : setup_(setup),
      around_{setup.store, setup.clock, setup.reports, *this, setup.options, setup.former},
      deployed_(std::make_shared<Deployed>(Deployed{std::make_shared<core::Catalog>(), {}})) {}

GuestPool::~GuestPool() = default;

void GuestPool::deploy(DeployedPtr deployed) {
  std::vector<Owned> dropped;
  const Lock lock(mutex_);
  deployed_ = std::move(deployed);
  std::vector<Task*> old;
  for (const auto& [id, task] : tasks_)
    if (task->outdated(*deployed_)) old.push_back(task.get());
  for (Task* task : old) {
    if (task->state_ != Task::State::running)
      dropped.push_back(end(*task, StopCause::evicted, {}));
    else if (task->cause_ == StopCause::none)
      task->cause_ = StopCause::evicted;
  }
}

DeployedPtr GuestPool::deployed() const {
  const Lock lock(mutex_);
  return deployed_;
}

TaskName GuestPool::next_name(ExecutionKey key, ExecutionKey root, Incarnation incarnation,
                              RunNumber run) {
  return TaskName{++last_id_, key, root, incarnation, run};
}

void GuestPool::start(core::StartFirstRun start) {
  const Lock lock(mutex_);
  const TaskName name = next_name(start.key, start.row.root, start.incarnation, start.run);
  RunSeed seed{std::move(start.row), deployed_, false};
  ++counters_.runs;
  add(std::make_unique<RunTask>(name, std::move(seed), around_), name.key == name.root);
}

void GuestPool::start(core::StartReplay start) {
  const Lock lock(mutex_);
  const TaskName name = next_name(start.key, start.row.root, start.incarnation, start.run);
  RunSeed seed{std::move(start.row), deployed_, true};
  ++counters_.runs;
  ++counters_.replays;
  auto task = std::make_unique<RunTask>(name, std::move(seed), around_);
  task->replays_ = true;
  add(std::move(task));
}

void GuestPool::start(core::StartAttempt start) {
  const Lock lock(mutex_);
  const TaskName name = next_name(start.key, root_of(start.id), start.incarnation, start.attempt);
  const bool fresh = start.key == start.root;
  add(std::make_unique<AttemptTask>(name, std::move(start), deployed_, around_, setup_.logs),
      fresh);
}

void GuestPool::try_run(TrialSetup setup, Done<TrialResult> done) {
  {
    const Lock lock(mutex_);
    const TaskName name = next_name(setup.row.key, setup.row.root, {}, {});
    setup.guest_id = name.id;
    add(std::make_unique<DryRunTask>(name, std::move(setup), around_, std::move(done)));
  }
  setup_.bell.ring();
}

void GuestPool::add(Owned task, bool fresh) {
  if (draining_) return report(*task, StopCause::drained, "the server is stopping");
  Task& added = *task;
  Owned former;  // its end may still be on its way
  if (added.kind != TaskKind::dry_run) {
    const auto known = by_key_.find(added.name.key.value);
    if (known != by_key_.end()) former = end(*known->second, StopCause::voided, {});
    by_key_[added.name.key.value] = &added;
  }
  const bool io_is_full = waiting_ >= setup_.options.attempts_waiting_max;
  added.fresh_ = fresh && !(added.kind == TaskKind::attempt && io_is_full);
  fresh_ += added.fresh_ ? 1 : 0;
  tasks_.emplace(added.name.id, std::move(task));
  trace_hand_over(Flow::turn, static_cast<std::int64_t>(added.name.id));
  line_of(added).push(added);
}

/// Where it waits until it is admitted.
TurnQueue& GuestPool::line_of(const Task& task) {
  if (task.kind == TaskKind::attempt) return new_attempts_;
  if (task.started_) return resumed_runs_;
  return task.replays_ ? evicted_runs_ : new_runs_;
}

void GuestPool::report(Task& task, StopCause cause, const std::string& reason) {
  std::optional<core::Input> input = task.stopped(cause, reason);
  if (input) setup_.reports.post(std::move(*input));
}

Task* GuestPool::find(ExecutionKey key, RunNumber run) {
  const auto found = by_key_.find(key.value);
  return found != by_key_.end() && found->second->name.run == run ? found->second : nullptr;
}

void GuestPool::deliver(core::Deliver deliver) {
  const Lock lock(mutex_);
  Task* task = find(deliver.key, deliver.run);
  if (task != nullptr) task->deliver(std::move(deliver.response));
}

void GuestPool::resume(ExecutionKey key, RunNumber run) {
  const Lock lock(mutex_);
  Task* task = find(key, run);
  if (task != nullptr) wake(*task, TurnEnd::parked);
}

void GuestPool::handed_over(ExecutionKey key, RunNumber run) {
  const Lock lock(mutex_);
  Task* task = find(key, run);
  if (task != nullptr) wake(*task, TurnEnd::handing);
}

void GuestPool::woken(std::uint64_t guest_id) noexcept {
  {
    const Lock lock(mutex_);
    const auto found = tasks_.find(guest_id);
    if (found == tasks_.end()) return;
    wake(*found->second, TurnEnd::waiting);
  }
  setup_.bell.ring();
}

void GuestPool::wake(Task& task, TurnEnd what) {
  if (task.state_ == Task::State::running) {
    task.wakes_ = static_cast<std::uint8_t>(task.wakes_ | bit(what));
  } else if (task.state_ == Task::State::idle && task.waits_for_ == what) {
    queue(task);
  }
}

void GuestPool::queue(Task& task) {
  parked_.unpark(task);
  set_in_io(task, false);
  task.state_ = Task::State::queued;
  task.wakes_ = 0;
  trace_hand_over(Flow::turn, static_cast<std::int64_t>(task.name.id));
  (task.kind == TaskKind::attempt ? live_attempts_ : resumed_runs_).push(task);
}

void GuestPool::set_in_io(Task& task, bool in_io) {
  if (task.kind != TaskKind::attempt || task.in_io_ == in_io) return;
  task.in_io_ = in_io;
  computing_ += in_io ? UINT32_MAX : 1U;  // minus or plus one
  waiting_ += in_io ? 1U : UINT32_MAX;
}

/// What has begun is brought to its end before more is begun; but everyone gets turns.
Task* GuestPool::pop(std::vector<Owned>& dropped) {
  Task* task = nullptr;
  if (++pops_ % preempted_every == 0) task = preempted_.pop();
  if (task == nullptr && pops_ % attempts_every == 0) task = pop_attempt();
  if (task == nullptr && !resumed_runs_.empty()) task = pop_run(dropped);
  if (task == nullptr && pops_ % attempts_every != 1) task = pop_attempt();
  if (task == nullptr) task = pop_run(dropped);
  if (task == nullptr) task = pop_attempt();
  return task != nullptr ? task : preempted_.pop();
}

Task* GuestPool::pop_run(std::vector<Owned>& dropped) {
  while (Task* task = resumed_runs_.pop())
    if (admit(task) != nullptr) return task;
  std::array lines{&new_runs_, &evicted_runs_};
  if (pops_ % lines.size() == 0) std::swap(lines[0], lines[1]);
  for (TurnQueue* line : lines) {
    while (!line->empty() && make_room(*line, dropped))
      if (Task* task = admit(line->pop())) return task;
  }
  return nullptr;
}

Task* GuestPool::pop_attempt() {
  if (Task* task = live_attempts_.pop()) return task;
  while (!new_attempts_.empty() && attempt_allowed())
    if (Task* task = admit(new_attempts_.pop())) return task;
  return nullptr;
}

/// Null if its component is full; then it waits until another guest of it has ended or is parked.
Task* GuestPool::admit(Task* task) {
  const InstanceRule rule = task->instance_rule();
  if (rule.max == UINT32_MAX || task->admitted_ != nullptr) return task;
  if (!limits_.enter(*task, rule, task->started_)) {
    leave_fresh(*task);
    return nullptr;
  }
  task->admitted_ = rule.component;
  return task;
}

/// A run may have gone over to another component since it was admitted.
void GuestPool::leave_limit(Task& task) {
  const wasm::Component* component = std::exchange(task.admitted_, nullptr);
  if (component == nullptr) return;
  if (Task* next = limits_.leave(component)) readmit(*next);
}

/// It may have been called to take a place that was free, and is gone.
void GuestPool::pass_place_on(const Task& task) {
  const InstanceRule rule = task.instance_rule();
  if (rule.max == UINT32_MAX) return;
  if (Task* next = limits_.pass_on(rule)) readmit(*next);
}

void GuestPool::readmit(Task& task) {
  line_of(task).push(task);
  setup_.bell.ring();
}

bool GuestPool::attempt_allowed() const {
  return computing_ < setup_.options.attempts_computing_max &&
         waiting_ < setup_.options.attempts_waiting_max;
}

void GuestPool::charge(Task& task, std::uint64_t bytes) {
  hot_bytes_ += bytes - task.charged_;
  task.charged_ = bytes;
}

/// Accounts for a task that gets its first turn.
void GuestPool::begin(Task& task) {
  if (std::exchange(task.started_, true)) return;
  leave_fresh(task);
  charge(task, guest_overhead_bytes);
  if (task.kind != TaskKind::attempt) {
    ++hot_runs_;
    return;
  }
  ++computing_;
  ++counters_.attempts;
  const Duration limit = task.deadline();
  if (limit.us <= 0) return;
  task.deadline_at_ = Instant{setup_.clock.monotonic().us} + limit;
  deadlines_.emplace(task.deadline_at_, task.name.id);
}

/// Takes it out of everything.
GuestPool::Owned GuestPool::remove(Task& task) {
  parked_.unpark(task);
  leave_fresh(task);
  if (task.in_queue_ != nullptr) task.in_queue_->remove(task);
  if (task.started_) {
    set_in_io(task, false);
    charge(task, 0);
    (task.kind == TaskKind::attempt ? computing_ : hot_runs_) -= 1;
  }
  deadlines_.erase({task.deadline_at_, task.name.id});
  leave_limit(task);
  pass_place_on(task);
  const auto by_key = by_key_.find(task.name.key.value);
  if (by_key != by_key_.end() && by_key->second == &task) by_key_.erase(by_key);
  const auto found = tasks_.find(task.name.id);
  CHECK(found != tasks_.end());
  Owned owned = std::move(found->second);
  tasks_.erase(found);
  return owned;
}

GuestPool::Owned GuestPool::end(Task& task, StopCause cause, const std::string& reason) {
  if (task.state_ == Task::State::running) {
    if (task.cause_ == StopCause::none || cause == StopCause::voided) {
      task.cause_ = cause;
      task.cause_reason_ = reason;
    }
    task.cell.interrupt();
    return nullptr;
  }
  report(task, cause, reason);
  return remove(task);
}

void GuestPool::interrupt(ExecutionKey key, RunNumber run, const std::string& reason) {
  Owned ended;
  const Lock lock(mutex_);
  Task* task = find(key, run);
  if (task != nullptr) ended = end(*task, StopCause::cancelled, reason);
}

void GuestPool::stop(ExecutionKey key, RunNumber run, const std::string& reason) {
  Owned ended;
  const Lock lock(mutex_);
  Task* task = find(key, run);
  if (task != nullptr) ended = end(*task, StopCause::timed_out, reason);
}

void GuestPool::void_all() {
  std::vector<Owned> ended;
  const Lock lock(mutex_);
  std::vector<Task*> all;
  for (const auto& [id, task] : tasks_) {
    if (task->kind != TaskKind::dry_run) all.push_back(task.get());
  }
  for (Task* task : all) ended.push_back(end(*task, StopCause::voided, {}));
  by_key_.clear();
}

void GuestPool::drain() {
  std::vector<Owned> ended;
  const Lock lock(mutex_);
  draining_ = true;
  std::vector<Task*> all;
  for (const auto& [id, task] : tasks_) {
    if (!task->started_ || task->in_parked_) all.push_back(task.get());
  }
  for (Task* task : all) {
    ended.push_back(end(*task, StopCause::drained, "the server is stopping"));
  }
}

void GuestPool::stop_all() {
  std::vector<Owned> ended;
  const Lock lock(mutex_);
  std::vector<Task*> all;
  for (const auto& [id, task] : tasks_) all.push_back(task.get());
  for (Task* task : all) {
    ended.push_back(end(*task, StopCause::drained, "the server is stopping"));
  }
}

bool GuestPool::idle() const {
  const Lock lock(mutex_);
  return tasks_.empty();
}

bool GuestPool::turn() {
  std::vector<Owned> dropped;
  Task* task = nullptr;
  bool more = false;
  {
    const Lock lock(mutex_);
    task = pop(dropped);
    if (task == nullptr) return false;
    begin(*task);
    task->state_ = Task::State::running;
    more = ready_locked();
  }
  dropped.clear();
  if (more) setup_.bell.ring();
  const TraceSpan span(name_of(task->kind), task->name.key.value);
  span.arrived(Flow::turn, static_cast<std::int64_t>(task->name.id));
  const TurnEnd end = task->turn(setup_.clock.now());
  const std::uint64_t bytes =
      end == TurnEnd::gone ? 0 : task->resident_bytes() + guest_overhead_bytes;
  Owned finished;
  {
    const Lock lock(mutex_);
    finished = finish_turn(*task, end, bytes);
    trim(dropped);
  }
  return true;
}

GuestPool::Owned GuestPool::finish_turn(Task& task, TurnEnd end, std::uint64_t bytes) {
  charge(task, bytes);
  task.state_ = Task::State::idle;
  if (end == TurnEnd::gone) return remove(task);
  StopCause cause = task.cause_;
  if (cause == StopCause::none && end == TurnEnd::interrupted) cause = StopCause::cancelled;
  if (cause == StopCause::none && end == TurnEnd::parked && draining_) cause = StopCause::drained;
  if (cause != StopCause::none) {
    report(task, cause, task.cause_reason_);
    return remove(task);
  }
  if (end == TurnEnd::yielded) {
    task.state_ = Task::State::queued;
    task.wakes_ = 0;
    preempted_.push(task);
    return nullptr;
  }
  task.waits_for_ = end;
  if ((task.wakes_ & bit(end)) != 0) {
    queue(task);
    return nullptr;
  }
  if (end == TurnEnd::waiting) set_in_io(task, true);
  if (end == TurnEnd::parked) {
    if (!task.answer_is_near()) parked_.park(task, monotonic(), calls_min());
    leave_limit(task);
  }
  return nullptr;
}

bool GuestPool::ready_locked() const {
  if (!resumed_runs_.empty() || !live_attempts_.empty() || !preempted_.empty()) return true;
  if (!new_attempts_.empty() && attempt_allowed()) return true;
  return may_begin(new_runs_) || may_begin(evicted_runs_);
}

bool GuestPool::has_ready() const {
  const Lock lock(mutex_);
  return ready_locked();
}

Instant GuestPool::expire(Instant monotonic) {
  std::vector<Owned> ended;
  const Lock lock(mutex_);
  while (!deadlines_.empty() && deadlines_.begin()->first <= monotonic) {
    const std::uint64_t id = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) continue;
    ended.push_back(end(*found->second, StopCause::timed_out, "exec.lock_expiry has passed"));
  }
  Instant next = deadlines_.empty() ? instant_max : deadlines_.begin()->first;
  for (const TurnQueue* line : {&new_runs_, &evicted_runs_}) {
    if (line->empty() || has_room() || parked_.oldest() == instant_max) continue;
    next = std::min(next, parked_.oldest() + idle_min(*line));
  }
  return next;
}

PoolCounters GuestPool::counters() const {
  const Lock lock(mutex_);
  return counters_;
}

}  // namespace stele::runtime

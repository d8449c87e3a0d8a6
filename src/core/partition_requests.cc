// SPDX-License-Identifier: Apache-2.0
// What runs ask for: children, delays, new top-level executions, values for others.
#include <algorithm>

#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {

/// The targets of values in own sets, and the ids that a new execution shall have.
void PartitionState::need_for_requests(const Execution& execution,
                                       const std::vector<RunRequest>& requests) {
  for (const RunRequest& request : requests) {
    const auto* schedule = std::get_if<Schedule>(&request.body);
    if (schedule != nullptr && request.chosen_id && !schedule->refused) need_root(schedule->id);
    if (!request.own_child) continue;
    const Member* member =
        execution.book->find_open_child(request.own_child->join_set, request.own_child->index);
    if (member != nullptr) need_row(member->child);
  }
}

void PartitionState::take_all_requests(Execution& execution, const Advanced& advanced) {
  // Until all are taken it is as if it ran: a delay that is due at once answers in between.
  const Motion next = std::exchange(execution.motion, Motion::running);
  take_each(execution, advanced, nullptr);
  execution.motion = next;
}

void PartitionState::take_each(Execution& execution, const Advanced& advanced,
                               const Requester* by) {
  emit_logs(execution, advanced.logs);
  if (advanced.requests.empty()) return;
  if (execution.row.attempts > 0 || execution.row.interruptions > 0) {
    execution.row.attempts = 0;  // stored progress
    execution.row.interruptions = 0;
    touch(execution);
  }
  for (const RunRequest& request : advanced.requests) take_request(execution, request, by);
  note_progress(execution.row.key);
}

void PartitionState::take_request(Execution& execution, const RunRequest& request,
                                  const Requester* by) {
  CHECK(is_request(request.body));
  const ExecutionKey key = execution.row.key;
  const bool paused = by != nullptr && request.paused;
  if (std::holds_alternative<ChildRequest>(request.body) ||
      std::holds_alternative<DirectCall>(request.body)) {
    take_child(execution, request, paused ? by : nullptr);
  } else if (std::holds_alternative<Schedule>(request.body)) {
    take_schedule(execution, request, by);
  } else if (std::holds_alternative<Stub>(request.body)) {
    take_stub(execution, request, by);
  } else if (const auto* delay = std::get_if<DelayRequest>(&request.body)) {
    DelayRequest wanted = *delay;
    wanted.paused = wanted.paused || paused;
    append(execution, wanted);
    make_delay(execution, {key, wanted.join_set, wanted.index, wanted.expires, wanted.paused});
  } else {
    append(execution, request.body);
    if (const auto* sleep = std::get_if<Sleep>(&request.body))
      make_delay(execution, {key, sleep->join_set, 1, sleep->expires, paused});
  }
}

void PartitionState::take_child(Execution& execution, const RunRequest& request,
                                const Requester* pauser) {
  if (const auto* call = std::get_if<DirectCall>(&request.body)) {
    DirectCall wanted = *call;
    wanted.child = next_key_;
    append(execution, wanted);
    return make_child(execution, request,
                      {wanted.join_set, 1, wanted.child, wanted.function, wanted.params_hash, {}},
                      pauser);
  }
  ChildRequest wanted = std::get<ChildRequest>(request.body);
  if (!wanted.refused) wanted.child = next_key_;
  append(execution, wanted);
  if (!wanted.refused) make_child(execution, request, wanted, pauser);
}

FunctionKind PartitionState::kind_of(FunctionId function) const {
  const auto known = known_.find(function);
  return known == known_.end() ? FunctionKind::activity : known->second.kind;
}

void PartitionState::make_child(const Execution& parent, const RunRequest& request,
                                const ChildRequest& wanted, const Requester* pauser) {
  ExecutionRow row;
  row.key = wanted.child;
  next_key_ = next_key_.next();
  row.root = parent.row.root;
  row.parent = parent.row.key;
  row.parent_join_set = wanted.join_set;
  row.id.root = parent.row.id.root;
  row.id.suffix = child_suffix(parent.row.id.suffix, request.join_set, wanted.index);
  row.function = wanted.function;
  row.params = request.params;
  row.params_hash = wanted.params_hash;
  row.created = row.scheduled = now_;
  make_new(std::move(row), kind_of(wanted.function), pauser);
}

/// With a chosen id the run waits to hear whether the id was free.
void PartitionState::take_schedule(Execution& execution, const RunRequest& request,
                                   const Requester* by) {
  Schedule wanted = std::get<Schedule>(request.body);
  if (wanted.refused) {
    append(execution, std::move(wanted));
    return;
  }
  const auto known = roots_.find(wanted.id);
  const bool exists = known != roots_.end();
  if (exists) {
    const ExecutionRow& row = at(known->second)->row;
    const Hash128 hash = request.target_hash.value_or(wanted.params_hash);
    if (row.function == wanted.function && row.params_hash == hash)
      wanted.target = row.key;
    else
      wanted.refused = {
          Refused::Kind::type_check,
          "the id is in use by an execution with another function or other parameters",
          {}};
  } else {
    wanted.target = next_key_;
  }
  Entry entry = append(execution, wanted);
  if (!exists)
    make_scheduled(execution, request, wanted, by != nullptr && request.paused ? by : nullptr);
  if (!request.chosen_id || by != nullptr) return;
  deliver(execution, std::move(entry));
  resume_run(execution, {});
}

void PartitionState::make_scheduled(const Execution& by, const RunRequest& request,
                                    const Schedule& wanted, const Requester* pauser) {
  absent_roots_.erase(wanted.id);
  ExecutionRow row;
  row.key = row.root = wanted.target;
  next_key_ = next_key_.next();
  row.id.root = wanted.id;
  row.function = wanted.function;
  row.params = request.params;
  row.params_hash = request.target_hash.value_or(wanted.params_hash);
  row.created = now_;
  row.scheduled = std::max(wanted.at, now_);
  row.scheduled_by = to_text(by.row.id);
  make_new(std::move(row), kind_of(wanted.function), pauser);
  note_progress(wanted.target);
}

}  // namespace stele::core

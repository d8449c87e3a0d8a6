// SPDX-License-Identifier: Apache-2.0
// Values for stubs and external activities (contract 5.12): from outside and from workflows.
#include "base/check.h"
#include "core/partition_state.h"

namespace stele::core {

/// No guest here ever runs it: a stub or an external activity.
bool PartitionState::takes_value(const ExecutionRow& row) const {
  if (row.pool != Pool::none) return false;
  const auto known = known_.find(row.function);
  return known == known_.end() || known->second.kind == FunctionKind::stub ||
         known->second.kind == FunctionKind::external;
}

void PartitionState::prepare(const Complete& input) {
  const Execution* execution = need_row(input.key);
  if (execution != nullptr && execution->row.stage != Stage::finished) need_parent(execution->row);
}

void PartitionState::decide(const Complete& input) {
  Execution* execution = at(input.key);
  std::optional<Error> refusal;
  if (execution == nullptr) {
    refusal = error(Code::not_found, "there is no such execution");
  } else if (const ExecutionRow& row = execution->row; !takes_value(row)) {
    refusal = error(Code::failed_precondition,
                    "the execution is neither a stub nor an external activity; it takes no value",
                    to_text(row.id));
  } else if (row.stage == Stage::finished && row.outcome_kind != OutcomeKind::failure) {
    refusal = error(Code::already_exists, "the execution has a value already", to_text(row.id));
  } else if (row.stage == Stage::finished) {
    refusal = error(Code::failed_precondition, "the execution has ended without a value",
                    to_text(row.id));
  } else if (row.lifecycle == Lifecycle::cancelling) {
    refusal = error(Code::failed_precondition, "the execution is being cancelled", to_text(row.id));
  } else {
    finish(*execution, input.outcome);
    note_progress(input.key);
  }
  answer(input.request, input.key, std::move(refusal), false);
}

/// An open child of its own is decided here; any other target is looked for in the store.
void PartitionState::take_stub(Execution& execution, const RunRequest& request,
                               const Requester* by) {
  const Stub& wanted = std::get<Stub>(request.body);
  if (wanted.refused) {
    append(execution, wanted);
    return;
  }
  const Member* member = nullptr;
  if (request.own_child && request.params.empty())
    member = execution.book->find_open_child(request.own_child->join_set, request.own_child->index);
  if (member == nullptr) {
    CHECK(by == nullptr);
    return seek_target(execution, {execution.row.key, options_.incarnation, execution.run, wanted,
                                   request.value, request.function, request.params});
  }
  Execution& target = *at(member->child);
  const bool fits = request.function == FunctionId{} || request.function == target.row.function;
  if (fits && takes_value(target.row))
    return give_value(execution, wanted, target, request.value, by);
  refuse_value(execution, wanted, {Refused::Kind::execution_not_found, {}, {}}, by);
}

void PartitionState::seek_target(Execution& execution, FindTarget wanted) {
  execution.seeks = true;
  hold(std::move(wanted));
}

/// The workflow's entry comes first: its target may be a child of its own, whose response follows.
void PartitionState::give_value(Execution& execution, Stub stub, Execution& target, Outcome value,
                                const Requester* by) {
  Entry entry = append(execution, std::move(stub));
  if (by == nullptr) deliver(execution, std::move(entry));
  finish(target, std::move(value));
  note_progress(target.row.key);
  if (by == nullptr) resume_run(execution, {});
}

void PartitionState::refuse_value(Execution& execution, Stub stub, Refused refused,
                                  const Requester* by) {
  stub.refused = std::move(refused);
  Entry entry = append(execution, std::move(stub));
  if (by != nullptr) return;
  deliver(execution, std::move(entry));
  resume_run(execution, {});
}

void PartitionState::prepare(const TargetFound& input) {
  const Execution* execution = at(input.key);
  if (execution == nullptr || execution->run != input.run || !execution->seeks) return;
  if (input.incarnation != options_.incarnation || execution->motion != Motion::running) return;
  need_book(input.key);
  if (input.state != TargetFound::State::open) return;
  const Execution* target = need_row(input.target);
  if (target != nullptr && target->row.stage != Stage::finished) need_parent(target->row);
}

void PartitionState::decide(const TargetFound& input) {
  Execution* execution = reporting(input.key, input.incarnation, input.run);
  if (execution == nullptr) return;
  if (!execution->seeks) return refuse_report();
  take_turn(*execution, Turn::found, {.found = &input});
}

void PartitionState::take_found(Execution& execution, const TurnInput& input) {
  const TargetFound& found = *input.found;
  execution.seeks = false;
  note_progress(execution.row.key);
  switch (found.state) {
    case TargetFound::State::missing:
      return refuse_value(execution, found.stub, {Refused::Kind::execution_not_found, {}, {}},
                          nullptr);
    case TargetFound::State::refused:
      return refuse_value(execution, found.stub, {Refused::Kind::type_check, found.text, {}},
                          nullptr);
    case TargetFound::State::finished_same: return refuse_value(execution, found.stub, {}, nullptr);
    case TargetFound::State::finished_other:
      return refuse_value(execution, found.stub, {Refused::Kind::conflict, {}, {}}, nullptr);
    case TargetFound::State::open: break;
  }
  Execution* target = at(found.target);
  if (target == nullptr || !takes_value(target->row))
    return refuse_value(execution, found.stub, {Refused::Kind::execution_not_found, {}, {}},
                        nullptr);
  if (target->row.stage != Stage::finished)
    return give_value(execution, found.stub, *target, found.value, nullptr);
  // It has finished meanwhile: compared anew.
  seek_target(execution, {execution.row.key,
                          options_.incarnation,
                          execution.run,
                          found.stub,
                          found.value,
                          FunctionId{},
                          {}});
}

}  // namespace stele::core

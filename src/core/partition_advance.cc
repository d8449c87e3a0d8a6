// SPDX-License-Identifier: Apache-2.0
// Advance (contract 5.14): what a dry run has captured is taken as if a run had handed it over.
#include <set>

#include "core/partition_state.h"

namespace stele::core {
namespace {

using ChildPlace = std::pair<JoinSetOrdinal, std::uint32_t>;

/// Can every value that is given be given at once? Its target is an open child, of before or of
/// these requests, that no earlier one of them has completed.
bool gives_at_once(const Book& book, const std::vector<RunRequest>& requests) {
  std::set<ChildPlace> made;
  std::set<ChildPlace> completed;
  for (const RunRequest& request : requests) {
    if (const auto* child = std::get_if<ChildRequest>(&request.body))
      if (!child->refused) made.emplace(child->join_set, child->index);
    const auto* stub = std::get_if<Stub>(&request.body);
    if (stub == nullptr || stub->refused) continue;
    if (!request.own_child || !request.params.empty()) return false;
    const ChildPlace place{request.own_child->join_set, request.own_child->index};
    const bool open = made.contains(place) || book.find_open_child(place.first, place.second);
    if (!open || !completed.insert(place).second) return false;
  }
  return true;
}

}  // namespace

std::optional<Error> PartitionState::why_not_advanceable(const Execution& execution,
                                                         const Advance& input) const {
  if (!is_workflow(execution.row))
    return error(Code::failed_precondition, "only a workflow can be advanced",
                 to_text(execution.row.id));
  if (auto refusal = why_not_changeable(execution)) return refusal;
  if (!execution.book) return std::nullopt;  // not prepared yet
  if (execution.book->head().version != input.version)
    return error(Code::aborted,
                 "the history has changed since the dry run; make another one and advance by that",
                 to_text(execution.row.id));
  if (gives_at_once(*execution.book, input.advanced.requests)) return std::nullopt;
  return error(Code::failed_precondition,
               "a call gives a value to an execution that must be looked for; advance it without "
               "this call",
               to_text(execution.row.id));
}

void PartitionState::prepare(const Advance& input) {
  const Execution* execution = need_row(input.key);
  if (execution == nullptr || why_not_advanceable(*execution, input)) return;
  need_book(input.key);
  if (execution->book) need_for_requests(*execution, input.advanced.requests);
  if (input.advanced.state == RunState::ended) need_parent(execution->row);
}

void PartitionState::decide(const Advance& input) {
  Execution* execution = at(input.key);
  std::optional<Error> refusal;
  if (execution == nullptr)
    refusal = error(Code::not_found, "there is no such execution");
  else
    refusal = why_not_advanceable(*execution, input);
  if (!refusal) {
    halt(*execution);
    take_turn(*execution, Turn::advances, {.advance = &input});
  }
  answer(input.request, input.key, std::move(refusal), false);
}

/// Ready while its requests are taken: what answers at once moves it no further.
void PartitionState::take_advance(Execution& execution, const TurnInput& input) {
  const Advanced& advanced = input.advance->advanced;
  ExecutionRow& row = execution.row;
  row.stage = Stage::ready;
  row.wake = {};
  if (input.advance->deployment) row.deployment = input.advance->deployment;
  touch(execution);
  take_each(execution, advanced, &input.advance->by);
  note_progress(row.key);
  if (advanced.state == RunState::ended) return end_code(execution, advanced.outcome);
  const bool waits =
      advanced.state != RunState::running && execution.book->find(advanced.set) != nullptr;
  if (waits) row.blocked_on = advanced.set;
  if (waits && advanced.state == RunState::closing) return begin_closing(execution, advanced.set);
  if (!waits || execution.book->satisfied(advanced.set)) return go_on(execution);
  row.stage = Stage::blocked;
}

}  // namespace stele::core

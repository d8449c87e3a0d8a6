// SPDX-License-Identifier: Apache-2.0
// Submissions from outside.
#include "core/partition_state.h"

namespace stele::core {

void PartitionState::prepare(const Submit& input) {
  if (!input.fresh && !is_canary(Canary::second_birth)) need_root(input.id);
}

void PartitionState::decide(const Submit& input) {
  if (const auto known = roots_.find(input.id); known != roots_.end()) {
    const ExecutionRow& row = at(known->second)->row;
    if (row.function == input.function && row.params_hash == input.params_hash)
      return answer(input.request, row.key, std::nullopt, true);
    return answer(
        input.request, row.key,
        error(Code::already_exists,
              "the id is in use by an execution with another function or other parameters",
              to_text(row.id)),
        false);
  }
  const CatalogFunction* function = catalog_->find(input.function);
  if (function == nullptr)
    return answer(input.request, {}, error(Code::not_found, "the function is not deployed"), false);
  absent_roots_.erase(input.id);
  ExecutionRow row;
  row.key = row.root = next_key_;
  next_key_ = next_key_.next();
  row.id.root = input.id;
  row.function = input.function;
  row.params = input.params;
  row.params_hash = input.params_hash;
  row.created = now_;
  row.scheduled = input.scheduled ? std::max(*input.scheduled, now_) : now_;
  row.requester = input.requester;
  const Requester pauser{input.requester, {}};
  const ExecutionKey key =
      make_new(std::move(row), function->kind, input.paused ? &pauser : nullptr).row.key;
  answer(input.request, key, std::nullopt, false);
  note_progress(key);
}

/// Takes in a new execution and starts it if it may start; with a pauser it begins paused.
Execution& PartitionState::make_new(ExecutionRow row, FunctionKind kind, const Requester* pauser) {
  row.deployment = catalog_->deployment();
  row.pool = kind == FunctionKind::workflow   ? Pool::workflow
             : kind == FunctionKind::activity ? Pool::activity
                                              : Pool::none;
  open_bytes_ += row.params.size() + row_bytes;
  Execution& execution = insert(std::move(row));
  execution.is_new = true;
  if (is_workflow(execution.row)) execution.book.emplace();
  touch(execution);
  if (pauser != nullptr) {
    execution.row.lifecycle = Lifecycle::paused;
    append_control(execution, Control::Kind::paused, *pauser);
  }
  if (execution.row.pool == Pool::none)
    execution.row.stage = Stage::held;
  else if (execution.row.scheduled > now_)
    wait_until(execution, execution.row.scheduled);
  else
    start(execution);
  return execution;
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
#include "runtime/targets.h"

#include <fmt/format.h>

#include "runtime/json_checks.h"
#include "runtime/shape.h"

namespace stele::runtime {
namespace {

using State = core::TargetFound::State;

bool takes_values(const core::CatalogFunction* function) {
  return function != nullptr && (function->kind == core::FunctionKind::stub ||
                                 function->kind == core::FunctionKind::external);
}

Result<State> compare(const Views& views, ExecutionRow row, const Outcome& value) {
  const ExecutionView view = TRY(views.view(std::move(row)));
  return same_value(view.outcome, value) ? State::finished_same : State::finished_other;
}

}  // namespace

Result<core::TargetFound> look_for_target(core::FindTarget find, Store& store, const Views& views,
                                          const DeployedPtr& deployed) {
  core::TargetFound found{.key = find.key,
                          .incarnation = find.incarnation,
                          .run = find.run,
                          .stub = std::move(find.stub),
                          .value = std::move(find.value)};
  Result<ExecutionRow> row = store.find(found.stub.target);
  if (!row && row.error().code != Code::not_found) return std::unexpected(std::move(row.error()));
  const core::CatalogFunction* function = row ? deployed->catalog->find(row->function) : nullptr;
  if (!row || row->pool != Pool::none || !takes_values(function)) return found;
  found.target = row->key;
  if (find.function && find.function != function->id) {
    const core::CatalogFunction* wanted = deployed->catalog->find(find.function);
    found.state = State::refused;
    found.text = fmt::format("the execution is a call of {}, the value is for {}", function->ffqn,
                             wanted == nullptr ? "another function" : wanted->ffqn);
    return found;
  }
  if (!find.text.empty()) {
    Result<Outcome> checked = DeployedChecks(deployed).result(function->id, find.text);
    if (!checked) {
      found.state = State::refused;
      found.text = std::move(checked.error().reason);
      return found;
    }
    found.value = std::move(*checked);
  }
  found.state = State::open;
  if (row->stage == Stage::finished)
    found.state = TRY(compare(views, std::move(*row), found.value));
  return found;
}

}  // namespace stele::runtime

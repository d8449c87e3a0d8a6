// SPDX-License-Identifier: Apache-2.0
#include "runtime/views.h"

#include <array>
#include <utility>

namespace stele::runtime {
namespace {

constexpr std::size_t stuck_max = 10'000;

}  // namespace

Result<void> Views::refresh() {
  const std::vector<FunctionRow> functions = TRY(store_.functions());
  const Lock lock(mutex_);
  for (const FunctionRow& function : functions) names_[function.id] = function.ffqn;
  return {};
}

std::string Views::function_name(FunctionId id) const {
  const Lock lock(mutex_);
  const auto found = names_.find(id);
  return found != names_.end() ? found->second : std::string();
}

Result<ExecutionView> Views::view(ExecutionRow row) const {
  ExecutionView view;
  view.row = std::move(row);
  view.outcome = view.row.outcome;
  if (view.row.stage == Stage::finished && !view.outcome && view.row.parent) {
    const HistoryPage page =
        TRY(store_.read_history(view.row.parent, view.row.response_position, 1));
    const auto* response =
        page.entries.empty() ? nullptr : std::get_if<ChildResponse>(&page.entries.front().body);
    if (response != nullptr && response->child == view.row.key) view.outcome = response->outcome;
  }
  const Lock lock(mutex_);
  const auto name = names_.find(view.row.function);
  if (name != names_.end()) view.ffqn = name->second;
  const auto stuck = stuck_.find(view.row.key.value);
  if (stuck != stuck_.end() && view.row.stage != Stage::finished) view.stuck = stuck->second;
  return view;
}

Result<ExecutionView> Views::view(ExecutionKey key) const {
  Loaded loaded = TRY(store_.load(std::array{key}, {}));
  if (loaded.rows.empty()) return fail(Code::not_found, "there is no such execution");
  return view(std::move(loaded.rows.front()));
}

void Views::set_stuck(ExecutionKey key, std::string reason) {
  const Lock lock(mutex_);
  if (stuck_.size() < stuck_max || stuck_.contains(key.value)) {
    stuck_[key.value] = std::move(reason);
  }
}

void Views::clear_stuck(ExecutionKey key) {
  const Lock lock(mutex_);
  if (!stuck_.empty()) stuck_.erase(key.value);
}

}  // namespace stele::runtime

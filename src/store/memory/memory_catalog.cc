// SPDX-License-Identifier: Apache-2.0
// The memory store's lists, logs, deployments and blobs.
#include <algorithm>

#include <fmt/format.h>

#include "store/backtrace_errors.h"
#include "store/memory/memory_content.h"
#include "store/memory/memory_store.h"

namespace stele {
namespace {

FunctionId function_number(std::vector<FunctionRow>& functions, const FunctionRow& wanted) {
  for (const FunctionRow& row : functions) {
    if (row.ffqn == wanted.ffqn && row.params == wanted.params && row.result == wanted.result) {
      return row.id;
    }
  }
  FunctionRow row = wanted;
  row.id = FunctionId{static_cast<std::uint32_t>(functions.size() + 1)};
  functions.push_back(row);
  return row.id;
}

bool shown(const MemoryContent& content, const ListFilter& filter, const ExecutionRow& row)
    STELE_REQUIRES(content.mutex) {
  if (filter.before && row.key >= filter.before) return false;
  if (filter.open_values && row.stage != Stage::held) return false;
  if (row.parent && !filter.derived && !filter.open_values) return false;
  if (filter.hide_finished && row.stage == Stage::finished) return false;
  if (!filter.id_prefix.empty() && !to_text(row.id).starts_with(filter.id_prefix)) return false;
  if (filter.ffqn_prefix.empty()) return true;
  const std::size_t place = row.function.value;
  return place > 0 && place <= content.functions.size() &&
         content.functions[place - 1].ffqn.starts_with(filter.ffqn_prefix);
}

}  // namespace

Result<std::vector<ExecutionRow>> MemoryStore::list(const ListFilter& filter) {
  const Lock lock(content_->mutex);
  TRY(alive());
  std::vector<ExecutionRow> rows;
  for (auto at = content_->rows.rbegin(); at != content_->rows.rend(); ++at) {
    if (rows.size() >= filter.limit) break;
    if (shown(*content_, filter, at->second)) rows.push_back(at->second);
  }
  return rows;
}

Result<void> MemoryStore::append_logs(std::span<const LogRow> rows) {
  const Lock lock(content_->mutex);
  TRY(alive());
  content_->logs.insert(content_->logs.end(), rows.begin(), rows.end());
  return {};
}

Result<LogPage> MemoryStore::read_logs(ExecutionKey key, std::uint64_t after, std::uint32_t limit) {
  const Lock lock(content_->mutex);
  TRY(alive());
  LogPage page;
  page.next = after;
  for (std::uint64_t at = after; at < content_->logs.size() && page.rows.size() < limit; ++at) {
    if (content_->logs[at].execution != key) continue;
    page.rows.push_back(content_->logs[at]);
    page.next = at + 1;
  }
  return page;
}

Result<void> MemoryStore::save_backtraces(ExecutionKey key, std::span<const BacktraceRow> rows) {
  const Lock lock(content_->mutex);
  TRY(alive());
  auto& kept = content_->backtraces[key];
  kept.clear();
  for (const BacktraceRow& row : rows) kept.insert_or_assign(row.version_min, row);
  return {};
}

Result<BacktraceRow> MemoryStore::read_backtrace(ExecutionKey key, BacktraceAt at) {
  const Lock lock(content_->mutex);
  TRY(alive());
  const auto kept = content_->backtraces.find(key);
  if (kept == content_->backtraces.end() || kept->second.empty()) return no_backtrace(key, at);
  if (at.place == BacktraceAt::Place::first) return kept->second.begin()->second;
  if (at.place == BacktraceAt::Place::last) return kept->second.rbegin()->second;
  auto row = kept->second.upper_bound(at.version);
  while (row != kept->second.begin()) {
    --row;
    if (row->second.version_max > at.version) return row->second;
  }
  return no_backtrace(key, at);
}

Result<DeploymentRow> MemoryStore::save_deployment(const NewDeployment& deployment) {
  const Lock lock(content_->mutex);
  TRY(alive());
  if (epoch_ != 0 && epoch_ != content_->epoch)
    return fail(Code::aborted, "another owner has claimed this store");
  const auto same =
      std::ranges::find(content_->deployments, deployment.row.digest, &DeploymentRow::digest);
  if (same != content_->deployments.end()) {
    content_->active = same->id;
    return *same;
  }
  DeploymentRow row = deployment.row;
  row.id = DeploymentId{static_cast<std::uint32_t>(content_->deployments.size() + 1)};
  for (ComponentRow& component : row.components) {
    for (FunctionRow& function : component.functions) {
      function.id = function_number(content_->functions, function);
    }
  }
  for (const auto& [digest, bytes] : deployment.blobs) content_->blobs.try_emplace(digest, bytes);
  content_->deployments.push_back(row);
  content_->active = row.id;
  return row;
}

Result<DeploymentRow> MemoryStore::read_deployment(DeploymentId id) {
  const Lock lock(content_->mutex);
  TRY(alive());
  if (id.value == 0 || id.value > content_->deployments.size()) {
    return fail(Code::not_found, fmt::format("there is no deployment {}", id.value));
  }
  return content_->deployments[id.value - 1];
}

Result<std::vector<FunctionRow>> MemoryStore::functions() {
  const Lock lock(content_->mutex);
  TRY(alive());
  return content_->functions;
}

Result<Bytes> MemoryStore::read_blob(std::string_view digest) {
  const Lock lock(content_->mutex);
  TRY(alive());
  const auto blob = content_->blobs.find(digest);
  if (blob == content_->blobs.end()) {
    return fail(Code::not_found, fmt::format("there is no blob {}", digest));
  }
  return blob->second;
}

}  // namespace stele

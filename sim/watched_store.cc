// SPDX-License-Identifier: Apache-2.0
#include "sim/watched_store.h"

#include <fmt/format.h>

namespace stele::sim {

WatchedStore::WatchedStore(std::unique_ptr<Store> inner, Checker& checker, StoreHooks hooks)
    : inner_(std::move(inner)), checker_(checker), hooks_(std::move(hooks)) {}

Result<void> WatchedStore::readable() {
  if (claimed_ && hooks_.read_fails()) return fail(Code::unavailable, "the read failed");
  return {};
}

Result<Claim> WatchedStore::claim() {
  if (superseded_) return fail(Code::unavailable, "another process owns the partition");
  Claim claim = TRY(inner_->claim());
  claimed_ = true;
  hooks_.claimed(claim);
  return claim;
}

Result<void> WatchedStore::commit(const WriteBatch& batch) {
  const CommitFate fate = hooks_.choose();
  if (fate == CommitFate::failed) return fail(Code::resource_exhausted, "the disk is full");
  if (fate == CommitFate::dropped) return fail(Code::unavailable, "outcome unknown");
  hooks_.meanwhile();
  checker_.expect(batch);
  const Result<void> committed = inner_->commit(batch);
  const bool is_known = committed || committed.error().code == Code::aborted ||
                        committed.error().code == Code::resource_exhausted;
  if (committed && superseded_) checker_.violation("a former owner has written a batch");
  if (is_known) checker_.settle(committed.has_value());
  if (!committed) return committed;
  if (fate == CommitFate::unheard) return fail(Code::unavailable, "outcome unknown");
  hooks_.meanwhile();
  return {};
}

Result<Loaded> WatchedStore::load(std::span<const ExecutionKey> keys, std::span<const Ulid> roots) {
  TRY(readable());
  Loaded loaded = TRY(inner_->load(keys, roots));
  checker_.see_rows(loaded.rows);
  return loaded;
}
Result<ExecutionRow> WatchedStore::find(const ExecutionId& id) { return inner_->find(id); }
Result<HistoryPage> WatchedStore::read_history(ExecutionKey key, std::uint32_t position,
                                               std::uint32_t limit) {
  TRY(readable());
  Result<HistoryPage> page = inner_->read_history(key, position, limit);
  if (page)
    checker_.see_page(key, position, *page);
  else if (page.error().code == Code::data_loss)
    unreadable(key, page.error());
  return page;
}
Result<HistoryHead> WatchedStore::read_head(ExecutionKey key) {
  Result<HistoryHead> head = inner_->read_head(key);
  if (head)
    checker_.see_head(key, *head);
  else if (head.error().code == Code::data_loss)
    unreadable(key, head.error());
  return head;
}
/// Nothing is damaged; only an error of the device may be taken for damage.
void WatchedStore::unreadable(ExecutionKey key, const Error& error) {
  if (error.reason.find("I/O error") == std::string::npos)
    checker_.violation(fmt::format("execution {} is unreadable: {}", key.value, error.reason));
}
Result<DuePage> WatchedStore::due(Instant from, Instant before, std::uint32_t limit) {
  TRY(readable());
  return inner_->due(from, before, limit);
}
Result<ReadyPage> WatchedStore::ready(Pool pool, ReadyCursor after, std::uint32_t per_root,
                                      std::uint32_t limit) {
  TRY(readable());
  ReadyPage page = TRY(inner_->ready(pool, after, per_root, limit));
  checker_.see_rows(page.rows);
  return page;
}
Result<std::vector<DelayRow>> WatchedStore::delays_of(ExecutionKey owner) {
  return inner_->delays_of(owner);
}
Result<std::vector<ExecutionRow>> WatchedStore::list(const ListFilter& filter) {
  return inner_->list(filter);
}
Result<void> WatchedStore::save_backtraces(ExecutionKey key, std::span<const BacktraceRow> rows) {
  return inner_->save_backtraces(key, rows);
}
Result<BacktraceRow> WatchedStore::read_backtrace(ExecutionKey key, BacktraceAt at) {
  return inner_->read_backtrace(key, at);
}
Result<void> WatchedStore::append_logs(std::span<const LogRow> rows) {
  return inner_->append_logs(rows);
}
Result<LogPage> WatchedStore::read_logs(ExecutionKey key, std::uint64_t after,
                                        std::uint32_t limit) {
  return inner_->read_logs(key, after, limit);
}
Result<DeploymentRow> WatchedStore::save_deployment(const NewDeployment& deployment) {
  return inner_->save_deployment(deployment);
}
Result<DeploymentRow> WatchedStore::read_deployment(DeploymentId id) {
  return inner_->read_deployment(id);
}
Result<std::vector<FunctionRow>> WatchedStore::functions() { return inner_->functions(); }
Result<Bytes> WatchedStore::read_blob(std::string_view digest) { return inner_->read_blob(digest); }
Result<UpkeepState> WatchedStore::upkeep() { return inner_->upkeep(); }
bool WatchedStore::congested() const { return inner_->congested(); }
StoreCounters WatchedStore::counters() const { return inner_->counters(); }

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// Batches of the partition: closing, committing, what a failed commit does, and the drain.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/trace.h"
#include "runtime/partition_driver.h"
#include "telemetry/log.h"

namespace stele::runtime {
namespace {

constexpr Duration first_backoff = milliseconds(50);
constexpr Duration longest_backoff = seconds(5);
constexpr Duration tick_every = seconds(1);
constexpr Instant beginning{INT64_MIN};
constexpr std::size_t spent_rows_max = 32'768;
constexpr std::uint32_t page_min = 4;
constexpr std::uint32_t due_page = 4'096;
constexpr std::uint32_t per_root_max = 1U << 20U;

std::vector<ReadyCursor> places_of(const std::vector<ExecutionRow>& rows) {
  std::vector<ReadyCursor> places;
  places.reserve(rows.size());
  for (const ExecutionRow& row : rows) places.push_back({row.root, row.key});
  return places;
}

std::size_t longest_of_a_root(const std::vector<ExecutionRow>& rows) {
  std::size_t longest = 0;
  std::size_t length = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    length = i > 0 && rows[i].root == rows[i - 1].root ? length + 1 : 1;
    longest = std::max(longest, length);
  }
  return longest;
}

}  // namespace

Result<void> PartitionDriver::open(core::CatalogPtr catalog) {
  catalog_ = std::move(catalog);
  return start_partition();
}

Result<void> PartitionDriver::start_partition() {
  claim_ = TRY(setup_.store.claim());
  setup_.clock.restart(claim_.clock);
  const Instant now = setup_.clock.now();
  core::PartitionOptions options = setup_.options.partition;
  options.reloaded = careful_until_.has_value();
  if (!options.reloaded) {
    died_ = !claim_.clean;
    careful_until_ = monotonic() + options.careful_for;
    if (died_) setup_.pool.rush();
  }
  options.incarnation = claim_.incarnation;
  options.last_batch = {};
  options.next_key = claim_.next_key;
  options.now = now;
  options.careful = died_;
  options.careful_for = std::max(Duration{}, *careful_until_ - monotonic());
  window_end_ = now + setup_.options.timer_window;
  options.timer_window_end = window_end_;
  timers_.clear();
  TRY(read_due(beginning, window_end_));
  partition_.emplace(options, catalog_);
  committed_ = {};
  tick_at_ = now;
  for (ReadyLoader& loader : loaders_) loader = {};  // the first tick asks
  const Lock lock(mutex_);
  wake_at_ = monotonic();
  return {};
}

Result<void> PartitionDriver::read_due(Instant from, Instant before) {
  std::uint32_t limit = due_page;
  for (;;) {
    const DuePage page = TRY(setup_.store.due(from, before, limit));
    for (const Due& due : page.due) {
      timers_.set(core::TimerDue{.at = due.at, .key = due.execution, .delay = due.delay});
    }
    if (!page.more || page.due.empty()) return {};
    if (page.due.back().at == from) {
      limit *= 2;
    } else {
      from = page.due.back().at;
    }
  }
}

/// Timers before the new end are set by steps from now on; those that are stored already are read
/// once every batch stepped before has committed.
void PartitionDriver::move_window() {
  const Instant now = setup_.clock.now();
  const Duration half{setup_.options.timer_window.us / 2};
  if (!window_read_ && now + half >= window_end_) {
    const Instant end = now + setup_.options.timer_window;
    window_after_ = partition_->move_timer_window(end);
    window_read_ = {window_end_, end};
    window_end_ = end;
  }
  const bool waits = window_after_ > committed_ && !is_canary(core::Canary::window_gap);
  if (!window_read_ || waits) return;
  const auto [from, before] = *std::exchange(window_read_, std::nullopt);
  const Result<void> read = read_due(from, before);
  if (!read) fall(read.error());
}

bool PartitionDriver::fire_timers() {
  move_window();
  bool any = false;
  const Instant now = setup_.clock.now();
  while (partition_ && may_step()) {
    std::optional<core::TimerDue> due = timers_.take(now);
    if (!due) break;
    step(*due);
    any = true;
  }
  if (partition_ && now >= tick_at_) {
    tick_at_ = now + tick_every;
    for (ReadyLoader& loader : loaders_) loader.empty_as_of.reset();
    step(core::Tick{});
    any = true;
  }
  return any;
}

bool PartitionDriver::load_ready() {
  bool any = false;
  for (const Pool pool : {Pool::workflow, Pool::activity}) {
    ReadyLoader& loader = loaders_[static_cast<std::size_t>(pool) - 1];
    if (!partition_ || !loader.wanted || !may_step()) continue;
    if (loader.empty_as_of == committed_) continue;  // nothing can have come since
    loader.wanted = false;
    load_page(pool, loader);
    any = true;
  }
  return any;
}

void PartitionDriver::load_page(Pool pool, ReadyLoader& loader) {
  const TraceSpan span("load ready rows");
  const auto token = partition_->begin_load();
  // Some of the page will be in memory already; much more than there is room for is read in vain.
  const std::uint32_t page_max = std::max(setup_.options.ready_page, loader.per_root);
  const std::uint32_t limit = std::clamp(2 * partition_->ready_room(pool), page_min, page_max);
  Result<ReadyPage> page = setup_.store.ready(pool, loader.cursor, loader.per_root, limit);
  if (!page) return fall(page.error());
  const ReadyCursor before = loader.cursor;
  const std::vector<ReadyCursor> places = places_of(page->rows);
  loader.cursor = page->wrapped ? ReadyCursor{} : page->next;
  loader.left_out = loader.left_out || longest_of_a_root(page->rows) >= loader.per_root;
  const bool wrapped = page->wrapped;
  const std::uint64_t effects_before = effects_seen_;
  admitted_.reset();
  step(core::Admit{pool, std::move(page->rows), page->as_of, wrapped && !loader.left_out});
  if (!partition_) return;
  partition_->end_load(token);
  loader.taken = loader.taken || effects_seen_ != effects_before;
  if (admitted_) loader.cursor = *admitted_ == 0 ? before : places[*admitted_ - 1];
  if (!wrapped || admitted_) return;
  // A pass that took nothing looks further into each root the next time.
  if (!loader.taken && !loader.left_out) loader.empty_as_of = committed_;
  loader.per_root = loader.taken ? ready_per_root : std::min(loader.per_root * 2, per_root_max);
  loader.left_out = loader.taken = false;
}

bool PartitionDriver::commit_in_flight() const {
  const Lock lock(mutex_);
  return commit_state_ != CommitState::none;
}

bool PartitionDriver::close_batch() {
  if (commit_in_flight()) return false;
  if (partition_->open_rows() == 0) {
    gather_until_.reset();
    return false;
  }
  if (!full()) {
    if (!gather_until_) begin_gather();
    if (gather_pending_ > 0 && monotonic() < *gather_until_) return false;
    if (gather_pending_ > 0) runnable_.clear();  // those are late; no later batch waits for them
  }
  close_now(false);
  return true;
}

void PartitionDriver::begin_gather() {
  gather_until_ = monotonic() + setup_.options.gather;
  batch_trace_.gathers();
  gather_pending_ = runnable_.size();
  ++gather_;
}

/// A run handed over, ended or was dropped.
void PartitionDriver::hand_over_seen(ExecutionKey key, bool goes_on) {
  const auto found = runnable_.find(key.value);
  if (found == runnable_.end()) return;
  if (gather_until_ && found->second < gather_ && gather_pending_ > 0) --gather_pending_;
  if (goes_on) {
    found->second = gather_;
  } else {
    runnable_.erase(found);
  }
}

void PartitionDriver::close_now(bool clean_stop) {
  WriteBatch batch = partition_->close_batch(setup_.clock.now(), clean_stop, take_spent());
  committing_ = batch.number;
  gather_until_.reset();
  gather_pending_ = 0;
  const Lock lock(mutex_);
  batch_trace_.closed(committing_);
  closed_batch_ = std::move(batch);
  commit_state_ = CommitState::waiting;
}

bool PartitionDriver::commit() {
  std::optional<WriteBatch> batch;
  {
    const Lock lock(mutex_);
    if (commit_state_ != CommitState::waiting) return false;
    commit_state_ = CommitState::running;
    batch = std::exchange(closed_batch_, std::nullopt);
  }
  Result<void> result = commit_batch(*batch);
  {
    const Lock lock(mutex_);
    commit_state_ = CommitState::ended;
    commit_result_ = std::move(result);
  }
  pump();
  keep_spent(std::move(*batch));
  return true;
}

/// New memory of this size would cost page faults in each batch.
void PartitionDriver::keep_spent(WriteBatch batch) {
  if (batch.rows.capacity() + batch.entries.capacity() > spent_rows_max) return;
  batch.rows.clear();
  batch.entries.clear();
  const Lock lock(mutex_);
  spent_batch_.rows.swap(batch.rows);
  spent_batch_.entries.swap(batch.entries);
}

WriteBatch PartitionDriver::take_spent() {
  const Lock lock(mutex_);
  return std::exchange(spent_batch_, WriteBatch{});
}

Result<void> PartitionDriver::commit_batch(const WriteBatch& batch) {
  const auto number = static_cast<std::int64_t>(batch.number.value);
  const TraceSpan span("commit", number);
  span.arrived(Flow::commit, number);
  batch_trace_.commits();
  Result<void> result = setup_.store.commit(batch);
  batch_trace_.committed();
  return result;
}

bool PartitionDriver::commit_waits() const {
  const Lock lock(mutex_);
  return commit_state_ == CommitState::waiting;
}

bool PartitionDriver::finish_commit() {
  Result<void> result;
  {
    const Lock lock(mutex_);
    if (commit_state_ != CommitState::ended) return false;
    commit_state_ = CommitState::none;
    result = std::exchange(commit_result_, Result<void>{});
    if (result) ++counters_.commits;
  }
  if (!partition_) return true;  // it fell while the commit was on its way
  if (!result && !is_canary(core::Canary::swallowed_failure)) {
    fall(result.error());
    return true;
  }
  committed_ = committing_;
  backoff_ = {};
  const auto number = static_cast<std::int64_t>(committed_.value);
  const TraceSpan span("release", number);
  span.arrived(Flow::committed, number);
  batch_trace_.released();
  release_until(committed_);
  partition_->committed(committed_);
  if (clean_stop_sent_) close_for_good();
  return true;
}

/// Everything of the partition is void; it is made anew from the store (design 3.5).
void PartitionDriver::fall(const Error& error) {
  const bool fatal = error.code == Code::data_loss;
  telemetry::log(fatal ? telemetry::Level::error : telemetry::Level::warn, "partition falls",
                 {{"code", std::string(code_name(error.code))}, {"reason", error.reason}});
  if (partition_ && is_canary(core::Canary::late_promises)) release_until(BatchNumber{UINT64_MAX});
  partition_.reset();
  setup_.pool.void_all();
  held_.clear();
  queue_.clear();
  unreleased_.clear();
  revoked_.clear();
  loads_.clear();
  timers_.clear();
  window_read_.reset();
  runnable_.clear();
  gather_until_.reset();
  gather_pending_ = 0;
  backoff_ = std::clamp(Duration{backoff_.us * 2}, first_backoff, longest_backoff);
  rise_at_ = monotonic() + backoff_;
  down_because_ = error.reason;
  {
    const Lock lock(mutex_);
    closed_batch_.reset();
    if (commit_state_ == CommitState::waiting) commit_state_ = CommitState::none;
    dead_ = fatal;
    if (draining_ || fatal) closed_ = true;
  }
  tell(std::exchange(outgoing_, {}));
  setup_.waiters.fail_all(runtime_unavailable(error));
  if (fatal && setup_.fatal) setup_.fatal(error);
}

Error PartitionDriver::runtime_unavailable(const Error& cause) {
  return error(Code::unavailable,
               "the outcome is not known: " + cause.reason + "; the same id may be tried again");
}

bool PartitionDriver::rise() {
  if (drain_wanted()) {
    close_for_good();  // nothing is under way; the next start recovers
    return false;
  }
  if (dead_ || monotonic() < rise_at_ || commit_in_flight()) return false;
  const Result<void> started = start_partition();
  const Lock lock(mutex_);
  if (started) {
    ++counters_.reloads;
    return true;
  }
  telemetry::log(telemetry::Level::warn, "partition cannot be reloaded",
                 {{"reason", started.error().reason}});
  partition_.reset();
  backoff_ = std::clamp(Duration{backoff_.us * 2}, first_backoff, longest_backoff);
  rise_at_ = monotonic() + backoff_;
  down_because_ = started.error().reason;
  return false;
}

void PartitionDriver::drain() {
  const Lock lock(mutex_);
  drain_wanted_ = true;
}

bool PartitionDriver::drain_wanted() {
  const Lock lock(mutex_);
  return std::exchange(drain_wanted_, false);
}

void PartitionDriver::close_for_good() {
  const Lock lock(mutex_);
  closed_ = true;
}

bool PartitionDriver::drain_further() {
  if (drain_wanted() && !draining_) {
    draining_ = true;
    drain_until_ = monotonic() + setup_.options.drain_limit;
    step(core::Drain{});
    setup_.pool.drain();
    return true;
  }
  if (!draining_ || !partition_) return false;
  if (monotonic() >= drain_until_) setup_.pool.stop_all();
  if (monotonic() >= drain_until_ + setup_.options.drain_limit) {
    telemetry::log(telemetry::Level::warn, "the drain was given up; the next start recovers");
    close_for_good();
    return false;
  }
  if (clean_stop_sent_) return false;
  if (!setup_.pool.idle() || !queue_.empty() || commit_in_flight()) return false;
  {
    const Lock lock(mutex_);
    if (!inbox_.empty()) return false;
  }
  if (partition_->open_rows() > 0 || !held_.empty()) return false;
  clean_stop_sent_ = true;
  close_now(true);
  return true;
}

bool PartitionDriver::closed() const {
  const Lock lock(mutex_);
  return closed_;
}

Instant PartitionDriver::next_wake() const {
  const Lock lock(mutex_);
  return taken_ || closed_ ? instant_max : wake_at_;
}

DriverCounters PartitionDriver::counters() const {
  const Lock lock(mutex_);
  return counters_;
}

}  // namespace stele::runtime

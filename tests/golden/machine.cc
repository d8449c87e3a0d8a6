// SPDX-License-Identifier: Apache-2.0
#include "golden/machine.h"

#include <algorithm>
#include <utility>

namespace stele::golden {

/// Counts commits and other calls, and dies or fails at the planned one. When it has died nothing
/// works any more, as for a dead process.
class CountingStore final : public Store {
 public:
  CountingStore(std::unique_ptr<Store> store, Machine& machine)
      : store_(std::move(store)), machine_(machine) {}

  /// Claimed at boot already, because a deployment is saved by the owner only; claimed again when
  /// the partition is made again.
  Result<Claim> claim() override {
    if (std::exchange(claimed_, true)) claim_ = TRY(store_->claim());
    return claim_;
  }
  Result<void> take() {
    claim_ = TRY(store_->claim());
    return {};
  }
  Result<void> commit(const WriteBatch& batch) override {
    TRY(reached());
    TRY(store_->commit(batch));
    if (++machine_.commits_ == machine_.plan_.after_commit) machine_.died_ = true;
    return alive();
  }
  Result<Loaded> load(std::span<const ExecutionKey> keys, std::span<const Ulid> roots) override {
    TRY(reached());
    return store_->load(keys, roots);
  }
  Result<ExecutionRow> find(const ExecutionId& id) override {
    TRY(reached());
    return store_->find(id);
  }
  Result<HistoryPage> read_history(ExecutionKey key, std::uint32_t position,
                                   std::uint32_t limit) override {
    TRY(reached());
    return store_->read_history(key, position, limit);
  }
  Result<HistoryHead> read_head(ExecutionKey key) override {
    TRY(reached());
    return store_->read_head(key);
  }
  Result<DuePage> due(Instant from, Instant before, std::uint32_t limit) override {
    TRY(reached());
    return store_->due(from, before, limit);
  }
  Result<ReadyPage> ready(Pool pool, ReadyCursor after, std::uint32_t per_root,
                          std::uint32_t limit) override {
    TRY(reached());
    return store_->ready(pool, after, per_root, limit);
  }
  Result<std::vector<DelayRow>> delays_of(ExecutionKey owner) override {
    TRY(reached());
    return store_->delays_of(owner);
  }
  Result<std::vector<ExecutionRow>> list(const ListFilter& filter) override {
    TRY(reached());
    return store_->list(filter);
  }
  Result<void> save_backtraces(ExecutionKey key, std::span<const BacktraceRow> rows) override {
    TRY(reached());
    return store_->save_backtraces(key, rows);
  }
  Result<BacktraceRow> read_backtrace(ExecutionKey key, BacktraceAt at) override {
    TRY(reached());
    return store_->read_backtrace(key, at);
  }
  Result<void> append_logs(std::span<const LogRow> rows) override {
    TRY(reached());
    return store_->append_logs(rows);
  }
  Result<LogPage> read_logs(ExecutionKey key, std::uint64_t after, std::uint32_t limit) override {
    TRY(reached());
    return store_->read_logs(key, after, limit);
  }
  Result<DeploymentRow> save_deployment(const NewDeployment& deployment) override {
    TRY(reached());
    return store_->save_deployment(deployment);
  }
  Result<DeploymentRow> read_deployment(DeploymentId id) override {
    TRY(reached());
    return store_->read_deployment(id);
  }
  Result<std::vector<FunctionRow>> functions() override {
    TRY(reached());
    return store_->functions();
  }
  Result<Bytes> read_blob(std::string_view digest) override {
    TRY(reached());
    return store_->read_blob(digest);
  }
  Result<UpkeepState> upkeep() override {
    TRY(reached());
    return store_->upkeep();
  }
  bool congested() const override { return store_->congested(); }
  StoreCounters counters() const override { return store_->counters(); }

 private:
  Result<void> alive() const {
    if (machine_.died_) return fail(Code::unavailable, "the machine has died");
    return {};
  }

  /// A commit that fails has an unknown outcome: here it was not made.
  Result<void> reached() {
    TRY(alive());
    if (!machine_.in_turn_ || ++machine_.store_calls_ != machine_.plan_.at_call) return {};
    if (machine_.plan_.call_fails) return fail(Code::unavailable, "the store fails once");
    machine_.died_ = true;
    return alive();
  }

  std::unique_ptr<Store> store_;
  Machine& machine_;
  Claim claim_;
  bool claimed_ = false;
};

Machine::Machine(OpenStore open_store, runtime::RuntimeOptions options, CrashPlan plan)
    : open_store_(std::move(open_store)), options_(std::move(options)), plan_(plan) {}

Machine::~Machine() { crash(); }

Result<void> Machine::boot() {
  ++boots_;
  died_ = false;
  auto store = std::make_unique<CountingStore>(TRY(open_store_()), *this);
  TRY(store->take());
  store_ = std::move(store);
  const runtime::DeployedPtr deployed = TRY(deploy_components());
  engine_ = std::make_unique<runtime::LocalEngine>(
      runtime::EngineSetup{*store_, time_, bell_, options_, [this](const Error&) { died_ = true; },
                           [this](DeploymentId id) { return former(id); }});
  return engine_->open(deployed);
}

Result<runtime::DeployedPtr> Machine::deploy_components() {
  runtime::DeployedPtr deployed = TRY(golden::deploy(components, engines_, *store_, now()));
  deployments[deployed->catalog->deployment()] = components;
  return deployed;
}

Result<runtime::DeployedPtr> Machine::former(DeploymentId id) {
  return make_deployed(deployments[id], engines_, TRY(store_->read_deployment(id)));
}

Result<void> Machine::deploy() {
  engine_->deploy(TRY(deploy_components()));
  return {};
}

void add(runtime::EngineCounters& total, const runtime::EngineCounters& more) {
  total.evictions += more.evictions;
  total.replays += more.replays;
  total.ready_overflows += more.ready_overflows;
  total.store.packed_entries += more.store.packed_entries;
  total.store.wal_restarts += more.store.wal_restarts;
}

runtime::EngineCounters Machine::counters() const {
  runtime::EngineCounters total = total_;
  if (engine_ != nullptr) add(total, engine_->counters());
  return total;
}

void Machine::crash() {
  total_ = counters();
  world.forget_waiters();
  engine_.reset();
  store_.reset();
  died_ = true;
}

Result<void> Machine::stop() {
  engine_->drain();
  for (int i = 0; i < 1'000 && !engine_->drained() && !died_; ++i) pass(milliseconds(20));
  if (!died_ && !engine_->drained()) return fail(Code::internal, "the engine does not drain");
  world.forget_waiters();
  total_ = counters();
  engine_.reset();
  store_.reset();
  return {};
}

Result<void> Machine::revive() {
  if (!dead()) return {};
  crash();
  return boot();
}

void Machine::call(const std::function<void()>& what) {
  in_turn_ = true;
  what();
  in_turn_ = false;
}

bool Machine::turn() {
  in_turn_ = true;
  engine_->tend();
  bool worked = engine_->work();
  worked = engine_->commit() || worked;
  worked = engine_->write_logs() || worked;
  in_turn_ = false;
  if (world.take_crash()) died_ = true;
  return worked;
}

std::optional<Duration> Machine::next_wake() {
  const Duration wait = engine_->tend() - engine_->monotonic();
  if (wait.us > seconds(86'400 * 3650).us) return std::nullopt;
  return Duration{std::max<std::int64_t>(wait.us, 1)};
}

void Machine::settle() {
  constexpr int turns_max = 20'000;
  constexpr Duration gather_max = milliseconds(2);
  for (int i = 0; i < turns_max && !dead(); ++i) {
    if (turn()) continue;
    if (died_) return;
    if (store_->upkeep().value_or(UpkeepState::idle) == UpkeepState::more) continue;
    const auto wait = next_wake();
    if (!wait || *wait > gather_max) return;
    time_.elapsed_us += wait->us;
  }
}

void Machine::pass(Duration by) {
  const std::int64_t target = time_.elapsed_us + by.us;
  settle();
  while (!dead() && time_.elapsed_us < target) {
    const Duration wait = next_wake().value_or(by);
    time_.elapsed_us = std::min(time_.elapsed_us + wait.us, target);
    settle();
  }
  time_.elapsed_us = std::max(time_.elapsed_us, target);
}

void Machine::pass_to_next(Duration limit) {
  settle();
  if (dead()) return;
  pass(std::min(next_wake().value_or(limit), limit));
}

}  // namespace stele::golden

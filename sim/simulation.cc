// SPDX-License-Identifier: Apache-2.0
// The phases of a life.
#include "sim/simulation.h"

#include <fmt/format.h>

#include "telemetry/log.h"

namespace stele::sim {

SimResult simulate(const SimOptions& options) { return Simulation(options).run(); }

void SimTime::pass(std::int64_t us) {
  elapsed_us += us;
  ahead_us += us / 1'000 * drift_ppm / 1'000;
}

Simulation::Simulation(const SimOptions& options)
    : options_(options),
      prng_(options.seed),
      io_prng_(~options.seed),
      on_sqlite_(options.medium == Medium::sqlite ||
                 (options.medium == Medium::by_seed && options.seed % sqlite_each == 0)),
      engines_(outside_),
      runtime_options_(draw_options()),
      settings_(draw_settings()),
      // Without careful mode nothing stops one that kills the process before it is marked.
      programs_(make_programs(Prng(prng_.next()),
                              {.may_crash = runtime_options_.partition.careful_for > Duration{},
                               .dropped = options.dropped_statements})),
      disk_(make_disk()) {
  checker_.trace = options_.trace;
  auto compiled = compile_programs(engines_, programs_);
  if (compiled)
    compiled_ = std::move(*compiled);
  else
    checker_.violation("the generator made a broken program: " + compiled.error().reason);
  time_.drift_ppm = is_on(Fault::clock) ? static_cast<std::int64_t>(prng_.below(400)) - 200 : 0;
  step_us_ = static_cast<std::int64_t>(prng_.below(60));
  orders_max_ = 2 + static_cast<std::uint32_t>(prng_.below(11));
}

Simulation::~Simulation() = default;

runtime::RuntimeOptions Simulation::draw_options() {
  const auto either = [this](auto a, auto b) { return prng_.below(2) == 0 ? a : b; };
  runtime::RuntimeOptions options;
  options.batch_rows_max = either(4U, either(16U, 4'000U));
  options.batch_bytes_max = either(std::size_t{2'000}, std::size_t{4U << 20U});
  options.hot_guests_max = either(1U + static_cast<std::uint32_t>(prng_.below(3)), 1'000U);
  options.hot_calls_min = either(0U, either(2U, 32U));
  options.hot_bytes_max = either(std::uint64_t{300'000}, std::uint64_t{256} << 20U);
  options.attempts_computing_max = either(2U, 16U);
  options.timer_window = either(seconds(2), seconds(60));
  options.ready_page = either(4U, 256U);
  options.gather = either(microseconds(0), microseconds(500));
  options.seed = prng_.next();
  options.partition.seed = prng_.next();
  options.partition.ready_loaded_max = either(4U, 4'096U);
  options.partition.closing_slice = either(2U, 256U);
  options.partition.careful_for = either(seconds(0), seconds(60));
  options.partition.interruptions_max = either(6U, 32U);
  options.partition.canary = options_.canary;
  options.run.events_per_hand_over = either(3U, 100U);
  options.run.refresh_every = either(2U, 32U);
  if (on_sqlite_ && io_prng_.below(3) > 0) options.batch_rows_max = 4;
  if (on_sqlite_ && io_prng_.below(3) > 0) options.hot_guests_max = 2;
  return options;
}

Settings Simulation::draw_settings() {
  Settings settings;
  settings.retry.max_retries = static_cast<std::uint32_t>(prng_.below(4));
  settings.retry.backoff = milliseconds(1 + static_cast<std::int64_t>(prng_.below(300)));
  settings.lock_expiry = prng_.below(2) == 0 ? milliseconds(30) : seconds(1);
  if (prng_.below(3) == 0) settings.upgrade = core::UpgradeRule::by_component;
  if (prng_.below(4) == 0) settings.instances_max = 1 + static_cast<std::uint32_t>(prng_.below(3));
  return settings;
}

void Simulation::trace(std::string_view text) {
  if (options_.trace) options_.trace(fmt::format("{} us: {}", time_.elapsed_us, text));
}

SimResult Simulation::run() {
  const std::uint64_t errors = telemetry::errors_logged();
  result_.statements = programs_.statements;
  result_.workflows = programs_.workflows.front();
  if (compiled_) {
    start_node();
    wander();
    heal();
    if (checker_.violations().empty()) conclude();
    count(*node_);
    // An I/O call that fails is an error; nothing else that happens here is one.
    if (!on_sqlite_ && telemetry::errors_logged() != errors)
      checker_.violation("the engine has logged an error");
  }
  result_.orders = static_cast<std::uint32_t>(orders_.size());
  result_.violations = checker_.violations();
  result_.digest = checker_.digest();
  result_.sqlite = on_sqlite_;
  result_.batches = checker_.batches();
  result_.entries = checker_.entries();
  result_.attempts = checker_.attempts();
  result_.executions = checker_.known().size();
  return result_;
}

void Simulation::wander() {
  for (std::uint32_t i = 0; i < options_.turns && checker_.violations().empty(); ++i) {
    turn();
    if (io_prng_.below(30) == 0) repeat_report(*node_);
    if (io_prng_.below(100) == 0) settle_down();
    disturb();
    if (crash_wanted_) crash();
  }
}

/// One thing that may happen next.
void Simulation::turn() {
  Node& node = former_ && one_in(3) ? *former_ : *node_;
  switch (prng_.below(20)) {
    case 0:
    case 1: return act();
    case 2:
    case 3: return receive();
    case 4: return pass_time();
    case 5: static_cast<void>(node.engine->tend()); return;
    case 6: static_cast<void>(node.engine->write_logs()); return;
    case 7: static_cast<void>(node.store->upkeep()); return;
    case 8:
    case 9:
    case 10: static_cast<void>(node.engine->commit()); return;
    default: static_cast<void>(work(node)); return;
  }
}

bool Simulation::work(Node& node) {
  time_.pass(step_us_);
  return node.engine->work();
}

/// When there is nothing to do now and nothing was down for a while, no timer is overdue.
void Simulation::settle_down() {
  constexpr int rounds_max = 300;
  constexpr std::int64_t quiet_us = 30'000'000;
  Node& node = *node_;
  int round = 0;
  for (bool any = true; any && round < rounds_max && !crash_wanted_; ++round) {
    static_cast<void>(node.engine->tend());
    any = work(node);
    any = node.engine->commit() || any;
    const Result<UpkeepState> state = node.store->upkeep();
    any = any || (state && *state == UpkeepState::more);
    crash_wanted_ = outside_.take_crash() || crash_wanted_;
  }
  const bool rests = round < rounds_max && !crash_wanted_;
  if (rests && time_.elapsed_us - fault_us_ > quiet_us) checker_.check_timers();
}

/// Everything that can be done without time passing, up to a limit; false if there was nothing.
bool Simulation::drive() {
  static_cast<void>(node_->engine->tend());
  bool any = false;
  for (int i = 0; i < 300; ++i) {
    const bool worked = work(*node_);
    const bool committed = node_->engine->commit();
    if (outside_.take_crash() || crash_wanted_) crash();
    if (!worked && !committed) break;
    any = true;
  }
  static_cast<void>(node_->store->upkeep());
  return node_->engine->write_logs() || any;
}

/// To the next moment at which something is due, if it is near, else a little.
void Simulation::pass_time() {
  constexpr std::int64_t near_us = 200'000'000;
  constexpr std::int64_t far_us = 86'400'000'000;
  const std::int64_t next = node_->engine->tend().us;
  const std::int64_t little = 1 + static_cast<std::int64_t>(prng_.below(5'000));
  const std::int64_t ahead = next - time_.elapsed_us;
  const bool takes = ahead > little && ahead < (healing_ ? far_us : near_us);
  time_.pass(takes ? ahead : little);
}

void Simulation::heal() {
  healing_ = true;
  end_former();
  trace("heals");
  outside_.open("gate");
  const std::uint64_t batches_max = checker_.batches() + options_.heal_max;
  for (std::uint32_t round = 0; round < options_.heal_max; ++round) {
    if (checker_.batches() > batches_max) break;
    while (!wire_.empty()) receive();
    for (std::size_t i = 0; i < orders_.size(); ++i) {
      if (!orders_[i].acknowledged)
        submit(*node_, i);
      else
        await(*node_, i);
    }
    help();
    if (all_done()) return;
    drive();
    pass_time();
    if (!checker_.violations().empty()) return;
  }
  checker_.check_end();
  checker_.violation(fmt::format("the healed phase did not finish: {} batches, {} crashes, {} s",
                                 checker_.batches(), result_.crashes,
                                 time_.elapsed_us / 1'000'000));
}

bool Simulation::all_done() {
  for (const Order& order : orders_)
    if (!order.seen && !order.dropped) return false;
  for (const auto& [key, known] : checker_.known())
    if (known.row.stage != Stage::finished) return false;
  return true;
}

/// Until nothing more happens.
void Simulation::rest() {
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 50 && drive(); ++j) time_.pass(1'000);
    time_.pass(1'000'000);
  }
}

void Simulation::conclude() {
  rest();
  check_orders();
  checker_.check_end();
  const std::uint64_t in_memory = node_->engine->counters().executions_in_memory;
  if (in_memory != 0) checker_.violation(fmt::format("{} executions stay in memory", in_memory));
  if (checker_.violations().empty()) replay_all();
  if (checker_.violations().empty()) drain();
  checker_.compare(*node_->store);
}

/// Each finished workflow, against the code that it ended with.
void Simulation::replay_all() {
  for (std::size_t version = 0; version < versions; ++version) {
    bool deployed = false;
    for (const auto& [key, known] : checker_.known()) {
      const auto own = deployments_.find(known.row.deployment);
      const std::size_t wanted = own == deployments_.end() ? 0 : own->second;
      const bool spins = checker_.name_of(known.row.function) == spinner;
      if (known.row.pool != Pool::workflow || wanted != version || spins) continue;
      if (!deployed) deploy(version);
      deployed = true;
      replay_one(known);
    }
  }
}

void Simulation::replay_one(const Known& known) {
  std::optional<Result<runtime::ReplayReport>> report;
  node_->engine->replay(
      known.row.id, [&report](Result<runtime::ReplayReport> done) { report = std::move(done); });
  for (int i = 0; i < 3'000 && !report; ++i) static_cast<void>(work(*node_));
  if (!report) return checker_.violation("a replay does not end: " + to_text(known.row.id));
  ++result_.replays;
  const bool fickle = checker_.name_of(known.row.function).starts_with(fickle_interface);
  if (*report && ((*report)->equal || fickle)) return;
  checker_.violation(fmt::format("{} replays differently: {}", to_text(known.row.id),
                                 *report ? (*report)->difference : report->error().reason));
}

/// A failed sync of before may come to light with the last commit; then the next process drains.
void Simulation::drain() {
  std::optional<std::uint64_t> draining;
  for (int i = 0; i < 1'000 && !(draining == life() && node_->engine->drained()); ++i) {
    if (draining != life()) node_->engine->drain();
    draining = life();
    if (!drive()) pass_time();
  }
  if (!node_->engine->drained() || !checker_.clean()) checker_.violation("the drain is not clean");
}

}  // namespace stele::sim

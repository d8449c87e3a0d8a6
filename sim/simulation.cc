// SPDX-License-Identifier: Apache-2.0
#include "sim/simulation.h"

#include <fmt/format.h>

namespace stele::sim {

SimResult simulate(const SimOptions& options) { return Simulation(options).run(); }

Simulation::Simulation(const SimOptions& options)
    : options_(options),
      prng_(options.seed),
      engines_(outside_),
      runtime_options_(draw_options(prng_, options.canary)),
      // Without careful mode nothing stops one that kills the process before it is marked.
      programs_(make_programs(prng_, runtime_options_.partition.careful_for > Duration{})),
      disk_(make_memory_content()) {
  auto compiled = compile_programs(engines_, programs_,
                                   [this](std::string_view function, std::string_view params) {
                                     checker_.see_attempt(function, params, time_.wall());
                                   });
  if (compiled)
    compiled_ = std::move(*compiled);
  else
    checker_.violation("the generator made a broken program: " + compiled.error().reason);
}

Simulation::~Simulation() = default;

runtime::RuntimeOptions Simulation::draw_options(Prng& prng, core::Canary canary) {
  const auto either = [&prng](auto a, auto b) { return prng.below(2) == 0 ? a : b; };
  runtime::RuntimeOptions options;
  options.batch_rows_max = either(8U, 4'000U);
  options.hot_guests_max = either(2U, 1'000U);
  options.timer_window = either(seconds(2), seconds(60));
  options.ready_page = either(4U, 256U);
  options.seed = prng.next();
  options.partition.seed = prng.next();
  options.partition.ready_loaded_max = either(4U, 4'096U);
  options.partition.closing_slice = either(2U, 256U);
  options.partition.careful_for = either(seconds(0), seconds(60));
  options.partition.canary = canary;
  options.run.events_per_hand_over = either(3U, 100U);
  options.run.refresh_every = either(2U, 32U);
  return options;
}

SimResult Simulation::run() {
  if (!compiled_.workflows) {
    result_.violations = checker_.violations();
    return result_;
  }
  start_node();
  wander();
  heal();
  if (checker_.violations().empty()) replay_all();
  if (checker_.violations().empty()) drain();
  count_node();
  result_.violations = checker_.violations();
  result_.digest = checker_.digest();
  result_.batches = checker_.batches();
  result_.executions = disk_->rows.size();
  return result_;
}

void Simulation::wander() {
  for (std::uint32_t i = 0; i < options_.turns; ++i) {
    turn();
    if (outside_.take_crash()) crash_wanted_ = true;
    if (prng_.below(400) == 0) crash_wanted_ = true;
    if (prng_.below(1'000) == 0) restart_cleanly();
    if (crash_wanted_) crash();
    if (prng_.below(2'000) == 0) outside_.open("gate");
  }
}

/// One thing that may happen next.
void Simulation::turn() {
  switch (prng_.below(16)) {
    case 0: return submit_something();
    case 1: return prng_.below(10) == 0 ? cancel_something() : pass_time();
    case 2: static_cast<void>(engine_->tend()); return;
    case 3: static_cast<void>(engine_->write_logs()); return;
    case 4:
    case 5:
    case 6: static_cast<void>(engine_->commit()); return;
    default: static_cast<void>(engine_->work()); return;
  }
}

/// Everything that can be done without time passing; false if there was nothing.
bool Simulation::drive() {
  static_cast<void>(engine_->tend());
  bool any = false;
  for (int i = 0; i < 2'000; ++i) {
    const bool worked = engine_->work();
    const bool committed = engine_->commit();
    if (outside_.take_crash()) crash();
    if (!worked && !committed) break;
    any = true;
  }
  return engine_->write_logs() || any;
}

void Simulation::pass_time() {
  const std::int64_t next = engine_->tend().us;
  const std::int64_t now = time_.elapsed_us;
  const std::int64_t little = now + 1 + static_cast<std::int64_t>(prng_.below(5'000));
  time_.elapsed_us = next > little && next < now + 200'000'000 ? next : little;
}

void Simulation::heal() {
  healing_ = true;
  outside_.open("gate");
  const std::uint64_t batches_max = checker_.batches() + options_.heal_max;
  for (std::uint32_t round = 0; round < options_.heal_max; ++round) {
    if (checker_.batches() > batches_max) break;
    for (std::size_t i = 0; i < orders_.size(); ++i) {
      if (!orders_[i].acknowledged)
        submit(i);
      else
        await(i);
    }
    if (all_done()) return check_orders();
    if (!drive()) pass_time();
    if (!checker_.violations().empty()) return;
  }
  for (const auto& [key, row] : disk_->rows) {
    if (row.stage != Stage::finished)
      checker_.violation(fmt::format("{} did not finish: stage {}, key {}", to_text(row.id),
                                     static_cast<int>(row.stage), key.value));
  }
  checker_.violation(fmt::format("the healed phase did not finish: {} batches, {} crashes, {} s",
                                 checker_.batches(), result_.crashes,
                                 time_.elapsed_us / 1'000'000));
}

bool Simulation::all_done() {
  for (const Order& order : orders_)
    if (!order.seen) return false;
  const Lock lock(disk_->mutex);
  for (const auto& [key, row] : disk_->rows)
    if (row.stage != Stage::finished) return false;
  return true;
}

void Simulation::replay_all() {
  std::vector<ExecutionId> finished;
  for (const auto& [key, row] : disk_->rows)
    if (row.pool == Pool::workflow) finished.push_back(row.id);
  for (const ExecutionId& id : finished) {
    std::optional<Result<runtime::ReplayReport>> report;
    engine_->replay(id,
                    [&report](Result<runtime::ReplayReport> done) { report = std::move(done); });
    for (int i = 0; i < 1'000 && !report; ++i) static_cast<void>(engine_->work());
    if (!report) {
      checker_.violation("a replay does not end: " + to_text(id));
      return;
    }
    if (!*report || !(*report)->equal)
      checker_.violation(fmt::format("{} replays differently: {}", to_text(id),
                                     *report ? (*report)->difference : report->error().reason));
    ++result_.replays;
  }
}

void Simulation::drain() {
  engine_->drain();
  for (int i = 0; i < 1'000 && !engine_->drained(); ++i)
    if (!drive()) pass_time();
  if (!engine_->drained() || !disk_->clean) checker_.violation("the drain is not clean");
}

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// The processes of a simulation: their stores and engines, what goes wrong with them, and crashes.
#include <fmt/format.h>

#include "sim/simulation.h"

namespace stele::sim {
namespace {

/// Shows each report of a guest on its way to the partition.
class Relay final : public runtime::Reports {
 public:
  Relay(runtime::Reports& partition, std::function<void(const core::Input&)> hear)
      : partition_(partition), hear_(std::move(hear)) {}
  void post(runtime::Message message) override {
    if (const auto* input = std::get_if<core::Input>(&message)) hear_(*input);
    partition_.post(std::move(message));
  }

 private:
  runtime::Reports& partition_;
  std::function<void(const core::Input&)> hear_;
};

}  // namespace

std::unique_ptr<Node> Simulation::make_node() {
  auto node = std::make_unique<Node>();
  Result<std::unique_ptr<Store>> store = disk_->open();
  if (!store) return nullptr;
  checker_.settle_by(**store);
  checker_.begin_life();
  node->store = std::make_unique<WatchedStore>(std::move(*store), checker_, hooks_of(*node));
  Node* raw = node.get();
  const auto begun = [this, raw](wasm::ComponentKind kind, std::string_view function,
                                 std::string_view params) {
    return begin_guest(*raw, kind, function, params);
  };
  const auto former = [this, raw, begun](DeploymentId id) -> Result<runtime::DeployedPtr> {
    const DeploymentRow row = TRY(raw->store->read_deployment(id));
    return make_deployed(row, (*compiled_)[deployments_[id]], settings_, begun);
  };
  node->engine = std::make_unique<runtime::LocalEngine>(runtime::EngineSetup{
      *node->store, time_, bell_, runtime_options_,
      [this](const Error& error) {
        trace("the engine gives up: " + error.reason);
        crash_wanted_ = true;
      },
      former,
      [this, raw](runtime::Reports& partition) {
        raw->partition = &partition;
        return std::make_unique<Relay>(
            partition, [this, raw](const core::Input& input) { hear(*raw, input); });
      }});
  const auto deployed = deploy_programs(*node->store, (*compiled_)[version_], settings_, begun);
  if (!deployed) return nullptr;
  deployments_[(*deployed)->catalog->deployment()] = version_;
  const auto functions = node->store->functions();
  if (functions) checker_.name_functions(*functions);
  if (!node->engine->open(*deployed)) return nullptr;
  return node;
}

std::unique_ptr<Disk> Simulation::make_disk() {
  if (!on_sqlite_) return make_memory_disk();
  return make_sqlite_disk({.seed = io_prng_.next(),
                           .choose = [this](IoCall call) { return choose_io(call); },
                           .monotonic_us = [this] { return time_.elapsed_us; },
                           .canary = options_.store_canary});
}

void Simulation::start_node() {
  for (int tries = 0; tries < 100; ++tries) {
    node_ = make_node();
    if (node_) return;
    trace("a start fails");
    if (on_sqlite_) time_.pass(1'000'000);
    crash_wanted_ = false;
    disk_->crash();
  }
  checker_.violation("the node does not start");
}

StoreHooks Simulation::hooks_of(Node& node) {
  return {.choose = [this] { return choose_fate(); },
          .read_fails =
              [this] {
                const bool fails = !healing_ && is_on(Fault::read) && one_in(3'000);
                if (fails) note_fault();
                return fails;
              },
          .claimed =
              [this, &node](const Claim& claim) {
                const Duration careful = runtime_options_.partition.careful_for;
                const bool first = !std::exchange(node.has_claimed, true);
                if (!first || claim.clean || careful == Duration{}) return;
                node.careful_until_us = time_.elapsed_us + 1'000'000;
              },
          .meanwhile = [this, &node] { meanwhile(node); }};
}

/// A report of a guest, and perhaps once more later, in this life or another one.
void Simulation::hear(Node& node, const core::Input& report) {
  constexpr std::size_t heard_max = 16;
  const auto* ended = std::get_if<core::AttemptEnded>(&report);
  using Kind = core::AttemptEnded::Kind;
  const bool counts = ended != nullptr && ended->kind != Kind::interrupted &&
                      ended->kind != Kind::not_started && node.is_owner;
  if (counts) checker_.see_report(ended->key);
  const bool is_known = counts || std::holds_alternative<core::RunStopped>(report);
  if (!is_on(Fault::repeat) || io_prng_.below(4) > 0) return;
  Heard heard{report, life(), is_known};
  if (heard_.size() < heard_max)
    heard_.push_back(std::move(heard));
  else
    heard_[io_prng_.below(heard_max)] = std::move(heard);
}

void Simulation::repeat_report(Node& node) {
  if (heard_.empty() || !is_on(Fault::repeat)) return;
  const Heard& heard = heard_[io_prng_.below(heard_.size())];
  if (!heard.is_known && heard.life == life()) return;
  node.partition->post(core::Input(heard.report));
}

/// Others work while a commit is on its way.
void Simulation::meanwhile(Node& node) {
  if (!is_on(Fault::overlap) || !node.engine) return;
  // A slow commit: timers become due and windows move meanwhile.
  const bool is_slow = !healing_ && io_prng_.below(25) == 0;
  if (is_slow) time_.pass(static_cast<std::int64_t>(io_prng_.below(3'000'000)));
  if (is_slow) static_cast<void>(node.engine->tend());
  for (std::uint64_t i = prng_.below(6); i > 0; --i) {
    time_.pass(step_us_);
    static_cast<void>(node.engine->work());
  }
}

Result<void> Simulation::begin_guest(const Node& node, wasm::ComponentKind kind,
                                     std::string_view function, std::string_view params) {
  if (!healing_ && is_on(Fault::shortage) && one_in(150))
    return fail(Code::resource_exhausted, "no guest can be made now");
  if (kind == wasm::ComponentKind::activity)
    checker_.see_attempt(
        function, params,
        {.by_owner = node.is_owner, .careful = time_.elapsed_us < node.careful_until_us});
  return {};
}

void Simulation::count(Node& node) {
  const runtime::EngineCounters counters = node.engine->counters();
  result_.evictions += counters.evictions;
  result_.overflows += counters.ready_overflows;
  result_.packed += counters.store.packed_entries;
  result_.emptied += counters.store.tails_emptied;
  result_.wal_restarts += counters.store.wal_restarts;
}

/// A drain, with whatever goes wrong meanwhile, then the next process.
void Simulation::restart_cleanly() {
  trace("drains");
  node_->engine->drain();
  for (int i = 0; i < 300 && !node_->engine->drained() && !crash_wanted_; ++i)
    if (!drive()) pass_time();
  if (checker_.clean()) ++result_.clean_stops;
  end_process(node_->engine->drained() && one_in(2));
}

/// What a kill leaves is the disk; the client learns that its connections are gone.
void Simulation::end_process(bool closes) {
  trace(closes ? "ends" : "crashes");
  crash_wanted_ = false;
  ++result_.crashes;
  end_former();
  count(*node_);
  if (!closes) disk_->crash();
  std::unique_ptr<Node> dead = std::move(node_);
  dead.reset();
  if (closes) disk_->crash();
  outside_.crash();
  static_cast<void>(outside_.take_crash());
  if (!healing_ && is_on(Fault::redeploy) && one_in(6)) {
    version_ = prng_.below(versions);
    ++result_.redeploys;
  }
  runtime_options_.seed = prng_.next();
  start_node();
  note_fault();
}

/// Another process claims the partition while the former one still lives.
void Simulation::take_over() {
  if (former_ || !disk_->shared()) return;
  trace("is taken over");
  ++result_.take_overs;
  std::unique_ptr<Node> next = make_node();
  if (!next) return;
  node_->is_owner = false;
  node_->store->supersede();
  former_ = std::exchange(node_, std::move(next));
  note_fault();
}

void Simulation::end_former() {
  if (!former_) return;
  trace("the former owner ends");
  count(*former_);
  std::unique_ptr<Node> dead = std::move(former_);
  dead.reset();
  outside_.forget_waiters();
}

void Simulation::deploy(std::size_t version) {
  version_ = version;
  Node* raw = node_.get();
  const auto begun = [this, raw](wasm::ComponentKind kind, std::string_view function,
                                 std::string_view params) {
    return begin_guest(*raw, kind, function, params);
  };
  const auto deployed = deploy_programs(*node_->store, (*compiled_)[version_], settings_, begun);
  if (!deployed) return;
  deployments_[(*deployed)->catalog->deployment()] = version_;
  node_->engine->deploy(*deployed);
}

void Simulation::redeploy() {
  ++result_.redeploys;
  const std::size_t version = prng_.below(versions);
  trace(fmt::format("deploys version {}", version));
  deploy(version);
}

/// What may go wrong at any moment.
void Simulation::disturb() {
  if (outside_.take_crash()) crash_wanted_ = true;
  if (one_in(2'000)) outside_.open("gate");
  switch (prng_.below(4'000)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5: crash_wanted_ = crash_wanted_ || is_on(Fault::crash); return;
    case 6:
    case 7:
      if (is_on(Fault::restart)) restart_cleanly();
      return;
    case 8:
    case 9:
      if (is_on(Fault::full_disk))
        full_until_us_ = time_.elapsed_us + static_cast<std::int64_t>(prng_.below(20'000'000));
      return;
    case 10:
    case 11: return disturb_clock();
    case 12:
    case 13:
      if (is_on(Fault::take_over)) take_over();
      return;
    case 14:
    case 15:
    case 16:
      if (is_on(Fault::redeploy) && !former_) redeploy();
      return;
    default: break;
  }
  if (former_ && one_in(60)) end_former();
}

void Simulation::disturb_clock() {
  if (!is_on(Fault::clock)) return;
  constexpr std::int64_t sizes[] = {1'000'000, 20'000'000, 3'600'000'000};
  const std::int64_t size = sizes[prng_.below(3)];
  time_.ahead_us += one_in(2) ? size : -size;
  node_->careful_until_us = 0;
  note_fault();
  trace("the clock jumps");
}

/// Of a call of SQLite.
IoFate Simulation::choose_io(IoCall /*call*/) {
  if (healing_) return IoFate::kept;
  if (time_.elapsed_us < full_until_us_) {
    note_fault();
    return IoFate::full;
  }
  const std::uint64_t drawn = io_prng_.below(6'000);
  if (drawn >= 5 || !is_on(Fault::io)) return IoFate::kept;
  trace(fmt::format("an I/O call has fate {}", drawn));
  note_fault();
  if (drawn == 0) return IoFate::full;
  if (drawn == 1) return IoFate::failed;
  if (!is_on(Fault::crash)) return IoFate::kept;
  ++result_.power_cuts;
  crash_wanted_ = true;
  return IoFate::cut;
}

CommitFate Simulation::choose_fate() {
  if (healing_) return CommitFate::kept;
  // A commit of SQLite meets the full disk by itself.
  if (!on_sqlite_ && time_.elapsed_us < full_until_us_) {
    ++result_.faults;
    note_fault();
    return CommitFate::failed;
  }
  const std::uint64_t drawn = prng_.below(300);
  if (drawn >= 9 || !is_on(Fault::commit)) return CommitFate::kept;
  ++result_.faults;
  note_fault();
  // The process dies right before or after this commit.
  if (is_on(Fault::crash) && one_in(2)) crash_wanted_ = true;
  trace(fmt::format("the commit has fate {}", drawn / 3));
  if (drawn < 3) return CommitFate::failed;
  return drawn < 6 ? CommitFate::dropped : CommitFate::unheard;
}

}  // namespace stele::sim

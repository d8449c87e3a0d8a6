// SPDX-License-Identifier: Apache-2.0
// Owns: a walk through a partition: any input at any time, crashes among them; then everything must
//   finish. Life cycle: one for each test or fuzz input. Thread: one.
// Must hold: it goes where `Draw` sends it and nowhere else, so that the same draws are the same
//   walk; its runs and attempts behave as the runtime's would.
#pragma once

#include <functional>

#include "core/partition_test_script.h"

namespace stele::core {

/// A number below the bound.
using Draw = std::function<std::uint64_t(std::uint64_t)>;

struct HotRun {
  RunNumber run{};
  bool parked = false;
  std::uint32_t next_set = 0;
};

class Walk {
 public:
  Walk(std::uint64_t seed, Draw draw)
      : world_({.ready_loaded_max = seed % 2 == 0 ? 3U : 4096U,
                .interruptions_max = 1000,
                .interruptions_alone = seed % 3 == 0 ? 1U : 1000U,
                .closing_slice = 2,
                .seed = seed}),
        draw_(std::move(draw)) {}

  void wander(int steps) {
    for (int i = 0; i < steps; ++i) {
      act();
      take_effects();
    }
  }
  /// What a kill leaves.
  void crash() {
    world_.crash(draw(2) == 0);
    runs_.clear();
    attempts_.clear();
    interrupted_.clear();
    fresh_replays_.clear();
    timers_.clear();
    for (const auto& [key, delay] : world_.delays)
      if (!delay.paused)
        timers_.emplace(delay.expires, TimerDue{delay.expires, delay.owner, delay});
    for (const auto& [key, row] : world_.rows)
      if (row.stage == Stage::waiting) timers_.emplace(row.wake, TimerDue{row.wake, key, {}});
  }
  /// No faults any more: all executions must finish.
  void heal() {
    healing_ = true;
    unpause_all();
    for (int round = 0; round < 400 && !all_finished(); ++round) {
      advance_all();
      world_.commit();
      take_effects();
      load();
      fire_next();
    }
    for (const auto& [key, row] : world_.rows)
      EXPECT_EQ(row.stage, Stage::finished) << to_text(row.id) << " key " << key.value;
    check_histories();
    EXPECT_EQ(world_.delays.size(), 0U);
    world_.step(Tick{});
    EXPECT_EQ(world_.partition->counters().executions_in_memory, 0U);
  }

 private:
  std::uint64_t draw(std::uint64_t bound) { return draw_(bound); }

  void act() {
    switch (draw(15)) {
      case 0:
        return submit(world_, 1 + draw(6), FunctionId{1 + static_cast<std::uint32_t>(draw(3))});
      case 1:
      case 2: return world_.commit();
      case 3: return cancel();
      case 4: return draw(4) == 0 ? crash() : load();
      case 5: return fire_next();
      case 6: return drop_or_stop();
      case 7: return stale();
      case 8: return world_.step(Tick{});
      case 9: return pause_or_not();
      case 10: return meddle();
      default: return draw(2) == 0 ? advance_attempt() : advance_run();
    }
  }
  void take_effects() {
    while (!world_.now.empty() || !world_.held.empty()) {
      for (NowEffect& effect : std::exchange(world_.now, {}))
        std::visit([this](auto& known) { take(known); }, effect);
      for (HeldEffect& effect : std::exchange(world_.held, {}))
        std::visit([this](auto& known) { take(known); }, effect);
    }
  }
  void take(const StartFirstRun& start) { runs_[start.key] = {start.run, false, 0}; }
  void take(const StartReplay& start) {
    if (interrupted_.erase({start.key, start.run}) > 0)
      return world_.step(RunDropped{start.key, world_.incarnation(), start.run});
    std::uint32_t sets = 0;
    for (const Entry& entry : world_.histories[start.key])
      sets += std::holds_alternative<JoinSetCreate>(entry.body) ||
              std::holds_alternative<DirectCall>(entry.body) ||
              std::holds_alternative<Sleep>(entry.body);
    runs_[start.key] = {start.run, false, sets};
    fresh_replays_.insert(start.key);
    if (draw(8) != 0) return;
    const auto result = static_cast<ComponentUpgrade::Result>(1 + 3 * draw(2));
    world_.step(UpgradeChecked{
        start.key, start.incarnation, start.run, {"sha256:00", DeploymentId{1}, result, {}}});
  }
  void take(const FindTarget& wanted) {
    TargetFound found{.key = wanted.key,
                      .incarnation = wanted.incarnation,
                      .run = wanted.run,
                      .stub = wanted.stub,
                      .value = wanted.value};
    if (draw(3) == 0) found.state = static_cast<TargetFound::State>(draw(5));
    for (const auto& [key, row] : world_.rows) {
      if (row.pool != Pool::none || row.stage == Stage::finished) continue;
      found.state = TargetFound::State::open;
      found.target = key;
    }
    world_.step(found);
  }
  void take(const Resume& resume) {
    const auto found = runs_.find(resume.key);
    if (found == runs_.end()) return;  // dropped while its resume was held
    if (found->second.run != resume.run) return;
    EXPECT_TRUE(found->second.parked);
    found->second.parked = false;
  }
  void take(const StartAttempt& start) {
    EXPECT_TRUE(world_.rows.contains(start.key)) << "started before its commit";
    EXPECT_TRUE(attempts_.insert_or_assign(start.key, start).second) << "two attempts at once";
    if (interrupted_.erase({start.key, start.attempt}) > 0)
      end_attempt(start.key, AttemptEnded::Kind::interrupted);
  }
  void take(const Interrupt& interrupt) {
    if (runs_.erase(interrupt.key) > 0) {
      fresh_replays_.erase(interrupt.key);
      return world_.step(RunDropped{interrupt.key, world_.incarnation(), interrupt.run});
    }
    if (attempts_.contains(interrupt.key))  // whatever it was about to say
      return end_attempt(interrupt.key, static_cast<AttemptEnded::Kind>(draw(6)));
    interrupted_.insert({interrupt.key, interrupt.run});
  }
  void take(const SetTimer& timer) { timers_.emplace(timer.due.at, timer.due); }
  template <typename Other>
  void take(const Other& /*effect*/) {}

  void end_attempt(ExecutionKey key, AttemptEnded::Kind kind) {
    AttemptEnded report = returned(world_, attempts_.at(key), ok_outcome());
    attempts_.erase(key);
    report.kind = kind;
    if (!healing_ && kind == AttemptEnded::Kind::returned && draw(3) == 0)
      report.outcome = err_outcome("1");
    world_.step(report);
  }
  template <typename Map>
  typename Map::const_iterator pick(const Map& map) {
    auto place = map.begin();
    std::advance(place, static_cast<std::ptrdiff_t>(draw(map.size())));
    return place;
  }
  void advance_attempt() {
    if (attempts_.empty()) return;
    const auto kind =
        draw(2) == 0 ? AttemptEnded::Kind::returned : static_cast<AttemptEnded::Kind>(draw(6));
    end_attempt(pick(attempts_)->first, kind);
  }
  void advance_run() {
    if (runs_.empty()) return;
    const ExecutionKey key = pick(runs_)->first;
    if (!runs_.at(key).parked) advance(key, draw(8));
  }
  /// A set that the history says the run is held up by.
  std::optional<std::pair<JoinSetOrdinal, bool>> held_up_by(ExecutionKey key) {
    const Book book = world_.book(key);
    for (const auto& [set, open] : book.open_sets())
      if (!book.satisfied(set)) return std::pair(set, open.closing);
    return std::nullopt;
  }
  void advance(ExecutionKey key, std::uint64_t how) {
    HotRun& run = runs_.at(key);
    const std::uint32_t number = run.run.value;
    if (fresh_replays_.erase(key) > 0) {
      if (const auto set = held_up_by(key)) {
        run.parked = true;
        return world_.step(set->second ? closing(world_, key, number, {}, set->first.value)
                                       : blocked(world_, key, number, {}, set->first.value));
      }
    }
    const bool deep = world_.partition->peek(key)->id.suffix.size() > 40;
    if (how == 7 && !deep) return give_value(key);
    if (how >= 5 || deep) {
      runs_.erase(key);
      return world_.step(ended(world_, key, number, {}, ok_outcome()));
    }
    const std::uint32_t set = run.next_set++;
    const Instant later = world_.clock + seconds(static_cast<std::int64_t>(draw(4)));
    run.parked = how != 4;
    if (how == 0) return world_.step(blocked(world_, key, number, {sleep_for(set, later)}, set));
    if (how == 1) return world_.step(blocked(world_, key, number, {call(set, function())}, set));
    std::vector<RunRequest> requests{create(set), child(set, 1, function()), delay(set, 1, later),
                                     child(set, 2, function()), child(set, 3, function())};
    if (how == 2) requests.push_back(join_next(set));
    if (how == 2) return world_.step(blocked(world_, key, number, requests, set));
    if (how == 3) return world_.step(closing(world_, key, number, requests, set));
    world_.step(advanced(world_, key, number, requests));
  }
  /// To a stub of its own, or to any other.
  void give_value(ExecutionKey key) {
    HotRun& run = runs_.at(key);
    run.parked = true;
    RunRequest stub;
    stub.body = Stub{};
    stub.value = ok_outcome("8");
    if (draw(2) == 0) return world_.step(advanced(world_, key, run.run.value, {stub}));
    const std::uint32_t set = run.next_set++;
    stub.own_child = OwnChild{JoinSetOrdinal{set}, 1};
    world_.step(
        advanced(world_, key, run.run.value,
                 {create(set), child(set, 1, draw(2) == 0 ? stub_function : function()), stub}));
  }
  /// Requests from outside that change what is in motion.
  void meddle() {
    if (world_.rows.empty()) return;
    const auto& [key, row] = *pick(world_.rows);
    if (draw(2) == 0) return world_.step(Complete{9, key, ok_outcome(), {"walk", ""}});
    if (draw(2) == 0)
      return world_.step(Upgrade{
          9, key, 0, {"sha256:00", DeploymentId{1}, ComponentUpgrade::Result::manual, {}}, {}});
    advance_dry(key);
  }
  void advance_dry(ExecutionKey key) {
    if (held_up_by(key)) return;  // such a dry run captures nothing
    std::uint32_t sets = 0;
    HistoryHead head;
    for (const Entry& entry : world_.histories[key]) {
      sets += std::holds_alternative<JoinSetCreate>(entry.body) ||
              std::holds_alternative<DirectCall>(entry.body) ||
              std::holds_alternative<Sleep>(entry.body);
      head = after(entry, head);
    }
    Advance input{.request = 9, .key = key, .version = head.version, .by = {"walk", ""}};
    input.advanced.requests = {create(sets), child(sets, 1, function()),
                               delay(sets, 1, world_.clock)};
    for (RunRequest& request : input.advanced.requests) request.paused = draw(2) == 0;
    input.advanced.set = JoinSetOrdinal{sets};
    input.advanced.state = static_cast<RunState>(draw(4));
    world_.step(input);
  }
  void pause_or_not() {
    if (draw(4) == 0 && !world_.delays.empty()) {
      PauseDelay input{9, pick(world_.delays)->second, {}};
      input.delay.paused = draw(2) == 0;
      return world_.step(input);
    }
    if (world_.rows.empty()) return;
    const ExecutionKey key = pick(world_.rows)->first;
    if (draw(2) == 0)
      world_.step(Pause{9, key, {"walk", ""}});
    else
      world_.step(Unpause{9, key, {"walk", ""}});
  }
  void unpause_all() {
    world_.commit();
    take_effects();
    for (const auto& [key, row] : world_.rows) world_.step(Unpause{9, key, {"walk", ""}});
    for (auto [key, delay] : world_.delays) {
      delay.paused = false;
      world_.step(PauseDelay{9, delay, {}});
    }
    take_effects();
  }
  FunctionId function() { return FunctionId{1 + static_cast<std::uint32_t>(draw(4))}; }

  void cancel() {
    if (world_.rows.empty()) return;
    const auto& [key, row] = *pick(world_.rows);
    world_.step(Cancel{9, key, {"walk", ""}});
  }
  void load() {
    world_.admit(Pool::workflow);
    world_.admit(Pool::activity);
  }
  void fire_next() {
    if (timers_.empty()) return;
    const TimerDue due = timers_.begin()->second;
    timers_.erase(timers_.begin());
    world_.fire(due);
  }
  void drop_or_stop() {
    if (runs_.empty()) return;
    const auto [key, run] = *pick(runs_);
    runs_.erase(key);
    fresh_replays_.erase(key);
    if (draw(2) == 0)
      world_.step(RunDropped{key, world_.incarnation(), run.run});
    else
      world_.step(RunStopped{key, world_.incarnation(), run.run, "walk"});
  }
  void stale() {
    const ExecutionKey key{1 + static_cast<std::int64_t>(draw(9))};
    world_.step(AttemptEnded{.key = key, .incarnation = Incarnation{77}});
    world_.step(blocked(world_, key, 4711, {call(99)}, 99));
  }
  void advance_all() {
    while (!attempts_.empty()) end_attempt(attempts_.begin()->first, AttemptEnded::Kind::returned);
    std::vector<ExecutionKey> able;
    for (const auto& [key, run] : runs_)
      if (!run.parked) able.push_back(key);
    for (const ExecutionKey key : able)
      if (runs_.contains(key)) {
        advance(key, 5);
        take_effects();
      }
    for (const auto& [key, row] : world_.rows)
      if (row.stage == Stage::held) world_.step(Cancel{0, key, {"walk", ""}});
    take_effects();
  }
  bool all_finished() const {
    return std::ranges::all_of(
               world_.rows, [](const auto& row) { return row.second.stage == Stage::finished; }) &&
           world_.partition->open_rows() == 0;
  }
  /// Each child has answered once, where its row says; no parent ended before its children.
  void check_histories() {
    for (const auto& [key, row] : world_.rows) {
      if (!row.parent) continue;
      const Entry& entry = world_.histories[row.parent].at(row.response_position);
      EXPECT_EQ(std::get<ChildResponse>(entry.body).child, key);
      EXPECT_LE(row.finished, world_.rows.at(row.parent).finished);
    }
  }

  World world_;
  Draw draw_;
  bool healing_ = false;
  std::map<ExecutionKey, HotRun> runs_;
  std::map<ExecutionKey, StartAttempt> attempts_;
  std::set<std::pair<ExecutionKey, RunNumber>> interrupted_;
  std::set<ExecutionKey> fresh_replays_;
  std::multimap<Instant, TimerDue> timers_;
};

}  // namespace stele::core

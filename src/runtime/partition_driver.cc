// SPDX-License-Identifier: Apache-2.0
// Taking the partition, stepping it, letting it go.
#include "runtime/partition_driver.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/check.h"
#include "base/trace.h"
#include "runtime/targets.h"
#include "runtime/trace_points.h"
#include "telemetry/log.h"

namespace stele::runtime {
namespace {

constexpr std::size_t spent_effects_max = 16'384;
constexpr int loads_per_step_max = 1'000;
constexpr std::uint32_t book_page = 4'096;
constexpr Duration congested_pause = milliseconds(1);

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

/// Its guest waits for nothing but that this was taken.
bool goes_on(const core::Advanced& advanced) {
  if (advanced.state != core::RunState::running || advanced.read_back) return false;
  if (advanced.requests.empty()) return true;
  const core::RunRequest& last = advanced.requests.back();
  const auto* stub = std::get_if<Stub>(&last.body);
  const auto* schedule = std::get_if<Schedule>(&last.body);
  const bool waits = (stub != nullptr && !stub->refused) ||
                     (schedule != nullptr && last.chosen_id && !schedule->refused);
  return !waits;
}

}  // namespace

PartitionDriver::PartitionDriver(Setup setup) : setup_(std::move(setup)) {}

void PartitionDriver::post(Message message) {
  trace_posted(message);
  const Lock lock(mutex_);
  inbox_.push_back(std::move(message));
}

bool PartitionDriver::take() {
  const Lock lock(mutex_);
  if (taken_ || closed_ || dead_) return false;
  const bool due = wake_at_ <= monotonic();
  if (inbox_.empty() && commit_state_ != CommitState::ended && !due && !drain_wanted_) return false;
  if (blocked_ && commit_state_ != CommitState::ended && !due) return false;
  taken_ = true;
  return true;
}

bool PartitionDriver::let_go() {
  const Instant wake_at = wake_time();
  const Lock lock(mutex_);
  if (dead_ || closed_) {  // what is queued will never be taken
    taken_ = false;
    return true;
  }
  if (commit_state_ == CommitState::ended) return false;
  blocked_ = !queue_.empty();
  const bool commits = commit_state_ == CommitState::waiting;  // that goes before what came in
  if (!blocked_ && !commits && !inbox_.empty()) return false;
  wake_at_ = wake_at;
  if (partition_) counters_.partition = partition_->counters();
  taken_ = false;
  return true;
}

bool PartitionDriver::pump() {
  if (!take()) return false;
  const TraceSpan span("hold the partition");
  for (bool gone = false; !gone;) {
    try {
      while (held_pump()) {
      }
    } catch (const std::bad_alloc&) {
      fall(error(Code::unavailable, "out of memory"));
    }
    Outgoing outgoing = std::exchange(outgoing_, {});
    gone = let_go();
    tell(std::move(outgoing));
  }
  return true;
}

/// One round of everything; true if another one may find more, and no batch waits to be committed.
bool PartitionDriver::held_pump() {
  if (dead_ || closed()) return false;
  bool more = finish_commit();
  if (dead_ || closed()) return false;
  if (!partition_) {
    more |= rise();
    more |= step_queue();
    return more;
  }
  more |= fire_timers();
  more |= step_queue();
  if (!partition_) return true;
  more |= load_ready();
  if (!partition_) return true;
  more |= drain_further();
  return !close_batch() && more;
}

Instant PartitionDriver::wake_time() {
  const Instant now = monotonic();
  if (dead_) return instant_max;
  if (!partition_) return rise_at_;
  const Instant clock = setup_.clock.now();
  Instant at = std::min(timers_.next(), tick_at_);
  at = at <= clock ? now : now + (at - clock);
  if (gather_until_) at = std::min(at, *gather_until_);
  if (!queue_.empty() || !may_step()) return now + congested_pause;
  if (draining_ && !clean_stop_sent_) at = std::min(at, now + congested_pause);
  return at;
}

void PartitionDriver::tell(Outgoing outgoing) {
  if (outgoing.empty()) return;
  const TraceSpan span("answers out");
  for (core::Answer& answer : outgoing.answers) setup_.waiters.answer(std::move(answer));
  for (auto& [key, row] : outgoing.finished) {
    std::vector<Done<ExecutionView>> all = setup_.waiters.take_finished(key);
    if (all.empty()) continue;
    const Result<ExecutionView> view =
        row ? setup_.views.view(std::move(*row)) : setup_.views.view(key);
    for (Done<ExecutionView>& done : all) done(view);
  }
  for (const ExecutionKey key : outgoing.progressed) {
    std::vector<Done<ExecutionView>> all = setup_.waiters.take_progressed(key);
    if (all.empty()) continue;
    const Result<ExecutionView> view = setup_.views.view(key);
    for (Done<ExecutionView>& done : all) done(view);
  }
}

bool PartitionDriver::full() const {
  return partition_->open_rows() >= setup_.options.batch_rows_max ||
         partition_->open_bytes() >= setup_.options.batch_bytes_max;
}

bool PartitionDriver::may_step() const { return !full() && !setup_.store.congested(); }

bool PartitionDriver::step_queue() {
  {
    const Lock lock(mutex_);
    if (queue_.empty()) {
      queue_.swap(inbox_);
    } else {
      std::ranges::move(inbox_, std::back_inserter(queue_));
      inbox_.clear();
    }
  }
  bool any = false;
  while (!queue_.empty() && (!partition_ || may_step())) {
    Message message = std::move(queue_.front());
    queue_.pop_front();
    handle(std::move(message));
    any = true;
  }
  return any;
}

void PartitionDriver::handle(Message message) {
  if (auto* input = std::get_if<core::Input>(&message)) {
    if (partition_) return step(std::move(*input));
    if (const auto* deploy = std::get_if<core::Deploy>(input)) catalog_ = deploy->catalog;
    return refuse(*input, error(Code::unavailable, "storage cannot be written: " + down_because_));
  }
  if (!partition_) return;
  if (const auto* wanted = std::get_if<HistoryWanted>(&message)) {
    if (wanted->incarnation != claim_.incarnation) return;
    end_load_of(wanted->key);
    loads_.emplace(wanted->key.value, partition_->begin_load());
    return setup_.pool.handed_over(wanted->key, wanted->run);
  }
  auto& folded = std::get<HistoryFolded>(message);
  const bool known = folded.incarnation == claim_.incarnation && loads_.contains(folded.key.value);
  if (!known) return;  // the run was ended meanwhile
  partition_->load_book(folded.key, std::move(folded.book));
  end_load_of(folded.key);
  setup_.pool.handed_over(folded.key, folded.run);
}

void PartitionDriver::end_load_of(ExecutionKey key) {
  const auto load = loads_.find(key.value);
  if (load == loads_.end()) return;
  partition_->end_load(load->second);
  loads_.erase(load);
}

void PartitionDriver::step(core::Input input) {
  const TracedStep traced(input);
  for (int loads = 0;; ++loads) {
    std::expected<core::Effects, core::Missing> stepped =
        partition_->step(setup_.clock.now(), input);
    if (stepped) {
      after_step(input);
      carry_out(std::move(*stepped));
      batch_trace_.stepped(partition_->open_rows());
      const auto* advanced = std::get_if<core::Advanced>(&input);
      if (advanced != nullptr && goes_on(*advanced) &&
          advanced->incarnation == claim_.incarnation) {
        setup_.pool.handed_over(advanced->key, advanced->run);
      }
      return;
    }
    CHECK(loads < loads_per_step_max);
    const Result<void> loaded = load(stepped.error());
    if (loaded) continue;
    if (loaded.error().code == Code::data_loss) return refuse(input, loaded.error());
    return fall(loaded.error());
  }
}

Result<void> PartitionDriver::load(const core::Missing& missing) {
  const TraceSpan span("load from the store");
  const auto token = partition_->begin_load();
  if (!missing.rows.empty() || !missing.roots.empty()) {
    const Result<Loaded> loaded = setup_.store.load(missing.rows, missing.roots);
    if (!loaded) {
      partition_->end_load(token);
      return std::unexpected(loaded.error());
    }
    partition_->load(loaded->rows, missing.rows, missing.roots, loaded->as_of);
  }
  Result<void> books;
  for (const ExecutionKey key : missing.books) {
    books = load_book(key);
    if (!books) break;
  }
  partition_->end_load(token);
  return books;
}

Result<void> PartitionDriver::load_book(ExecutionKey key) {
  core::Book book;
  for (bool more = true; more;) {
    const HistoryPage page = TRY(setup_.store.read_history(key, book.head().position, book_page));
    for (const Entry& entry : page.entries) book.apply(entry);
    more = page.more && !page.entries.empty();
  }
  partition_->load_book(key, std::move(book));
  return {};
}

void PartitionDriver::refuse(const core::Input& input, const Error& error) {
  const core::RequestId request = std::visit(
      [](const auto& known) -> core::RequestId {
        if constexpr (requires { known.request; }) return known.request;
        return 0;
      },
      input);
  if (request != 0) {
    core::Answer answer;
    answer.request = request;
    answer.refusal = error;
    outgoing_.answers.push_back(std::move(answer));
  } else if (partition_) {
    telemetry::log(telemetry::Level::error, "an input was dropped", {{"reason", error.reason}});
  }
}

/// What an accepted input says about its run.
void PartitionDriver::after_step(const core::Input& input) {
  const auto over = [this](const auto& report) {
    if (report.incarnation != claim_.incarnation) return false;
    hand_over_seen(report.key, false);
    end_load_of(report.key);
    return true;
  };
  if (const auto* advanced = std::get_if<core::Advanced>(&input)) {
    hand_over_seen(advanced->key, goes_on(*advanced));
    setup_.views.clear_stuck(advanced->key);
  } else if (const auto* stopped = std::get_if<core::RunStopped>(&input)) {
    if (over(*stopped)) setup_.views.set_stuck(stopped->key, stopped->reason);
  } else if (const auto* dropped = std::get_if<core::RunDropped>(&input)) {
    over(*dropped);
  } else if (const auto* deploy = std::get_if<core::Deploy>(&input)) {
    catalog_ = deploy->catalog;
    for (ReadyLoader& loader : loaders_) loader.empty_as_of.reset();
  }
}

void PartitionDriver::carry_out(core::Effects effects) {
  effects_seen_ += effects.held.size() + effects.now.size();
  hold(effects);
  for (core::NowEffect& effect : effects.now) carry_out_now(std::move(effect));
  for (const Pool pool : effects.load_ready) {
    if (pool != Pool::none) loaders_[static_cast<std::size_t>(pool) - 1].wanted = true;
  }
  admitted_ = effects.admitted;
  if (effects.again) queue_.push_back(core::Input(*effects.again));
  if (effects.tick_at) tick_at_ = std::min(tick_at_, *effects.tick_at);
}

void PartitionDriver::carry_out_now(core::NowEffect effect) {
  std::visit(Overloaded{[&](core::StartFirstRun& start) {
                          runnable_[start.key.value] = gather_;
                          setup_.pool.start(std::move(start));
                        },
                        [&](core::Deliver& deliver) { setup_.pool.deliver(std::move(deliver)); },
                        [&](core::Resume& resume) {
                          runnable_[resume.key.value] = gather_;
                          setup_.pool.resume(resume.key, resume.run);
                        },
                        [&](core::Interrupt& interrupt) {
                          hand_over_seen(interrupt.key, false);
                          end_load_of(interrupt.key);
                          if (is_canary(core::Canary::deaf_interrupt)) return;
                          const Subject subject{interrupt.key, interrupt.run};
                          if (unreleased_.contains(subject)) {
                            revoked_.insert(subject);
                          } else {
                            setup_.pool.interrupt(interrupt.key, interrupt.run, interrupt.reason);
                          }
                        },
                        [&](core::SetTimer& timer) { timers_.set(timer.due); }},
             effect);
}

void PartitionDriver::hold(core::Effects& effects) {
  if (effects.held.empty()) return;
  if (setup_.options.partition.canary != core::Canary::none) release_early(effects);
  if (effects.after <= committed_ && held_.empty()) {
    for (core::HeldEffect& effect : effects.held) release(std::move(effect));
    return;
  }
  for (const core::HeldEffect& effect : effects.held) {
    if (const auto* attempt = std::get_if<core::StartAttempt>(&effect)) {
      unreleased_.insert({attempt->key, attempt->attempt});
    } else if (const auto* replay = std::get_if<core::StartReplay>(&effect)) {
      unreleased_.insert({replay->key, replay->run});
    }
  }
  CHECK(held_.empty() || held_.back().after <= effects.after);
  if (!held_.empty() && held_.back().after == effects.after) {
    std::ranges::move(effects.held, std::back_inserter(held_.back().effects));
  } else {
    held_.push_back(HeldBatch{effects.after, std::exchange(spent_effects_, {})});
    std::ranges::move(effects.held, std::back_inserter(held_.back().effects));
  }
}

/// Bugs on purpose.
void PartitionDriver::release_early(core::Effects& effects) {
  std::erase_if(effects.held, [&](core::HeldEffect& effect) {
    const bool answers =
        is_canary(core::Canary::early_answer) && std::holds_alternative<core::Answer>(effect);
    const bool starts =
        is_canary(core::Canary::early_start) && std::holds_alternative<core::StartAttempt>(effect);
    if (answers || starts) release(std::move(effect));
    return answers || starts;
  });
}

void PartitionDriver::release_until(BatchNumber number) {
  while (!held_.empty() && held_.front().after <= number) {
    HeldBatch batch = std::move(held_.front());
    held_.pop_front();
    for (core::HeldEffect& effect : batch.effects) release(std::move(effect));
    batch.effects.clear();
    if (batch.effects.capacity() <= spent_effects_max) spent_effects_ = std::move(batch.effects);
  }
}

/// What the store cannot say now ends the run only, which asks again later (design 4.7).
void PartitionDriver::look_for(core::FindTarget find) {
  const ExecutionKey key = find.key;
  const RunNumber run = find.run;
  Result<core::TargetFound> found =
      look_for_target(std::move(find), setup_.store, setup_.views, setup_.pool.deployed());
  if (found) return queue_.push_back(core::Input(std::move(*found)));
  setup_.pool.stop(key, run, "the target of its value cannot be read: " + found.error().reason);
}

void PartitionDriver::release(core::HeldEffect effect) {
  // A start that was interrupted while it was held is not made; its end is reported.
  const auto start = [&](auto& made, RunNumber run, auto report) {
    const Subject subject{made.key, run};
    unreleased_.erase(subject);
    if (revoked_.erase(subject) == 0) return setup_.pool.start(std::move(made));
    queue_.push_back(core::Input(std::move(report)));
  };
  std::visit(
      Overloaded{[&](core::Answer& answer) {
                   if (answer.request == 0 || setup_.waiters.follow_run(answer)) return;
                   outgoing_.answers.push_back(std::move(answer));
                 },
                 [&](core::StartAttempt& made) {
                   core::AttemptEnded ended;
                   ended.key = made.key;
                   ended.incarnation = made.incarnation;
                   ended.attempt = made.attempt;
                   ended.kind = core::AttemptEnded::Kind::interrupted;
                   start(made, made.attempt, std::move(ended));
                 },
                 [&](core::StartReplay& made) {
                   start(made, made.run, core::RunDropped{made.key, made.incarnation, made.run});
                 },
                 [&](core::Resume& resume) { setup_.pool.resume(resume.key, resume.run); },
                 [&](core::FindTarget& find) { look_for(std::move(find)); },
                 [&](core::ReadBack& back) { setup_.pool.resume(back.key, back.run); },
                 [&](core::Notify& notify) {
                   setup_.views.clear_stuck(notify.key);
                   if (!setup_.waiters.anyone_awaits(notify.key)) return;
                   const ExecutionRow* row = partition_->peek(notify.key);
                   const bool usable = row != nullptr && row->stage == Stage::finished;
                   outgoing_.finished.emplace_back(
                       notify.key, usable ? std::optional<ExecutionRow>(*row) : std::nullopt);
                 },
                 [&](core::EmitLogs& emit) {
                   std::vector<LogRow> rows;
                   for (core::RunLog& line : emit.lines) {
                     rows.push_back(LogRow{.execution = emit.key,
                                           .run = emit.run.value,
                                           .at = setup_.clock.now(),
                                           .level = line.level,
                                           .message = std::move(line.message)});
                   }
                   setup_.logs.put(std::move(rows));
                 },
                 [&](core::Progress& progress) {
                   if (setup_.waiters.anyone_awaits_progress(progress.key)) {
                     outgoing_.progressed.push_back(progress.key);
                   }
                 }},
      effect);
}

}  // namespace stele::runtime

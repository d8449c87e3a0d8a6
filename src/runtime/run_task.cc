// SPDX-License-Identifier: Apache-2.0
#include "runtime/run_task.h"

#include <utility>

#include "base/check.h"
#include "runtime/shape.h"

namespace stele::runtime {
namespace {

constexpr std::uint32_t history_page = 4'096;
constexpr std::uint64_t calls_between_looks = 32;

/// The core's view of the parameters that the bridge renders.
class ParamsOfCall final : public core::CallParams {
 public:
  explicit ParamsOfCall(wasm::ParamsText* text) : text_(text) {}
  Result<std::string> render() override {
    if (text_ == nullptr) return std::string("[]");
    return text_->render();
  }

 private:
  wasm::ParamsText* text_;
};

const core::ImportTarget drop_join_set{core::HostOp::join_set_drop, {}, {}};

wasm::HostAnswer answer_of(core::CallOutcome outcome) {
  const bool trapped = outcome.state == core::CallState::trapped;
  return {trapped ? wasm::AnswerKind::trap : wasm::AnswerKind::answer, std::move(outcome.text)};
}

}  // namespace

RunTask::RunTask(TaskName task_name, RunSeed seed, const Surroundings& around)
    : RunTask(TaskKind::run, task_name, std::move(seed), around) {}

RunTask::RunTask(TaskKind task_kind, TaskName task_name, RunSeed seed, const Surroundings& around)
    : Task(task_kind, task_name),
      seed_(std::move(seed)),
      around_(around),
      phase_(seed_.has_history ? Phase::asking : Phase::building),
      function_(seed_.deployed->catalog->find(seed_.row.function)) {}

TurnEnd RunTask::turn(Instant now) {
  turn_now_ = now;
  if (phase_ != Phase::live) {
    const TurnEnd prepared = prepare();
    if (phase_ != Phase::live) return prepared;
  }
  take_inbox();
  if (const std::optional<TurnEnd> end = go_on(now)) return *end;
  return poll();
}

/// Everything before the guest's first poll; the answer counts unless the run is live then.
TurnEnd RunTask::prepare() {
  if (phase_ == Phase::asking) {
    phase_ = Phase::reading;
    around_.reports.post(HistoryWanted{name.key, name.incarnation, name.run});
    return TurnEnd::handing;
  }
  if (phase_ == Phase::reading) {
    core::Book book;
    Result<void> history = read_history([&](const Entry& entry) { book.apply(entry); });
    if (!history) return stop("its history cannot be read: " + history.error().reason);
    phase_ = Phase::folding;
    around_.reports.post(HistoryFolded{name.key, name.incarnation, name.run, std::move(book)});
    return TurnEnd::handing;
  }
  return build(around_.options.run).value_or(TurnEnd::yielded);
}

Result<void> RunTask::read_history(const std::function<void(const Entry&)>& see) {
  std::uint32_t position = 0;
  for (bool more = true; more;) {
    HistoryPage page = TRY(around_.store.read_history(name.key, position, history_page));
    more = page.more && !page.entries.empty();
    position += static_cast<std::uint32_t>(page.entries.size());
    for (const Entry& entry : page.entries) see(entry);
    history_.add(std::move(page.entries));
  }
  return {};
}

std::optional<TurnEnd> RunTask::build(core::RunOptions options) {
  if (function_ == nullptr) return stop("its function is not deployed");
  const DeployedComponent& deployed = seed_.deployed->components[function_->component];
  run_ = std::make_unique<core::WorkflowRun>(
      core::RunStart{.key = name.key,
                     .id = seed_.row.id,
                     .random_algorithm = seed_.row.random_algorithm,
                     .catalog = seed_.deployed->catalog,
                     .history = std::move(history_),
                     .ended = options.dry ? seed_.row.outcome : std::nullopt,
                     .options = options});
  phase_ = Phase::live;
  const wasm::Start start{.guest_id = name.id,
                          .function = function_->ffqn,
                          .params = seed_.row.params,
                          .calls = this,
                          .wakes = &around_.wakes,
                          .limits = {.memory_bytes = around_.options.guest_memory_bytes,
                                     .value_bytes = around_.options.value_bytes_max,
                                     .cpu = function_->lock_expiry},
                          .environment = nullptr};
  Result<std::unique_ptr<wasm::Guest>> guest = deployed.component->instantiate(start);
  if (!guest) {
    phase_ = Phase::building;
    return stop(guest.error().reason);
  }
  cell.set(std::move(*guest));
  return std::nullopt;
}

void RunTask::take_inbox() {
  std::vector<Entry> responses;
  {
    const Lock lock(inbox_mutex_);
    responses.swap(inbox_);
  }
  if (!responses.empty()) run_->deliver(responses);
}

void RunTask::deliver(Entry response) {
  const Lock lock(inbox_mutex_);
  inbox_.push_back(std::move(response));
}

/// Gives the guest what it stands for. An end says that it still cannot go on.
std::optional<TurnEnd> RunTask::go_on(Instant now) {
  if (held_answer_) {
    cell.get()->resume(std::move(*std::exchange(held_answer_, std::nullopt)));
    return std::nullopt;
  }
  if (!parked_) return std::nullopt;
  core::CallOutcome outcome = run_->resume(now);
  if (outcome.state == core::CallState::parked) {
    hand_over();
    return TurnEnd::parked;
  }
  parked_ = false;
  cell.get()->resume(answer_of(std::move(outcome)));
  return std::nullopt;
}

TurnEnd RunTask::poll() {
  wasm::PollResult polled = cell.get()->poll();
  switch (polled.state) {
    case wasm::PollState::parked:
      CHECK(parked_ || held_answer_);
      hand_over();
      return held_answer_ ? TurnEnd::handing : TurnEnd::parked;
    case wasm::PollState::waiting: return TurnEnd::waiting;
    case wasm::PollState::yielded: return TurnEnd::yielded;
    case wasm::PollState::finished: {
      const DeployedComponent& deployed = seed_.deployed->components[function_->component];
      const ResultShape shape = shape_of(*deployed.component, function_->ffqn);
      return ended(outcome_of(std::move(polled.finished), shape));
    }
    case wasm::PollState::failed: return failed(std::move(polled.failure));
  }
  return TurnEnd::gone;
}

TurnEnd RunTask::ended(Outcome outcome) {
  run_->end(std::move(outcome));
  hand_over();
  return TurnEnd::gone;
}

TurnEnd RunTask::failed(wasm::Failure failure) {
  const auto fatal = [&](std::string_view what) {
    std::string reason = std::string(what) + failure.reason;
    return ended(
        runtime::failure(FailureKind::uncategorized, std::move(reason), std::move(failure.detail)));
  };
  switch (failure.kind) {
    case wasm::FailureKind::trap: return fatal("workflow trap: ");
    case wasm::FailureKind::memory_limit:
      return run_->replaying() ? stop("memory limit reached during replay: " + failure.reason)
                               : fatal("memory limit reached: ");
    case wasm::FailureKind::stack_overflow:
      return run_->replaying() ? stop("stack limit reached during replay: " + failure.reason)
                               : fatal("stack limit reached: ");
    case wasm::FailureKind::deadline:
      return stop("computed longer than exec.lock_expiry without a host call");
    case wasm::FailureKind::interrupted: return TurnEnd::interrupted;
    case wasm::FailureKind::params: return fatal("params cannot be used: ");
    case wasm::FailureKind::result: return fatal("result cannot be used: ");
    case wasm::FailureKind::instantiate: return fatal("cannot instantiate: ");
    case wasm::FailureKind::host: return stop(failure.reason);
    case wasm::FailureKind::out_of_fuel:
      if (run_->replaying()) return stop("out of fuel during replay: " + failure.reason);
      return ended(runtime::failure(FailureKind::out_of_fuel, "workflow out of fuel",
                                    std::move(failure.detail)));
  }
  return TurnEnd::gone;
}

TurnEnd RunTask::stop(std::string reason) {
  around_.reports.post(core::RunStopped{name.key, name.incarnation, name.run, std::move(reason)});
  return TurnEnd::gone;
}

void RunTask::hand_over() {
  core::Advanced advanced = run_->take();
  advanced.key = name.key;
  advanced.incarnation = name.incarnation;
  advanced.run = name.run;
  around_.reports.post(std::move(advanced));
}

std::optional<core::Input> RunTask::stopped(StopCause cause, const std::string& reason) {
  if (cause == StopCause::voided) return std::nullopt;
  if (cause == StopCause::timed_out) {
    return core::RunStopped{name.key, name.incarnation, name.run, reason};
  }
  return core::RunDropped{name.key, name.incarnation, name.run};
}

std::uint64_t RunTask::resident_bytes() const {
  const wasm::Guest* guest = cell.get();
  return (guest != nullptr ? guest->resident_bytes() : 0) + (run_ ? run_->resident_bytes() : 0);
}

wasm::HostAnswer RunTask::call(const wasm::HostCall& call) noexcept {
  if (++calls_ % calls_between_looks == 0) take_inbox();
  const core::Catalog& catalog = *seed_.deployed->catalog;
  const auto& imports = catalog.component(function_->component).imports;
  const bool is_drop = call.import == wasm::import_drop_join_set;
  if (!is_drop && call.import >= imports.size()) {
    return {wasm::AnswerKind::trap, "call of an import that is not in the catalog"};
  }
  ParamsOfCall params(call.params);
  const core::GuestCall guest_call{.target = is_drop ? &drop_join_set : &imports[call.import],
                                   .handle = call.handle,
                                   .params_hash = call.params_hash,
                                   .params = &params};
  const Instant now = run_->replaying() ? turn_now_ : around_.clock.now();
  core::CallOutcome outcome = run_->call(now, guest_call);
  if (outcome.state == core::CallState::parked) {
    parked_ = true;
    return {wasm::AnswerKind::pending, {}};
  }
  wasm::HostAnswer answer = answer_of(std::move(outcome));
  if (answer.kind == wasm::AnswerKind::trap || !run_->wants_hand_over()) return answer;
  held_answer_ = std::move(answer);
  return {wasm::AnswerKind::pending, {}};
}

void RunTask::log(std::uint8_t level, std::string_view message) noexcept {
  if (level < seed_.deployed->components[function_->component].output.log_level_min) return;
  run_->log(level, message);
}

DryRunTask::DryRunTask(TaskName task_name, RunSeed seed, const Surroundings& around,
                       Done<ReplayReport> done)
    : RunTask(TaskKind::dry_run, task_name, std::move(seed), around), done_(std::move(done)) {}

TurnEnd DryRunTask::turn(Instant now) {
  if (phase_ != Phase::live) {
    Result<void> history =
        read_history([this](const Entry& entry) { events_ += is_request(entry.body) ? 1 : 0; });
    if (!history) {
      done_(std::unexpected(history.error()));
      return TurnEnd::gone;
    }
    core::RunOptions options = around_.options.run;
    options.dry = true;
    if (const std::optional<TurnEnd> end = build(options)) return *end;
  }
  const TurnEnd end = RunTask::turn(now);
  if (end == TurnEnd::handing) return TurnEnd::yielded;
  if (end == TurnEnd::parked) report();
  return end == TurnEnd::parked ? TurnEnd::gone : end;
}

void DryRunTask::hand_over() {
  last_ = run_->take();
  if (last_->state == core::RunState::ended) report();
}

TurnEnd DryRunTask::stop(std::string reason) {
  if (done_) done_(fail(Code::failed_precondition, std::move(reason)));
  done_ = nullptr;
  return TurnEnd::gone;
}

std::optional<core::Input> DryRunTask::stopped(StopCause /*cause*/, const std::string& reason) {
  stop(reason.empty() ? "the replay was stopped" : reason);
  return std::nullopt;
}

void DryRunTask::report() {
  if (!done_) return;
  ReplayReport report;
  report.events = events_;
  report.equal = !run_->differs();
  if (!report.equal) report.difference = run_->broken()->detail;
  if (seed_.row.stage == Stage::finished) {
    report.state = "finished";
  } else {
    report.state = run_->advanceable() ? "advanceable" : "blocked";
  }
  done_(std::move(report));
  done_ = nullptr;
}

}  // namespace stele::runtime

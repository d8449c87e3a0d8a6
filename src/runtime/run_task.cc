// SPDX-License-Identifier: Apache-2.0
#include "runtime/run_task.h"

#include <new>
#include <utility>

#include "base/check.h"
#include "runtime/shape.h"
#include "telemetry/log.h"

namespace stele::runtime {
namespace {

constexpr std::uint64_t calls_between_looks = 32;
/// A trial that is preempted so often computes for minutes.
constexpr int trial_polls_max = 10'000;

}  // namespace

RunTask::RunTask(TaskName task_name, RunSeed seed, const Surroundings& around)
    : Task(TaskKind::run, task_name),
      seed_(std::move(seed)),
      around_(around),
      checks_(seed_.deployed),
      phase_(seed_.has_history ? Phase::asking : Phase::building),
      function_(seed_.deployed->catalog->find(seed_.row.function)) {}

/// Memory that runs out is not the workflow's fate (design 4.7): what was not handed over is made
/// again by replay.
TurnEnd RunTask::turn(Instant now) {
  try {
    return advance(now);
  } catch (const std::bad_alloc&) {
    return stop("out of memory");
  }
}

TurnEnd RunTask::advance(Instant now) {
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
  if (phase_ == Phase::reading) return read();
  if (const std::optional<TurnEnd> end = choose_component()) return *end;
  return build().value_or(TurnEnd::yielded);
}

TurnEnd RunTask::read() {
  core::Book book;
  Result<void> history = read_history(around_.store, name.key, history_, [&](const Entry& entry) {
    book.apply(entry);
    const auto* upgrade = std::get_if<ComponentUpgrade>(&entry.body);
    if (upgrade == nullptr) return;
    const bool refused = upgrade->result == ComponentUpgrade::Result::failed;
    refused_digest_ = refused ? upgrade->digest : std::string();
  });
  if (!history) return stop("its history cannot be read: " + history.error().reason);
  phase_ = Phase::folding;
  around_.reports.post(HistoryFolded{name.key, name.incarnation, name.run, std::move(book)});
  return TurnEnd::handing;
}

std::optional<TurnEnd> RunTask::choose_component() {
  const DeploymentId own = seed_.row.deployment;
  const core::Catalog& catalog = *seed_.deployed->catalog;
  if (function_ == nullptr || own == catalog.deployment() || !own) return std::nullopt;
  const core::CatalogComponent& component = catalog.component(function_->component);
  if (component.upgrade == core::UpgradeRule::by_function) return std::nullopt;
  const Result<std::string> digest = around_.former.digest_of(own, seed_.row.function);
  if (!digest) return stop("its deployment cannot be read: " + digest.error().reason);
  if (*digest == component.digest) return std::nullopt;
  // It was taken in just before the switch, and its row says so.
  if (!seed_.has_history) return stay(own);
  const bool automatic = component.upgrade == core::UpgradeRule::automatic;
  if (automatic && refused_digest_ != component.digest) return try_upgrade(component);
  return stay(own);
}

/// The new component goes on with the history if it asks for exactly what is stored.
std::optional<TurnEnd> RunTask::try_upgrade(const core::CatalogComponent& component) {
  TrialRun trial({.row = seed_.row, .deployed = seed_.deployed, .guest_id = name.id}, around_);
  std::optional<Result<TrialResult>> result;
  for (int polls = 0; !result && polls < trial_polls_max; ++polls) result = trial.step(turn_now_);
  if (!result)
    result = fail(Code::failed_precondition, "the new component does not come to an end");
  const bool unknown = !*result && result->error().code != Code::failed_precondition;
  if (unknown) return stop("the new component cannot be tried: " + result->error().reason);
  core::UpgradeChecked checked{.key = name.key, .incarnation = name.incarnation, .run = name.run};
  checked.upgrade.digest = component.digest;
  checked.upgrade.deployment = seed_.deployed->catalog->deployment();
  const bool blind = around_.options.partition.canary == core::Canary::blind_upgrade;
  if (*result && ((*result)->equal || blind)) {
    checked.upgrade.result = ComponentUpgrade::Result::automatic;
    around_.reports.post(core::Input(std::move(checked)));
    return std::nullopt;
  }
  checked.upgrade.result = ComponentUpgrade::Result::failed;
  checked.upgrade.reason = *result ? (*result)->difference : result->error().reason;
  telemetry::log(telemetry::Level::warn,
                 "a running workflow does not fit the new component; it stays with the old one",
                 {{"execution", to_text(seed_.row.id)},
                  {"component", component.name},
                  {"difference", checked.upgrade.reason}});
  around_.reports.post(core::Input(std::move(checked)));
  return stay(seed_.row.deployment);
}

std::optional<TurnEnd> RunTask::stay(DeploymentId deployment) {
  Result<DeployedPtr> former = around_.former.get(deployment);
  if (!former) return stop("its former component cannot be used: " + former.error().reason);
  seed_.deployed = std::move(*former);
  checks_ = DeployedChecks(seed_.deployed);
  function_ = seed_.deployed->catalog->find(seed_.row.function);
  return std::nullopt;
}

const DeployedComponent& RunTask::component() const {
  return seed_.deployed->components[function_->component];
}

std::optional<TurnEnd> RunTask::build() {
  if (function_ == nullptr) return stop("its function is not deployed");
  run_ = std::make_unique<core::WorkflowRun>(
      core::RunStart{.key = name.key,
                     .id = seed_.row.id,
                     .random_algorithm = seed_.row.random_algorithm,
                     .catalog = seed_.deployed->catalog,
                     .history = std::move(history_),
                     .ended = std::nullopt,
                     .options = around_.options.run,
                     .checks = &checks_,
                     .function = seed_.row.function,
                     .stored_params = stored_params_of(around_.store)});
  phase_ = Phase::live;
  const wasm::Start start{.guest_id = name.id,
                          .function = function_->ffqn,
                          .params = seed_.row.params,
                          .calls = this,
                          .wakes = &around_.wakes,
                          .limits = {.memory_bytes = around_.options.guest_memory_bytes,
                                     .value_bytes = around_.options.value_bytes_max,
                                     .cpu = function_->lock_expiry,
                                     .fuel = around_.options.fuel},
                          .environment = nullptr};
  Result<std::unique_ptr<wasm::Guest>> guest = component().component->instantiate(start);
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
  if (wants_back_ && !read_back()) return stop("its history cannot be read");
  core::CallOutcome outcome = run_->resume(now);
  if (outcome.state == core::CallState::parked) {
    hand_over();
    return TurnEnd::parked;
  }
  parked_ = false;
  cell.get()->resume(answer_of(std::move(outcome)));
  return std::nullopt;
}

/// Its call needs an old response again, which is committed by now.
bool RunTask::read_back() {
  const std::uint32_t position = *std::exchange(wants_back_, std::nullopt);
  const Result<HistoryPage> page = around_.store.read_history(name.key, position, 1);
  if (!page || page->entries.empty()) return false;
  run_->read_back(page->entries.front());
  return true;
}

TurnEnd RunTask::poll() {
  const char* what = run_->replaying() ? "workflow guest replays" : "workflow guest";
  wasm::PollResult polled = poll_guest(what);
  switch (polled.state) {
    case wasm::PollState::parked:
      CHECK(parked_ || held_answer_);
      hand_over();
      return held_answer_ ? TurnEnd::handing : TurnEnd::parked;
    case wasm::PollState::waiting: return TurnEnd::waiting;
    case wasm::PollState::yielded: return TurnEnd::yielded;
    case wasm::PollState::finished: {
      const ResultShape shape = shape_of(*component().component, function_->ffqn);
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
  if (out_of_memory_) return stop("out of memory");
  GuestFailure what = failure_of_run(std::move(failure), run_->replaying());
  if (what.outcome) return ended(std::move(*what.outcome));
  return what.interrupted ? TurnEnd::interrupted : stop(std::move(what.stop));
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
  wants_back_ = advanced.read_back;
  answer_is_near_ = advanced.state == core::RunState::running;
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

InstanceRule RunTask::instance_rule() const {
  if (function_ == nullptr) return {};
  const core::CatalogComponent& known = seed_.deployed->catalog->component(function_->component);
  return {component().component.get(), known.instances_max};
}

bool RunTask::outdated(const Deployed& deployed) const {
  if (function_ == nullptr || seed_.deployed.get() == &deployed) return false;
  const core::CatalogFunction* now = deployed.catalog->find(seed_.row.function);
  return now == nullptr || deployed.catalog->component(now->component).digest !=
                               seed_.deployed->catalog->component(function_->component).digest;
}

wasm::HostAnswer RunTask::call(const wasm::HostCall& call) noexcept {
  return answer_within_memory([&] { return answer(call); }, out_of_memory_);
}

wasm::HostAnswer RunTask::answer(const wasm::HostCall& call) {
  if (++calls_ % calls_between_looks == 0) take_inbox();
  const GuestCallView view(call, seed_.deployed->catalog->component(function_->component));
  if (view.get() == nullptr)
    return {wasm::AnswerKind::trap, "call of an import that is not in the catalog"};
  const bool replays = run_->replaying();
  if (replays) ++calls_replayed_;
  core::CallOutcome outcome = run_->call(replays ? turn_now_ : around_.clock.now(), *view.get());
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
  if (level < component().output.log_level_min) return;
  try {
    run_->log(level, message);
  } catch (const std::bad_alloc&) {  // a line may be lost
  }
}

}  // namespace stele::runtime

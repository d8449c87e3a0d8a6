// SPDX-License-Identifier: Apache-2.0
#include "core/run_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "core/run_random.h"

namespace stele::core {
namespace {

constexpr std::size_t log_lines_max = 10'000;

Outcome failure(FailureKind kind, std::string reason, std::string detail = {}) {
  return {.kind = OutcomeKind::failure,
          .failure = kind,
          .reason = std::move(reason),
          .detail = std::move(detail)};
}

bool same_end(const Outcome& stored, const Outcome& now) {
  if (stored.kind != now.kind) return false;
  return stored.kind == OutcomeKind::failure ? stored.failure == now.failure
                                             : stored.value == now.value;
}

bool asks_for_processed(const RunStart& start) {
  const CatalogFunction* own = start.function ? start.catalog->find(start.function) : nullptr;
  if (own == nullptr) return true;
  const auto asks = [](const ImportTarget& import) {
    return import.op == HostOp::get || import.op == HostOp::get_result_json ||
           import.op == HostOp::get_execution_failure_kind;
  };
  return std::ranges::any_of(start.catalog->component(own->component).imports, asks);
}

}  // namespace

RunMachine::RunMachine(RunStart start)
    : start_(std::move(start)), id_text_(to_text(start_.id)), seed_(random_seed(start_.id)) {
  if (start_.history.ended()) start_.ended = start_.history.ended();
  next_position_ = start_.history.next_position();
  responses_ = start_.history.responses();
  next_version_ = start_.history.next_version();
  keeps_processed_ = asks_for_processed(start_);
  refresh();
  if (start_.random_algorithm != random_algorithm_latest)
    broken_ = failure(
        FailureKind::uncategorized,
        fmt::format("random algorithm {} is not known to this version", start_.random_algorithm));
}

void RunMachine::store_arrival(RoutedArrival routed) {
  ++responses_;
  const auto set = sets_.find(routed.set);
  if (set == sets_.end())
    start_.history.keep(std::move(routed));
  else
    set->second.queue.push(std::move(routed.arrived));
}

void RunMachine::deliver(std::span<const Entry> responses) {
  for (const Entry& entry : responses) {
    if (entry.position < next_position_) continue;
    next_position_ = entry.position + 1;
    if (auto routed = route(Entry(entry))) store_arrival(std::move(*routed));
    const auto* schedule = std::get_if<Schedule>(&entry.body);
    if (waiting_.kind == Waiting::Kind::schedule && schedule != nullptr &&
        schedule->id == waiting_.id)
      decided_ = schedule->refused;
    const auto* stub = std::get_if<Stub>(&entry.body);
    if (waiting_.kind == Waiting::Kind::stub && stub != nullptr) decided_ = stub->refused;
  }
}

bool RunMachine::replay(EntryBody& wanted) {
  const Entry stored = start_.history.front();
  if (!match(stored.body, wanted)) {
    broken_ = failure(FailureKind::nondeterminism_detected, {},
                      difference(stored, wanted, names()) + other_params(stored.body, wanted));
    return false;
  }
  start_.history.pop();
  ++requests_;
  note_recorded(stored.version, stored.body);
  return true;
}

bool RunMachine::replay_equal(const DirectCall& wanted) {
  if (!replaying()) return false;
  const Entry stored = start_.history.front();
  const auto* call = std::get_if<DirectCall>(&stored.body);
  const bool equal = call != nullptr && call->join_set == wanted.join_set &&
                     call->one_off == wanted.one_off && call->function == wanted.function &&
                     call->params_hash == wanted.params_hash;
  if (!equal) return false;
  start_.history.pop();
  ++requests_;
  note_recorded(stored.version, stored.body);
  return true;
}

/// What the hashes of a difference stand for, as far as it is known.
std::string RunMachine::other_params(const EntryBody& stored, const EntryBody& wanted) const {
  const auto of_stored = [this](ExecutionKey made) {
    const std::optional<Bytes> params =
        start_.stored_params ? start_.stored_params(made) : std::nullopt;
    return params.value_or("(not kept)");
  };
  const auto of_call = [this] {
    if (call_ == nullptr || call_->params == nullptr) return std::string("(none)");
    return call_->params->render().value_or("(not to be shown)");
  };
  return difference_of_params(stored, wanted, of_stored, of_call);
}

bool RunMachine::record(EntryBody& wanted, Bytes params, std::string join_set) {
  if (replaying()) return replay(wanted);
  return make({.body = wanted, .params = std::move(params), .join_set = std::move(join_set)});
}

bool RunMachine::record(RunRequest& request) {
  return replaying() ? replay(request.body) : make(request);
}

bool RunMachine::make(RunRequest request) {
  if (start_.options.dry && !make_dry(request.body)) return false;
  if (requests_ + responses_ >= start_.options.history_events_max) {
    broken_ = failure(FailureKind::uncategorized,
                      fmt::format("the limit of {} events of a history is reached",
                                  start_.options.history_events_max));
    return false;
  }
  ++requests_;
  note_recorded(next_version_, request.body);
  next_version_ = recorded_->max;
  made_.push_back(std::move(request));
  if (++made_total_ % start_.options.refresh_every == 0) refresh();
  return true;
}

/// Whether a dry run goes beyond its history with this.
bool RunMachine::make_dry(const EntryBody& wanted) {
  if (start_.ended && start_.ended->kind != OutcomeKind::failure) {
    broken_ = failure(FailureKind::nondeterminism_detected, {},
                      difference_after_end(*start_.ended, wanted, names()));
    return false;
  }
  if (!start_.ended) advanceable_ = true;
  if (!start_.ended && made_.size() < start_.options.captured_max) return true;
  waiting_ = {.kind = Waiting::Kind::stopped};
  told_ = false;
  return false;
}

void RunMachine::note_recorded(std::uint32_t version, const EntryBody& body) {
  recorded_ = VersionRange{version, version + version_width(body)};
}

Result<std::string> RunMachine::new_params(const GuestCall& call) const {
  if (replaying() || call.params == nullptr) return std::string();
  return call.params->render();
}

Names RunMachine::names() const {
  return {.function = [this](FunctionId id) { return function_name(id); },
          .join_set =
              [this](JoinSetOrdinal ordinal) {
                const auto set = sets_.find(ordinal);
                return set == sets_.end() ? fmt::format("number {}", ordinal.value)
                                          : set->second.id();
              }};
}

CallOutcome RunMachine::call(Instant now, const GuestCall& call) {
  if (broken_ || ended_ || waiting_.kind != Waiting::Kind::none) return stopped();
  now_ = now;
  recorded_.reset();
  call_ = &call;
  CallOutcome outcome = (this->*operation_of(call.target->op))(call);
  call_ = nullptr;
  return outcome;
}

CallOutcome RunMachine::resume() {
  told_ = false;
  if (broken_ || ended_) return stopped();
  return go_on();
}

CallOutcome RunMachine::answer(std::string text) { return {CallState::answered, std::move(text)}; }

CallOutcome RunMachine::stopped() {
  if (broken_)
    return {CallState::trapped, broken_->reason.empty() ? broken_->detail : broken_->reason};
  if (waiting_.kind == Waiting::Kind::stopped) return {CallState::parked, {}};
  return {CallState::trapped, "the run has ended"};
}

CallOutcome RunMachine::fail_run(Outcome outcome) {
  broken_ = std::move(outcome);
  return stopped();
}

CallOutcome RunMachine::refuse(const GuestCall& call, std::string_view reason) {
  return fail_run(
      failure(FailureKind::uncategorized,
              fmt::format("error calling imported function {} : {}", call.target->ffqn, reason)));
}

void RunMachine::log(std::uint8_t level, std::string_view message) {
  if (replaying() || broken_) return;
  if (logs_.size() >= log_lines_max) {
    ++logs_dropped_;
    return;
  }
  logs_.push_back({level, std::string(message)});
}

void RunMachine::end(Outcome outcome) {
  if (ended_) return;
  if (!broken_ && replaying()) {
    broken_ = failure(FailureKind::nondeterminism_detected, {},
                      difference_at_end(start_.history.front(), names()));
  }
  if (broken_) outcome = *broken_;
  const bool cut_off = start_.ended && start_.ended->kind == OutcomeKind::failure &&
                       start_.ended->failure == FailureKind::cancelled;
  if (!differs() && start_.ended && !cut_off && !same_end(*start_.ended, outcome)) {
    broken_ = failure(FailureKind::nondeterminism_detected, {},
                      difference_of_ends(*start_.ended, outcome));
    outcome = *broken_;
  }
  if (start_.options.dry && !start_.ended && !differs()) advanceable_ = true;
  ended_ = std::move(outcome);
  waiting_ = {};
  told_ = false;
}

bool RunMachine::differs() const {
  return broken_ && broken_->failure == FailureKind::nondeterminism_detected;
}

bool RunMachine::wants_hand_over() const {
  const bool many = made_.size() >= start_.options.events_per_hand_over;
  if ((many && !start_.options.dry) || logs_.size() >= log_lines_max / 10) return true;
  return !told_ && (ended_ || waiting_.kind != Waiting::Kind::none);
}

Advanced RunMachine::take() {
  Advanced advanced;
  advanced.requests = std::exchange(made_, {});
  advanced.logs = std::exchange(logs_, {});
  if (logs_dropped_ > 0)
    advanced.logs.push_back({4, fmt::format("{} log lines were dropped", logs_dropped_)});
  logs_dropped_ = 0;
  told_ = true;
  if (ended_) {
    advanced.state = RunState::ended;
    advanced.outcome = *ended_;
  } else if (waiting_.kind == Waiting::Kind::closing) {
    advanced.state = RunState::closing;
    advanced.set = waiting_.set;
  } else if (waiting_.kind == Waiting::Kind::read_back) {
    advanced.read_back = processed_.find(waiting_.level)->position;
  } else if (!waiting_.running()) {
    advanced.state = RunState::blocked;
    advanced.set = waiting_.set;
  }
  return advanced;
}

std::size_t RunMachine::resident_bytes() const {
  constexpr std::size_t fixed = 1024;
  constexpr std::size_t set_bytes = 256;
  std::size_t bytes = fixed + start_.history.resident_bytes() + made_.size() * sizeof(RunRequest) +
                      processed_.resident_bytes();
  for (const auto& [ordinal, set] : sets_)
    bytes += set_bytes + set.functions.capacity() * sizeof(FunctionId) + set.queue.resident_bytes();
  return bytes;
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
#include "core/run_machine.h"

#include <fmt/format.h>

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

}  // namespace

RunMachine::RunMachine(RunStart start)
    : start_(std::move(start)), id_text_(to_text(start_.id)), seed_(random_seed(start_.id)) {
  if (start_.history.ended()) start_.ended = start_.history.ended();
  next_position_ = start_.history.next_position();
  responses_ = start_.history.responses();
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
  }
}

bool RunMachine::replay(EntryBody& wanted) {
  const Entry stored = start_.history.front();
  if (!match(stored.body, wanted)) {
    broken_ =
        failure(FailureKind::nondeterminism_detected, {}, difference(stored, wanted, names()));
    return false;
  }
  start_.history.pop();
  ++requests_;
  return true;
}

bool RunMachine::record(EntryBody& wanted, Bytes params, std::string join_set) {
  if (replaying()) return replay(wanted);
  if (start_.options.dry) {
    advanceable_ = true;
    waiting_ = {.kind = Waiting::Kind::stopped};
    told_ = false;
    return false;
  }
  if (requests_ + responses_ >= start_.options.history_events_max) {
    broken_ = failure(FailureKind::uncategorized,
                      fmt::format("the limit of {} events of a history is reached",
                                  start_.options.history_events_max));
    return false;
  }
  ++requests_;
  made_.push_back({wanted, std::move(params), std::move(join_set)});
  if (++made_total_ % start_.options.refresh_every == 0) refresh();
  return true;
}

Result<std::string> RunMachine::new_params(const GuestCall& call) const {
  if (replaying() || start_.options.dry || call.params == nullptr) return std::string();
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
  return (this->*operation_of(call.target->op))(call);
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

CallOutcome RunMachine::wait_for(Waiting waiting) {
  waiting_ = waiting;
  told_ = false;
  return go_on();
}

CallOutcome RunMachine::go_on() {
  const auto found = sets_.find(waiting_.set);
  RunSet* set = found == sets_.end() ? nullptr : &found->second;
  std::string text;
  switch (waiting_.kind) {
    case Waiting::Kind::none:
    case Waiting::Kind::stopped: return stopped();
    case Waiting::Kind::direct_call:
    case Waiting::Kind::sleep: {
      if (!start_.history.has_one_off()) return {CallState::parked, {}};
      const Arrived arrived = start_.history.take_one_off();
      text = waiting_.kind == Waiting::Kind::sleep ? answer_sleep(arrived) : answer_direct(arrived);
      break;
    }
    case Waiting::Kind::join_next:
    case Waiting::Kind::await_next: {
      CHECK(set != nullptr);
      if (set->queue.empty()) return {CallState::parked, {}};
      const Arrived arrived = set->queue.pop();
      text = waiting_.kind == Waiting::Kind::join_next ? answer_next(*set, arrived)
                                                       : answer_await(*set, arrived);
      break;
    }
    case Waiting::Kind::closing:
      CHECK(set != nullptr);
      if (set->queue.total() < set->submitted()) return {CallState::parked, {}};
      sets_.erase(found);
      text = "null";
      break;
  }
  waiting_ = {};
  told_ = true;
  refresh();
  return answer(std::move(text));
}

void RunMachine::log(std::uint8_t level, std::string_view message) {
  if (replaying() || broken_ || start_.options.dry) return;
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
  ended_ = std::move(outcome);
  waiting_ = {};
  told_ = false;
}

bool RunMachine::differs() const {
  return broken_ && broken_->failure == FailureKind::nondeterminism_detected;
}

bool RunMachine::wants_hand_over() const {
  if (made_.size() >= start_.options.events_per_hand_over || logs_.size() >= log_lines_max / 10)
    return true;
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
  } else if (waiting_.kind != Waiting::Kind::none) {
    advanced.state = RunState::blocked;
    advanced.set = waiting_.set;
  }
  return advanced;
}

std::size_t RunMachine::resident_bytes() const {
  constexpr std::size_t fixed = 1024;
  constexpr std::size_t set_bytes = 256;
  std::size_t bytes = fixed + start_.history.resident_bytes() + made_.size() * sizeof(RunRequest);
  for (const auto& [ordinal, set] : sets_)
    bytes += set_bytes + set.functions.capacity() * sizeof(FunctionId) + set.queue.resident_bytes();
  return bytes;
}

}  // namespace stele::core

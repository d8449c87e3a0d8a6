// SPDX-License-Identifier: Apache-2.0
// The call that waits, and what it is told in the end.
#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "core/run_errors.h"
#include "core/run_machine.h"

namespace stele::core {

CallOutcome RunMachine::wait_for(Waiting waiting) {
  waiting_ = std::move(waiting);
  decided_.reset();
  back_.reset();
  told_ = false;
  return go_on();
}

CallOutcome RunMachine::go_on() {
  if (waiting_.kind == Waiting::Kind::none || waiting_.kind == Waiting::Kind::stopped)
    return stopped();
  std::optional<std::string> text = awaited();
  if (broken_) return stopped();
  if (!text) return {CallState::parked, {}};
  waiting_ = {};
  told_ = true;
  refresh();
  return answer(std::move(*text));
}

std::optional<std::string> RunMachine::awaited() {
  switch (waiting_.kind) {
    case Waiting::Kind::none:
    case Waiting::Kind::stopped: return std::nullopt;
    case Waiting::Kind::direct_call:
    case Waiting::Kind::call_json:
    case Waiting::Kind::sleep: return awaited_one_off();
    case Waiting::Kind::closing: return awaited_closing();
    case Waiting::Kind::read_back: return awaited_value();
    case Waiting::Kind::schedule:
      return decided_ ? std::optional(schedule_answer(*decided_)) : std::nullopt;
    case Waiting::Kind::stub:
      return decided_ ? std::optional(refusal_answer(*decided_)) : std::nullopt;
    case Waiting::Kind::join_next:
    case Waiting::Kind::await_next: break;
  }
  const auto found = sets_.find(waiting_.set);
  CHECK(found != sets_.end());
  RunSet& set = found->second;
  if (set.queue.empty()) return std::nullopt;
  const Arrived arrived = set.queue.pop();
  note_processed(set.id(), arrived, set.function_of(arrived));
  return waiting_.kind == Waiting::Kind::join_next ? answer_next(set, arrived)
                                                   : answer_await(set, arrived);
}

std::optional<std::string> RunMachine::awaited_one_off() {
  if (!start_.history.has_one_off()) return std::nullopt;
  const Arrived arrived = start_.history.take_one_off();
  if (waiting_.kind == Waiting::Kind::sleep) return answer_sleep(arrived);
  if (keeps_processed_) note_processed(last_direct_.id(), arrived, waiting_.function);
  return answer_direct(arrived);
}

std::optional<std::string> RunMachine::awaited_closing() {
  const auto found = sets_.find(waiting_.set);
  CHECK(found != sets_.end());
  RunSet& set = found->second;
  if (set.queue.total() < set.submitted()) return std::nullopt;
  while (!set.queue.empty()) {
    const Arrived arrived = set.queue.pop();
    note_processed(set.id(), arrived, set.function_of(arrived));
  }
  sets_.erase(found);
  return "null";
}

std::optional<std::string> RunMachine::awaited_value() {
  if (!back_) return std::nullopt;
  if (!waiting_.typed) return answer_text(*back_, waiting_.function);
  return fmt::format(R"({{"ok":{}}})", project_arrived(*back_, waiting_.function));
}

void RunMachine::read_back(const Entry& entry) {
  if (waiting_.kind != Waiting::Kind::read_back) return;
  auto routed = route(Entry(entry));
  if (routed && entry.position == processed_.find(waiting_.level)->position)
    back_ = std::move(routed->arrived);
}

void RunMachine::note_processed(std::string_view join_set, const Arrived& arrived,
                                FunctionId function) {
  if (!keeps_processed_ || arrived.delay) return;
  // Nobody can give a dry run a value that it has let go.
  processed_.add(fmt::format("{}_{}", join_set, arrived.index), arrived, function,
                 !start_.options.dry);
}

}  // namespace stele::core

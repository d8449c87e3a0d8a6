// SPDX-License-Identifier: Apache-2.0
// The calls of a workflow on an open join set (contract 1.4, 2.7, 5.9).
#include <fmt/format.h>

#include "core/run_json.h"
#include "core/run_machine.h"

namespace stele::core {

RunMachine::SetOperation RunMachine::set_operation_of(HostOp op) {
  if (op == HostOp::submit) return &RunMachine::submit;
  if (op == HostOp::submit_json) return &RunMachine::submit_json;
  if (op == HostOp::submit_delay) return &RunMachine::submit_delay;
  if (op == HostOp::join_next_try) return &RunMachine::join_next_try;
  if (op == HostOp::join_set_id) return &RunMachine::set_id;
  if (op == HostOp::join_set_last_id) return &RunMachine::last_id;
  if (op == HostOp::join_set_close || op == HostOp::join_set_drop) return &RunMachine::close;
  return &RunMachine::join_next;
}

CallOutcome RunMachine::use_set(const GuestCall& call) {
  const auto found = sets_.find(JoinSetOrdinal(call.handle));
  if (found != sets_.end()) return (this->*set_operation_of(call.target->op))(call, found->second);
  // The handle that an explicit close has consumed is dropped too.
  if (call.target->op == HostOp::join_set_drop) return answer("null");
  return refuse(call, "the join set is closed");
}

CallOutcome RunMachine::submit(const GuestCall& call, RunSet& set) {
  if (set.members() >= start_.options.set_members_max)
    return refuse(call, fmt::format("the limit of {} members of a join set is reached",
                                    start_.options.set_members_max));
  auto params = new_params(call);
  if (!params) return refuse(call, params.error().reason);
  const auto index = static_cast<std::uint32_t>(set.functions.size()) + 1;
  EntryBody wanted = ChildRequest{.join_set = JoinSetOrdinal(call.handle),
                                  .index = index,
                                  .function = call.target->function,
                                  .params_hash = call.params_hash};
  const std::string id = set.id();
  if (!record(wanted, std::move(*params), id)) return stopped();
  set.functions.push_back(call.target->function);
  return answer(child_text(id, index));
}

CallOutcome RunMachine::submit_delay(const GuestCall& call, RunSet& set) {
  if (set.members() >= start_.options.set_members_max)
    return refuse(call, fmt::format("the limit of {} members of a join set is reached",
                                    start_.options.set_members_max));
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto schedule = parse_delay(*text);
  if (!schedule) return refuse(call, schedule.error().reason);
  const std::uint32_t index = set.delays + 1;
  EntryBody wanted = DelayRequest{.join_set = JoinSetOrdinal(call.handle),
                                  .index = index,
                                  .schedule = *schedule,
                                  .expires = expiry(*schedule, now_)};
  const std::string id = set.id();
  if (!record(wanted, {}, id)) return stopped();
  ++set.delays;
  return answer(fmt::format(R"({{"id":"{}"}})", delay_id(start_.id, id, index)));
}

CallOutcome RunMachine::join_next(const GuestCall& call, RunSet& set) {
  const JoinSetOrdinal ordinal(call.handle);
  const bool typed = call.target->op == HostOp::await_next;
  const auto requested = typed ? std::optional(call.target->function) : std::nullopt;
  if (set.consumed >= set.submitted()) {
    EntryBody wanted = JoinNextTooMany{.join_set = ordinal, .requested = requested};
    return record(wanted) ? answer(R"({"err":"all_processed"})") : stopped();
  }
  EntryBody wanted = JoinNext{.join_set = ordinal, .requested = requested};
  if (!record(wanted)) return stopped();
  ++set.consumed;
  return wait_for({.kind = typed ? Waiting::Kind::await_next : Waiting::Kind::join_next,
                   .set = ordinal,
                   .function = requested.value_or(FunctionId())});
}

CallOutcome RunMachine::join_next_try(const GuestCall& call, RunSet& set) {
  using Result = JoinNextTry::Result;
  Result result = Result::pending;
  if (set.consumed >= set.submitted()) result = Result::all_processed;
  if (!set.queue.empty() && set.queue.front().position < visible_before_) result = Result::found;
  EntryBody wanted = JoinNextTry{.join_set = JoinSetOrdinal(call.handle), .result = result};
  if (!record(wanted)) return stopped();
  switch (std::get<JoinNextTry>(wanted).result) {
    case Result::pending: return answer(R"({"err":"pending"})");
    case Result::all_processed: return answer(R"({"err":"all_processed"})");
    case Result::found: break;
  }
  if (set.queue.empty())
    return fail_run({.kind = OutcomeKind::failure,
                     .failure = FailureKind::nondeterminism_detected,
                     .detail = "the history lacks the response that it says was found"});
  ++set.consumed;
  const Arrived arrived = set.queue.pop();
  note_processed(set.id(), arrived, set.function_of(arrived));
  return answer(answer_next(set, arrived));
}

CallOutcome RunMachine::close(const GuestCall& call, RunSet& set) {
  const JoinSetOrdinal ordinal(call.handle);
  const std::uint32_t unawaited = set.submitted() - set.consumed;
  if (unawaited == 0) {
    sets_.erase(ordinal);
    return answer("null");
  }
  EntryBody wanted = JoinNext{.join_set = ordinal, .closing = true, .count = unawaited};
  if (!record(wanted)) return stopped();
  set.consumed += unawaited;
  return wait_for({.kind = Waiting::Kind::closing, .set = ordinal});
}

CallOutcome RunMachine::set_id(const GuestCall& /*call*/, RunSet& set) {
  return answer(json_string(set.id()));
}

CallOutcome RunMachine::last_id(const GuestCall& /*call*/, RunSet& set) {
  return answer(set.last ? response_id(set.id(), *set.last) : "null");
}

}  // namespace stele::core

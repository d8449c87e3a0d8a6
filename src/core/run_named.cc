// SPDX-License-Identifier: Apache-2.0
// Functions that are called by name with parameters as text, and scheduled ones
// (contract 1.4, 2.1).
#include <fmt/format.h>

#include "core/run_errors.h"
#include "core/run_machine.h"
#include "core/run_random.h"
#include "core/run_raw.h"

namespace stele::core {
namespace {

constexpr const char* no_array = "cannot parse params as JSON array";
constexpr const char* other_than_array = "params must be a json array";

std::string schedule_id(const Ulid& id) {
  return fmt::format(R"({{"id":"{}"}})", to_text(ExecutionId{.root = id}));
}

/// `[at,a,b]` without its first element.
Result<std::string> without_first(std::string_view params) {
  const auto elements = TRY(raw_elements(params));
  std::string text = "[";
  for (std::size_t i = 1; i < elements.size(); ++i) {
    if (i > 1) text += ',';
    text += elements[i];
  }
  return text + ']';
}

}  // namespace

NamedCall RunMachine::look_up(const CallByName& named, bool scheduling) const {
  NamedCall found{.ffqn = named.ffqn()};
  const auto parsed = parse_ffqn(found.ffqn);
  std::string error = parsed ? "" : parsed.error().reason;
  if (named.function.contains('.'))
    error = fmt::format("'{}' is not the name of a function: it has a '.'", named.function);
  if (!error.empty()) {
    found.answer = error_answer("ffqn_parsing_error", error);
    return found;
  }
  const CatalogFunction* function =
      start_.checks == nullptr ? nullptr : start_.catalog->find(found.ffqn);
  if (function == nullptr || (scheduling && function->kind == FunctionKind::stub)) {
    error = json_array_error(named.params);
    if (!error.empty()) found.answer = error_answer("type_check_error", error);
    found.refused = {.kind = Refused::Kind::function_not_found, .ffqn = found.ffqn};
    return found;
  }
  found.function = function;
  auto params = start_.checks->params(function->id, named.params);
  if (params) {
    found.params = std::move(*params);
    return found;
  }
  error = params.error().reason;
  if (error.starts_with(no_array) || error.starts_with(other_than_array)) {
    found.answer = error_answer("type_check_error", error);
    return found;
  }
  found.refused = {.kind = Refused::Kind::type_check,
                   .text = "params type checking failed: " + error,
                   .ffqn = found.ffqn};
  return found;
}

/// What was found out when the call was stored wins over what is found out now.
template <typename Body>
void RunMachine::adopt(Body& wanted, const std::string& ffqn) const {
  if (!replaying()) return;
  const Entry entry = start_.history.front();
  const auto* stored = std::get_if<Body>(&entry.body);
  if (stored == nullptr) return;
  const bool same_refusal = stored->refused && stored->refused.ffqn == ffqn;
  const bool same_function = wanted.function && wanted.function == stored->function;
  if (same_refusal)
    wanted.function = stored->function;
  else if (wanted.refused.kind != Refused::Kind::type_check || !same_function)
    return;
  wanted.refused = stored->refused;
  wanted.params_hash = stored->params_hash;
}

CallOutcome RunMachine::submit_json(const GuestCall& call, RunSet& set) {
  if (set.members() >= start_.options.set_members_max)
    return refuse(call, fmt::format("the limit of {} members of a join set is reached",
                                    start_.options.set_members_max));
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto named = parse_call_by_name(*text);
  if (!named) return refuse(call, named.error().reason);
  NamedCall found = look_up(*named, false);
  if (!found.answer.empty()) return answer(std::move(found.answer));
  const auto index = static_cast<std::uint32_t>(set.functions.size()) + 1;
  ChildRequest wanted{.join_set = JoinSetOrdinal(call.handle),
                      .index = index,
                      .function = found.function != nullptr ? found.function->id : FunctionId(),
                      .params_hash = found.params.hash,
                      .refused = std::move(found.refused)};
  adopt(wanted, found.ffqn);
  const Refused refused = wanted.refused;
  EntryBody body = wanted;
  const std::string id = set.id();
  if (!record(body, std::move(found.params.text), id)) return stopped();
  set.functions.push_back(refused ? FunctionId() : wanted.function);
  if (refused) ++set.refused;
  if (refused) return answer(refusal_answer(refused));
  return answer(fmt::format(R"({{"ok":{}}})", child_text(id, index)));
}

CallOutcome RunMachine::call_json(const GuestCall& call) {
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto named = parse_call_by_name(*text);
  if (!named) return refuse(call, named.error().reason);
  NamedCall found = look_up(*named, false);
  if (!found.answer.empty()) return answer(std::move(found.answer));
  if (found.refused) return answer(refusal_answer(found.refused));
  return call_one_off({.function = found.function->id,
                       .label = named->function,
                       .params_hash = found.params.hash,
                       .params = std::move(found.params.text),
                       .kind = Waiting::Kind::call_json});
}

CallOutcome RunMachine::schedule(const GuestCall& call) {
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto at = parse_delay(*text);
  if (!at) return refuse(call, at.error().reason);
  const Schedule wanted{.id = RandomStream(seed_, requests_).ulid(start_.id.root),
                        .function = call.target->function,
                        .params_hash = call.params_hash,
                        .schedule = *at,
                        .at = expiry(*at, now_)};
  RunRequest request{.body = wanted};
  if (!replaying()) {
    auto params = without_first(*text);
    if (!params) return refuse(call, params.error().reason);
    const auto checked = start_.checks == nullptr ? fail(Code::unavailable, "no types are known")
                                                  : start_.checks->params(wanted.function, *params);
    if (checked) request.target_hash = checked->hash;
    request.params = std::move(*params);
  }
  if (!record(request)) return stopped();
  return answer(schedule_id(wanted.id));
}

CallOutcome RunMachine::schedule_json(const GuestCall& call) {
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto asked = parse_schedule_by_name(*text);
  if (!asked) return refuse(call, asked.error().reason);
  const auto id = parse_execution_id(asked->id);
  if (!id) return answer(error_answer("ffqn_parsing_error", id.error().reason));
  if (!id->suffix.empty())
    return answer(error_answer("ffqn_parsing_error", "must be a top-level execution id"));
  NamedCall found = look_up(asked->call, true);
  if (!found.answer.empty()) return answer(std::move(found.answer));
  Schedule wanted{.id = id->root,
                  .function = found.function != nullptr ? found.function->id : FunctionId(),
                  .params_hash = found.params.hash,
                  .schedule = asked->schedule,
                  .at = expiry(asked->schedule, now_),
                  .refused = std::move(found.refused)};
  adopt(wanted, found.ffqn);
  const bool decided = replaying() || wanted.refused;
  RunRequest request{
      .body = wanted, .params = std::move(found.params.text), .chosen_id = !wanted.refused};
  if (!record(request)) return stopped();
  if (decided) return answer(schedule_answer(std::get<Schedule>(request.body).refused));
  return wait_for({.kind = Waiting::Kind::schedule, .id = id->root});
}

}  // namespace stele::core

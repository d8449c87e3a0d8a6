// SPDX-License-Identifier: Apache-2.0
// Values that a workflow gives to stubs and external activities (contract 1.4, 2.1, 5.12).
#include <fmt/format.h>

#include <algorithm>

#include "core/run_errors.h"
#include "core/run_machine.h"
#include "core/run_raw.h"

namespace stele::core {
namespace {

bool takes_values(FunctionKind kind) {
  return kind == FunctionKind::stub || kind == FunctionKind::external;
}

/// {"ok":…} or {"err":…} as an outcome; `null` is taken for a unit payload.
Result<Outcome> raw_outcome(std::string_view text) {
  const RawMember member = TRY(raw_member(text));
  if (member.key != "ok" && member.key != "err")
    return fail(Code::invalid_argument, "expected ok or err");
  return Outcome{.kind = member.key == "ok" ? OutcomeKind::ok : OutcomeKind::err,
                 .value = member.value == "null" ? Bytes() : Bytes(member.value)};
}

}  // namespace

std::optional<OwnChild> RunMachine::own_child(const ExecutionId& target) const {
  if (own_level(target).empty()) return std::nullopt;
  const auto derived = split_derived(target);
  if (!derived || derived->parent != start_.id) return std::nullopt;
  const std::string_view name = std::string_view(derived->join_set).substr(2);
  const auto found = std::ranges::find_if(sets_, [&](const auto& item) {
    return item.second.name == name && item.second.id() == derived->join_set;
  });
  if (found == sets_.end()) return std::nullopt;
  const OwnChild child{found->first, derived->index};
  return function_of(child) ? std::optional(child) : std::nullopt;
}

FunctionId RunMachine::function_of(const OwnChild& child) const {
  const std::vector<FunctionId>& functions = sets_.at(child.join_set).functions;
  return child.index <= functions.size() ? functions[child.index - 1] : FunctionId();
}

CallOutcome RunMachine::give_value(RunRequest request) {
  const bool decided = replaying() || std::get<Stub>(request.body).refused;
  if (!record(request)) return stopped();
  if (decided) return answer(refusal_answer(std::get<Stub>(request.body).refused));
  return wait_for({.kind = Waiting::Kind::stub});
}

CallOutcome RunMachine::stub(const GuestCall& call) {
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto id_text = parse_target(*text);
  if (!id_text) return refuse(call, id_text.error().reason);
  const auto id = parse_execution_id(*id_text);
  if (!id || id->suffix.empty()) return answer(error_answer("execution_not_found"));
  const FunctionId function = call.target->function;
  Stub wanted{.target = *id, .value_hash = call.params_hash};
  RunRequest request{.own_child = own_child(*id), .function = function};
  const FunctionId actual = request.own_child ? function_of(*request.own_child) : function;
  if (actual != function)
    wanted.refused = {.kind = Refused::Kind::type_check,
                      .text = fmt::format("the execution {} is a call of {}, not of {}", *id_text,
                                          function_name(actual), function_name(function))};
  request.body = std::move(wanted);
  if (replaying()) return give_value(std::move(request));
  const auto elements = raw_elements(*text);
  if (!elements || elements->size() < 2) return refuse(call, "expected an id and a value");
  auto value = raw_outcome((*elements)[1]);
  if (!value) return refuse(call, value.error().reason);
  // Only the type tells the payload null from none.
  if (value->value.empty() && start_.checks != nullptr) {
    auto checked = start_.checks->result(function, (*elements)[1]);
    if (checked) value = std::move(*checked);
  }
  request.value = std::move(*value);
  return give_value(std::move(request));
}

CallOutcome RunMachine::stub_json(const GuestCall& call) {
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto asked = parse_stub_by_text(*text);
  if (!asked) return refuse(call, asked.error().reason);
  const auto id = parse_execution_id(asked->id);
  if (!id) return answer(error_answer("execution_id_parsing_error", id.error().reason));
  if (id->suffix.empty())
    return answer(
        error_answer("execution_id_parsing_error", "must not be a top-level execution id"));
  Stub wanted{.target = *id, .value_hash = call.params_hash};
  RunRequest request{.own_child = own_child(*id)};
  const CatalogFunction* function =
      request.own_child ? start_.catalog->find(function_of(*request.own_child)) : nullptr;
  if (function == nullptr || start_.checks == nullptr || !takes_values(function->kind)) {
    request.params = asked->result;
  } else if (!replaying()) {
    auto value = start_.checks->result(function->id, asked->result);
    if (value)
      request.value = std::move(*value);
    else
      wanted.refused = {.kind = Refused::Kind::type_check, .text = value.error().reason};
  }
  request.body = std::move(wanted);
  return give_value(std::move(request));
}

}  // namespace stele::core

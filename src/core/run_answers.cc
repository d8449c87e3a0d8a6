// SPDX-License-Identifier: Apache-2.0
// What a response becomes for the code (contract 1.4, 2.4, 2.7).
#include <fmt/format.h>

#include "core/run_json.h"
#include "core/run_machine.h"

namespace stele::core {
namespace {

/// result<option<string>, option<string>>: the JSON text of the payload, as text.
std::string text_result(std::string_view side, std::string_view payload) {
  return fmt::format(R"({{"ok":{{"{}":{}}}}})", side,
                     payload.empty() ? "null" : json_string(payload));
}

}  // namespace

std::string OneOff::id() const { return fmt::format("o:{}-{}", number, label); }

ErrorType RunMachine::error_type(FunctionId function) const {
  const CatalogFunction* found = start_.catalog->find(function);
  return found == nullptr ? ErrorType::none : found->error_type;
}

std::string RunMachine::function_name(FunctionId function) const {
  const CatalogFunction* found = start_.catalog->find(function);
  return found == nullptr ? fmt::format("number {} (not deployed)", function.value) : found->ffqn;
}

std::string RunMachine::child_text(std::string_view join_set, std::uint32_t index) const {
  return fmt::format(R"({{"id":"{}.{}_{}"}})", id_text_, join_set, index);
}

std::string RunMachine::response_id(std::string_view join_set, const Arrived& arrived) const {
  if (!arrived.delay)
    return fmt::format(R"({{"execution_id":{}}})", child_text(join_set, arrived.index));
  return fmt::format(R"({{"delay_id":{{"id":"{}"}}}})",
                     delay_id(start_.id, join_set, arrived.index));
}

std::string RunMachine::project_arrived(const Arrived& arrived, FunctionId function) const {
  if (arrived.kind == OutcomeKind::failure)
    return project({.kind = arrived.kind}, error_type(function));
  std::string text(arrived.kind == OutcomeKind::ok ? R"({"ok":)" : R"({"err":)");
  text += arrived.value.empty() ? std::string_view("null") : std::string_view(arrived.value);
  text += '}';
  return text;
}

std::string RunMachine::answer_direct(const Arrived& arrived) const {
  if (waiting_.kind == Waiting::Kind::call_json) return answer_text(arrived, waiting_.function);
  return project_arrived(arrived, waiting_.function);
}

std::string RunMachine::answer_text(const Arrived& arrived, FunctionId function) const {
  if (arrived.kind == OutcomeKind::ok) return text_result("ok", arrived.value);
  if (arrived.kind == OutcomeKind::err) return text_result("err", arrived.value);
  const bool unit = error_type(function) == ErrorType::none;
  return text_result("err", unit ? "" : R"("execution_failed")");
}

std::string RunMachine::answer_sleep(const Arrived& arrived) const {
  if (arrived.cancelled) return R"({"err":null})";
  return fmt::format(R"({{"ok":{}}})", json_datetime(waiting_.expires));
}

std::string RunMachine::answer_next(RunSet& set, const Arrived& arrived) const {
  set.last = Arrived{.index = arrived.index, .delay = arrived.delay};
  if (arrived.delay) return text_result(arrived.cancelled ? "err" : "ok", {});
  return answer_text(arrived, set.function_of(arrived));
}

std::string RunMachine::answer_await(RunSet& set, const Arrived& arrived) const {
  const FunctionId function = set.function_of(arrived);
  if (arrived.delay || function != waiting_.function)
    return mismatch(waiting_.function, function, response_id(set.id(), arrived));
  set.last = Arrived{.index = arrived.index};
  return fmt::format(R"({{"ok":{}}})", project_arrived(arrived, function));
}

std::string RunMachine::mismatch(FunctionId specified, FunctionId actual,
                                 const std::string& id) const {
  return fmt::format(
      R"({{"err":{{"function_mismatch":{{"specified_function":{},"actual_function":{},)"
      R"("actual_id":{}}}}}}})",
      json_function(function_name(specified)),
      actual ? json_function(function_name(actual)) : "null", id);
}

}  // namespace stele::core

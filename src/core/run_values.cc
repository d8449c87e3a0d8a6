// SPDX-License-Identifier: Apache-2.0
// -get, get-result-json, get-execution-failure-kind (contract 1.4, 2.7).
#include <fmt/format.h>

#include "core/run_errors.h"
#include "core/run_machine.h"

namespace stele::core {

std::string_view RunMachine::own_level(const ExecutionId& target) const {
  const std::string_view own = start_.id.suffix;
  const std::string_view suffix = target.suffix;
  if (target.root != start_.id.root || suffix.size() <= own.size() + 1) return {};
  if (!suffix.starts_with(own) || suffix[own.size()] != '.') return {};
  return suffix.substr(own.size() + 1);
}

CallOutcome RunMachine::get(const GuestCall& call) {
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto id_text = parse_target(*text);
  if (!id_text) return refuse(call, id_text.error().reason);
  const bool typed = call.target->op == HostOp::get;
  const auto id = parse_execution_id(*id_text);
  if (!typed && !id) return answer(error_answer("execution_id_parsing_error", id.error().reason));
  if (!typed && id->suffix.empty())
    return answer(
        error_answer("execution_id_parsing_error", "must not be a top-level execution id"));
  const std::string level(id ? own_level(*id) : std::string_view());
  const ProcessedChild* child = level.empty() ? nullptr : processed_.find(level);
  if (child == nullptr) return answer(error_answer("not_found_in_processed_responses"));
  if (typed && child->function != call.target->function)
    return answer(mismatch(call.target->function, child->function,
                           fmt::format(R"({{"execution_id":{{"id":"{}"}}}})", to_text(*id))));
  if (call.target->op == HostOp::get_execution_failure_kind) {
    if (child->kind != OutcomeKind::failure) return answer(R"({"ok":null})");
    return answer(fmt::format(R"({{"ok":"{}"}})", failure_kind_name(child->failure)));
  }
  const Waiting waiting{.kind = Waiting::Kind::read_back,
                        .function = child->function,
                        .level = level,
                        .typed = typed};
  if (child->cold) return wait_for(waiting);
  const Arrived arrived{.value = child->value, .kind = child->kind};
  if (!typed) return answer(answer_text(arrived, child->function));
  return answer(fmt::format(R"({{"ok":{}}})", project_arrived(arrived, child->function)));
}

}  // namespace stele::core

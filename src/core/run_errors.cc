// SPDX-License-Identifier: Apache-2.0
#include "core/run_errors.h"

#include <fmt/format.h>

#include "core/run_json.h"

namespace stele::core {

std::string error_answer(std::string_view name) { return fmt::format(R"({{"err":"{}"}})", name); }

std::string error_answer(std::string_view name, std::string_view text) {
  return fmt::format(R"({{"err":{{"{}":{}}}}})", name, json_string(text));
}

std::string refusal_answer(const Refused& refused) {
  switch (refused.kind) {
    case Refused::Kind::none: return R"({"ok":null})";
    case Refused::Kind::function_not_found: return error_answer("function_not_found");
    case Refused::Kind::type_check: return error_answer("type_check_error", refused.text);
    case Refused::Kind::execution_not_found: return error_answer("execution_not_found");
    case Refused::Kind::conflict: return error_answer("conflict");
  }
  return error_answer("conflict");
}

std::string schedule_answer(const Refused& refused) {
  if (refused.kind != Refused::Kind::conflict) return refusal_answer(refused);
  return error_answer("ffqn_parsing_error", refused.text.empty()
                                                ? "the execution id is in use for something else"
                                                : std::string_view(refused.text));
}

}  // namespace stele::core

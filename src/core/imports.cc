// SPDX-License-Identifier: Apache-2.0
#include "core/imports.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace stele::core {
namespace {

struct HostFunction {
  std::string_view name;
  HostOp op;
};

/// Of obelisk:workflow/workflow-support and -backtrace, and the methods of join-set.
constexpr std::array host_functions{
    HostFunction{"execution-id-current", HostOp::execution_id_current},
    HostFunction{"random-u64", HostOp::random_u64},
    HostFunction{"random-u64-inclusive", HostOp::random_u64_inclusive},
    HostFunction{"random-string", HostOp::random_string},
    HostFunction{"sleep", HostOp::sleep},
    HostFunction{"join-set-create", HostOp::join_set_create},
    HostFunction{"join-set-create-named", HostOp::join_set_create_named},
    HostFunction{"join-set-close", HostOp::join_set_close},
    HostFunction{"submit-json", HostOp::submit_json},
    HostFunction{"get-result-json", HostOp::get_result_json},
    HostFunction{"get-execution-failure-kind", HostOp::get_execution_failure_kind},
    HostFunction{"last-direct-call-id", HostOp::last_direct_call_id},
    HostFunction{"last-oneoff-id", HostOp::last_oneoff_id},
    HostFunction{"submit-delay", HostOp::submit_delay},
    HostFunction{"join-next", HostOp::join_next},
    HostFunction{"join-next-try", HostOp::join_next_try},
    HostFunction{"execution-id-generate", HostOp::execution_id_generate},
    HostFunction{"schedule-json", HostOp::schedule_json},
    HostFunction{"call-json", HostOp::call_json},
    HostFunction{"stub-json", HostOp::stub_json},
    HostFunction{"[method]join-set.id", HostOp::join_set_id},
    HostFunction{"[method]join-set.last-id", HostOp::join_set_last_id},
};

struct Extension {
  std::string_view package;   ///< suffix of the package's name
  std::string_view function;  ///< suffix of the function's name
  HostOp op;
};
constexpr std::array extensions{
    Extension{"-obelisk-ext", "-submit", HostOp::submit},
    Extension{"-obelisk-ext", "-await-next", HostOp::await_next},
    Extension{"-obelisk-ext", "-get", HostOp::get},
    Extension{"-obelisk-schedule", "-schedule", HostOp::schedule},
    Extension{"-obelisk-stub", "-stub", HostOp::stub},
};

/// The err part of `result<T, E>`, empty where there is none.
std::string_view error_part(std::string_view result) {
  int depth = 0;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const char c = result[i];
    if (c == '<' || c == '{' || c == '(') ++depth;
    if (c == '>' || c == '}' || c == ')') --depth;
    if (c != ',' || depth != 1) continue;
    std::string_view part = result.substr(i + 1, result.size() - i - 2);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    return part;
  }
  return {};
}

}  // namespace

std::optional<ImportMeaning> meaning_of(std::string_view interface, std::string_view name) {
  if (interface.starts_with("obelisk:")) {
    const auto* found = std::ranges::find(host_functions, name, &HostFunction::name);
    if (found == host_functions.end()) return std::nullopt;
    return ImportMeaning{.op = found->op};
  }
  const std::size_t slash = std::min(interface.find('/'), interface.size());
  const std::string_view package = interface.substr(0, slash);
  for (const Extension& extension : extensions) {
    if (!package.ends_with(extension.package) || !name.ends_with(extension.function)) continue;
    return ImportMeaning{
        .op = extension.op,
        .ffqn = fmt::format("{}{}.{}", package.substr(0, package.size() - extension.package.size()),
                            interface.substr(slash),
                            name.substr(0, name.size() - extension.function.size()))};
  }
  return ImportMeaning{.op = HostOp::direct_call, .ffqn = fmt::format("{}.{}", interface, name)};
}

ErrorType error_type_of(std::string_view result) {
  const std::string_view part = error_part(result);
  if (part.empty() || part == "_") return ErrorType::none;
  return part == "string" ? ErrorType::text : ErrorType::variant;
}

}  // namespace stele::core

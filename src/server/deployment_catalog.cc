// SPDX-License-Identifier: Apache-2.0
// How exports, imports and settings become the catalog that the core works with.
#include <array>
#include <map>

#include "base/check.h"
#include "server/deployment.h"

namespace stele::server {
namespace {

struct SupportFunction {
  std::string_view name;
  core::HostOp op;
};

/// obelisk:workflow/workflow-support and -backtrace, and the methods of join-set
/// (contract 1.3, 1.4).
constexpr std::array support_functions{
    SupportFunction{"execution-id-current", core::HostOp::execution_id_current},
    SupportFunction{"random-u64", core::HostOp::random_u64},
    SupportFunction{"random-u64-inclusive", core::HostOp::random_u64_inclusive},
    SupportFunction{"random-string", core::HostOp::random_string},
    SupportFunction{"sleep", core::HostOp::sleep},
    SupportFunction{"join-set-create", core::HostOp::join_set_create},
    SupportFunction{"join-set-create-named", core::HostOp::join_set_create_named},
    SupportFunction{"join-set-close", core::HostOp::join_set_close},
    SupportFunction{"submit-json", core::HostOp::submit_json},
    SupportFunction{"get-result-json", core::HostOp::get_result_json},
    SupportFunction{"get-execution-failure-kind", core::HostOp::get_execution_failure_kind},
    SupportFunction{"last-direct-call-id", core::HostOp::last_direct_call_id},
    SupportFunction{"last-oneoff-id", core::HostOp::last_oneoff_id},
    SupportFunction{"submit-delay", core::HostOp::submit_delay},
    SupportFunction{"join-next", core::HostOp::join_next},
    SupportFunction{"join-next-try", core::HostOp::join_next_try},
    SupportFunction{"execution-id-generate", core::HostOp::execution_id_generate},
    SupportFunction{"schedule-json", core::HostOp::schedule_json},
    SupportFunction{"call-json", core::HostOp::call_json},
    SupportFunction{"stub-json", core::HostOp::stub_json},
    SupportFunction{"[method]join-set.id", core::HostOp::join_set_id},
    SupportFunction{"[method]join-set.last-id", core::HostOp::join_set_last_id},
};

struct Extension {
  std::string_view package;   ///< suffix of the package name
  std::string_view function;  ///< suffix of the function name
  core::HostOp op;
};
constexpr std::array extensions{
    Extension{"-obelisk-ext", "-submit", core::HostOp::submit},
    Extension{"-obelisk-ext", "-await-next", core::HostOp::await_next},
    Extension{"-obelisk-ext", "-get", core::HostOp::get},
    Extension{"-obelisk-schedule", "-schedule", core::HostOp::schedule},
    Extension{"-obelisk-stub", "-stub", core::HostOp::stub},
};

using FunctionIds = std::map<std::string, FunctionId>;

core::ImportTarget user_import(const wasm::Function& import, const FunctionIds& ids) {
  const auto target = [&](core::HostOp op, const std::string& ffqn) {
    const auto found = ids.find(ffqn);
    CHECK(found != ids.end());  // Toolchain::check_links has refused anything else
    return core::ImportTarget{.op = op, .function = found->second, .ffqn = import.ffqn()};
  };
  const std::size_t slash = import.interface.find('/');
  const std::string package = import.interface.substr(0, slash);
  for (const Extension& extension : extensions) {
    if (!package.ends_with(extension.package) || !import.name.ends_with(extension.function))
      continue;
    const std::string plain = package.substr(0, package.size() - extension.package.size()) +
                              import.interface.substr(slash);
    const std::string name = import.name.substr(0, import.name.size() - extension.function.size());
    return target(extension.op, plain + '.' + name);
  }
  return target(core::HostOp::direct_call, import.ffqn());
}

core::ImportTarget import_target(const wasm::Function& import, const FunctionIds& ids) {
  if (!import.interface.starts_with("obelisk:")) return user_import(import, ids);
  for (const SupportFunction& function : support_functions)
    if (function.name == import.name)
      return {.op = function.op, .function = {}, .ffqn = import.ffqn()};
  CHECK(false && "an obelisk import that Toolchain::check_links let through");
  return {};
}

/// The err part of `result<T, E>`, empty where there is none.
std::string_view error_part(std::string_view result) {
  int depth = 0;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const char c = result[i];
    if (c == '<' || c == '{' || c == '(') ++depth;
    if (c == '>' || c == '}' || c == ')') --depth;
    if (c != ',' || depth != 1) continue;
    std::string_view part = result.substr(i + 1, result.size() - i - 2);
    while (part.starts_with(' ')) part.remove_prefix(1);
    return part;
  }
  return {};
}

core::ErrorType error_type(std::string_view result) {
  const std::string_view part = error_part(result);
  if (part.empty()) return core::ErrorType::none;
  return part == "string" ? core::ErrorType::text : core::ErrorType::variant;
}

core::FunctionKind function_kind(SectionKind kind) {
  switch (kind) {
    case SectionKind::activity_wasm: return core::FunctionKind::activity;
    case SectionKind::workflow_wasm: return core::FunctionKind::workflow;
    case SectionKind::activity_stub: break;
  }
  return core::FunctionKind::stub;
}

core::CatalogFunction catalog_function(const FunctionRow& row, const ComponentSettings& settings,
                                       core::ComponentIndex component) {
  core::CatalogFunction function{.id = row.id, .ffqn = row.ffqn, .name = {}};
  function.name = row.ffqn.substr(row.ffqn.rfind('.') + 1);
  function.kind = function_kind(settings.kind);
  function.error_type = error_type(row.result);
  function.cancellable =
      settings.kind != SectionKind::workflow_wasm || function.name.ends_with("-cancellable");
  function.component = component;
  function.retry = settings.retry;
  function.lock_expiry = settings.lock_expiry;
  return function;
}

}  // namespace

core::CatalogPtr make_catalog(const Deployment& deployment, const DeploymentRow& row) {
  CHECK(row.components.size() == deployment.components.size());
  FunctionIds ids;
  std::vector<core::CatalogFunction> functions;
  for (std::size_t i = 0; i < row.components.size(); ++i) {
    for (const FunctionRow& function : row.components[i].functions) {
      ids.emplace(function.ffqn, function.id);
      functions.push_back(catalog_function(function, deployment.components[i].settings,
                                           static_cast<core::ComponentIndex>(i)));
    }
  }
  std::vector<core::CatalogComponent> components;
  for (const DeployedComponent& deployed : deployment.components) {
    const wasm::Description& description = deployed.component->description();
    core::CatalogComponent component{
        .name = deployed.settings.name, .digest = description.digest, .imports = {}};
    if (deployed.settings.kind == SectionKind::workflow_wasm)
      for (const wasm::Function& import : description.imports)
        component.imports.push_back(import_target(import, ids));
    components.push_back(std::move(component));
  }
  return std::make_shared<const core::Catalog>(row.id, std::move(functions), std::move(components));
}

}  // namespace stele::server

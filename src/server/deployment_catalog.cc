// SPDX-License-Identifier: Apache-2.0
// How exports, imports and settings become the catalog that the core works with.
#include <map>

#include "base/check.h"
#include "core/imports.h"
#include "server/deployment.h"

namespace stele::server {
namespace {

using FunctionIds = std::map<std::string, FunctionId>;

core::ImportTarget import_target(const wasm::Function& import, const FunctionIds& ids) {
  const auto meaning = core::meaning_of(import.interface, import.name);
  CHECK(meaning);  // Toolchain::check_links has refused anything else
  core::ImportTarget target{.op = meaning->op, .function = {}, .ffqn = import.ffqn()};
  if (meaning->ffqn.empty()) return target;
  const auto found = ids.find(meaning->ffqn);
  CHECK(found != ids.end());  // likewise
  target.function = found->second;
  return target;
}

core::FunctionKind function_kind(SectionKind kind) {
  switch (kind) {
    case SectionKind::activity_wasm: return core::FunctionKind::activity;
    case SectionKind::workflow_wasm: return core::FunctionKind::workflow;
    case SectionKind::activity_external: return core::FunctionKind::external;
    case SectionKind::activity_stub: break;
  }
  return core::FunctionKind::stub;
}

core::CatalogFunction catalog_function(const FunctionRow& row, const ComponentSettings& settings,
                                       core::ComponentIndex component) {
  core::CatalogFunction function{.id = row.id, .ffqn = row.ffqn, .name = {}};
  function.name = row.ffqn.substr(row.ffqn.rfind('.') + 1);
  function.kind = function_kind(settings.kind);
  function.error_type = core::error_type_of(row.result);
  function.cancellable =
      settings.kind != SectionKind::workflow_wasm || function.name.ends_with("-cancellable");
  function.component = component;
  function.retry = settings.retry;
  function.lock_expiry = settings.lock_expiry;
  function.keepalive = settings.keepalive;
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
    core::CatalogComponent component{.name = deployed.settings.name,
                                     .digest = deployed.digest,
                                     .upgrade = deployed.settings.upgrade,
                                     .instances_max = deployed.settings.instances_max,
                                     .imports = {}};
    if (deployed.settings.kind == SectionKind::workflow_wasm)
      for (const wasm::Function& import : description.imports)
        component.imports.push_back(import_target(import, ids));
    components.push_back(std::move(component));
  }
  return std::make_shared<const core::Catalog>(row.id, std::move(functions), std::move(components));
}

}  // namespace stele::server

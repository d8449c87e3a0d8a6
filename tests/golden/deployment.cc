// SPDX-License-Identifier: Apache-2.0
#include "golden/deployment.h"

#include <fmt/format.h>

#include <map>

#include "base/check.h"
#include "core/imports.h"
#include "journal/hash.h"

namespace stele::golden {
namespace {

using Compiled = std::vector<std::shared_ptr<wasm::Component>>;

std::string_view kind_name(wasm::ComponentKind kind) {
  switch (kind) {
    case wasm::ComponentKind::activity: return "activity";
    case wasm::ComponentKind::workflow: return "workflow";
    case wasm::ComponentKind::webhook: return "webhook";
    case wasm::ComponentKind::stub: return "activity_stub";
    case wasm::ComponentKind::external: return "activity_external";
  }
  return "activity";
}

std::string params_text(const wasm::Function& function) {
  std::string text = "[";
  for (const wasm::Param& param : function.params)
    text += fmt::format(R"({}{{"name":"{}","type":"{}"}})", text.size() == 1 ? "" : ",", param.name,
                        param.type);
  return text + "]";
}

Store::NewDeployment to_store(std::span<const ComponentText> texts, const Compiled& compiled,
                              Instant now) {
  Store::NewDeployment made;
  made.row.created = now;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const wasm::Description& description = compiled[i]->description();
    ComponentRow row{.name = texts[i].name,
                     .kind = std::string(kind_name(texts[i].kind)),
                     .digest = description.digest};
    for (const wasm::Function& function : description.exports)
      row.functions.push_back(
          {.ffqn = function.ffqn(), .params = params_text(function), .result = function.result});
    made.blobs.emplace_back(description.digest, texts[i].text);
    made.row.source += description.digest + '\n';
    made.row.components.push_back(std::move(row));
  }
  made.row.digest = "sha256:" + to_hex(view(blake2b_128(made.row.source)));
  return made;
}

core::FunctionKind function_kind(wasm::ComponentKind kind) {
  if (kind == wasm::ComponentKind::workflow) return core::FunctionKind::workflow;
  if (kind == wasm::ComponentKind::stub) return core::FunctionKind::stub;
  if (kind == wasm::ComponentKind::external) return core::FunctionKind::external;
  return core::FunctionKind::activity;
}

core::CatalogFunction catalog_function(const FunctionRow& row, const ComponentText& text,
                                       core::ComponentIndex component) {
  core::CatalogFunction function{.id = row.id,
                                 .ffqn = row.ffqn,
                                 .name = row.ffqn.substr(row.ffqn.rfind('.') + 1),
                                 .kind = function_kind(text.kind),
                                 .error_type = core::error_type_of(row.result),
                                 .component = component,
                                 .retry = text.retry,
                                 .lock_expiry = text.lock_expiry,
                                 .keepalive = text.keepalive};
  function.cancellable =
      function.kind != core::FunctionKind::workflow || function.name.ends_with("-cancellable");
  return function;
}

Result<core::ImportTarget> import_target(const wasm::Function& import,
                                         const std::map<std::string, FunctionId>& ids) {
  const auto meaning = core::meaning_of(import.interface, import.name);
  if (!meaning) return fail(Code::invalid_argument, import.ffqn() + " is not known to the host");
  const auto found = ids.find(meaning->ffqn);
  if (!meaning->ffqn.empty() && found == ids.end())
    return fail(Code::invalid_argument, meaning->ffqn + " is imported, but nothing exports it");
  return core::ImportTarget{.op = meaning->op,
                            .function = meaning->ffqn.empty() ? FunctionId() : found->second,
                            .ffqn = import.ffqn()};
}

Result<Compiled> compile(std::span<const ComponentText> texts, wasm::Engines& engines) {
  Compiled compiled;
  for (const ComponentText& text : texts)
    compiled.push_back(
        TRY(engines.compile({.kind = text.kind, .name = text.name, .bytes = text.text})));
  return compiled;
}

Result<runtime::DeployedPtr> assemble(std::span<const ComponentText> texts,
                                      const Compiled& compiled, const DeploymentRow& row) {
  CHECK(row.components.size() == texts.size());
  std::map<std::string, FunctionId> ids;
  std::vector<core::CatalogFunction> functions;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (const FunctionRow& function : row.components[i].functions) {
      ids.emplace(function.ffqn, function.id);
      functions.push_back(
          catalog_function(function, texts[i], static_cast<core::ComponentIndex>(i)));
    }
  }
  auto deployed = std::make_shared<runtime::Deployed>();
  std::vector<core::CatalogComponent> components;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const wasm::Description& description = compiled[i]->description();
    core::CatalogComponent component{.name = texts[i].name,
                                     .digest = description.digest,
                                     .upgrade = texts[i].upgrade,
                                     .instances_max = texts[i].instances_max};
    for (const wasm::Function& import : description.imports)
      component.imports.push_back(TRY(import_target(import, ids)));
    components.push_back(std::move(component));
    deployed->components.push_back({.component = compiled[i], .environment = {}});
  }
  deployed->catalog =
      std::make_shared<const core::Catalog>(row.id, std::move(functions), std::move(components));
  return runtime::DeployedPtr(std::move(deployed));
}

}  // namespace

Result<runtime::DeployedPtr> deploy(std::span<const ComponentText> texts, wasm::Engines& engines,
                                    Store& store, Instant now) {
  const Compiled compiled = TRY(compile(texts, engines));
  return assemble(texts, compiled, TRY(store.save_deployment(to_store(texts, compiled, now))));
}

Result<runtime::DeployedPtr> make_deployed(std::span<const ComponentText> texts,
                                           wasm::Engines& engines, const DeploymentRow& row) {
  return assemble(texts, TRY(compile(texts, engines)), row);
}

}  // namespace stele::golden

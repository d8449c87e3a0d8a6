// SPDX-License-Identifier: Apache-2.0
#include "sim/deployment.h"

#include <fmt/format.h>

#include "core/imports.h"

namespace stele::sim {
namespace {

/// A workflow that computes for too long without a call of the host is ended, as by the bridge.
class Limited final : public wasm::Guest {
 public:
  explicit Limited(std::unique_ptr<wasm::Guest> inner) : inner_(std::move(inner)) {}

  wasm::PollResult poll() noexcept override {
    constexpr int yields_max = 40;
    wasm::PollResult result = inner_->poll();
    yields_ = result.state == wasm::PollState::yielded ? yields_ + 1 : 0;
    if (yields_ <= yields_max) return result;
    result.state = wasm::PollState::failed;
    result.failure = {.kind = wasm::FailureKind::deadline, .reason = "it computes for too long"};
    return result;
  }
  void resume(wasm::HostAnswer answer) noexcept override { inner_->resume(std::move(answer)); }
  void interrupt() noexcept override { inner_->interrupt(); }
  std::uint64_t resident_bytes() const noexcept override { return inner_->resident_bytes(); }

 private:
  std::unique_ptr<wasm::Guest> inner_;
  int yields_ = 0;
};

class Watched final : public wasm::Component {
 public:
  Watched(CompiledComponent inner, GuestBegun begun)
      : inner_(std::move(inner)), begun_(std::move(begun)) {}

  const wasm::Description& description() const noexcept override { return first().description(); }
  Result<std::unique_ptr<wasm::Guest>> instantiate(const wasm::Start& start) override {
    TRY(begun_(inner_.kind, start.function, start.params));
    std::unique_ptr<wasm::Guest> guest =
        TRY(inner_.components[turn_++ % inner_.components.size()]->instantiate(start));
    if (inner_.kind != wasm::ComponentKind::workflow) return guest;
    return std::make_unique<Limited>(std::move(guest));
  }
  Result<wasm::CheckedValue> check_params(std::string_view function,
                                          std::string_view json) const override {
    return first().check_params(function, json);
  }
  Result<wasm::CheckedValue> check_result(std::string_view function,
                                          std::string_view json) const override {
    return first().check_result(function, json);
  }

 private:
  const wasm::Component& first() const { return *inner_.components.front(); }

  CompiledComponent inner_;
  GuestBegun begun_;
  std::size_t turn_ = 0;
};

std::string_view kind_name(wasm::ComponentKind kind) {
  switch (kind) {
    case wasm::ComponentKind::stub: return "activity_stub";
    case wasm::ComponentKind::external: return "activity_external";
    case wasm::ComponentKind::workflow: return "workflow";
    case wasm::ComponentKind::activity:
    case wasm::ComponentKind::webhook: break;
  }
  return "activity";
}

core::FunctionKind function_kind(wasm::ComponentKind kind) {
  switch (kind) {
    case wasm::ComponentKind::stub: return core::FunctionKind::stub;
    case wasm::ComponentKind::external: return core::FunctionKind::external;
    case wasm::ComponentKind::workflow: return core::FunctionKind::workflow;
    case wasm::ComponentKind::activity:
    case wasm::ComponentKind::webhook: break;
  }
  return core::FunctionKind::activity;
}

core::CatalogFunction catalog_function(const FunctionRow& stored, wasm::ComponentKind kind,
                                       std::size_t component, const Settings& settings) {
  core::CatalogFunction function{.id = stored.id,
                                 .ffqn = stored.ffqn,
                                 .name = stored.ffqn.substr(stored.ffqn.rfind('.') + 1),
                                 .kind = function_kind(kind),
                                 .error_type = core::error_type_of(stored.result),
                                 .component = static_cast<core::ComponentIndex>(component),
                                 .retry = settings.retry,
                                 .lock_expiry = settings.lock_expiry};
  function.cancellable =
      kind != wasm::ComponentKind::workflow || function.name.ends_with("-cancellable");
  return function;
}

core::CatalogComponent catalog_component(const CompiledComponent& compiled,
                                         const std::vector<core::CatalogFunction>& functions,
                                         const Settings& settings) {
  const wasm::Description& description = compiled.components.front()->description();
  core::CatalogComponent made{.name = compiled.name,
                              .digest = description.digest,
                              .upgrade = settings.upgrade,
                              .instances_max = settings.instances_max};
  for (const wasm::Function& import : description.imports) {
    const auto meaning = core::meaning_of(import.interface, import.name);
    core::ImportTarget target;
    target.ffqn = import.ffqn();
    if (meaning) target.op = meaning->op;
    for (const core::CatalogFunction& function : functions)
      if (meaning && function.ffqn == meaning->ffqn) target.function = function.id;
    made.imports.push_back(std::move(target));
  }
  return made;
}

}  // namespace

Result<Compiled> compile_programs(wasm::Engines& engines, const Programs& programs) {
  using Kind = wasm::ComponentKind;
  const auto compile = [&](Kind kind, std::string name,
                           std::initializer_list<std::string> texts) -> Result<CompiledComponent> {
    CompiledComponent made{.kind = kind, .name = std::move(name), .components = {}};
    for (const std::string& text : texts)
      made.components.push_back(
          TRY(engines.compile({.kind = kind, .name = made.name, .bytes = text})));
    return made;
  };
  std::vector<CompiledComponent> same;
  same.push_back(TRY(compile(Kind::activity, "activities", {programs.activities})));
  same.push_back(TRY(compile(Kind::stub, "stubs", {programs.stubs})));
  same.push_back(TRY(compile(Kind::external, "externals", {programs.externals})));
  same.push_back(TRY(compile(Kind::workflow, "fickle", {programs.fickle[0], programs.fickle[1]})));
  Compiled compiled;
  for (std::size_t version = 0; version < versions; ++version) {
    compiled[version] = same;
    compiled[version].push_back(
        TRY(compile(Kind::workflow, "workflows", {programs.workflows[version]})));
  }
  return compiled;
}

Result<runtime::DeployedPtr> deploy_programs(Store& store,
                                             const std::vector<CompiledComponent>& compiled,
                                             const Settings& settings, const GuestBegun& begun) {
  DeploymentRow row;
  for (const CompiledComponent& component : compiled) {
    const wasm::Description& description = component.components.front()->description();
    ComponentRow made{.name = component.name,
                      .kind = std::string(kind_name(component.kind)),
                      .digest = description.digest};
    for (const wasm::Function& function : description.exports)
      made.functions.push_back({.ffqn = function.ffqn(), .result = function.result});
    row.digest += description.digest;
    row.components.push_back(std::move(made));
  }
  row = TRY(store.save_deployment({.row = row, .blobs = {}}));
  return make_deployed(row, compiled, settings, begun);
}

Result<runtime::DeployedPtr> make_deployed(const DeploymentRow& row,
                                           const std::vector<CompiledComponent>& compiled,
                                           const Settings& settings, const GuestBegun& begun) {
  std::vector<core::CatalogFunction> functions;
  for (std::size_t i = 0; i < compiled.size(); ++i)
    for (const FunctionRow& stored : row.components[i].functions)
      functions.push_back(catalog_function(stored, compiled[i].kind, i, settings));
  std::vector<core::CatalogComponent> components;
  auto deployed = std::make_shared<runtime::Deployed>();
  for (const CompiledComponent& component : compiled) {
    components.push_back(catalog_component(component, functions, settings));
    deployed->components.push_back({std::make_shared<Watched>(component, begun), {}});
  }
  deployed->catalog =
      std::make_shared<const core::Catalog>(row.id, std::move(functions), std::move(components));
  return runtime::DeployedPtr(std::move(deployed));
}

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
#include "sim/deployment.h"

#include "core/imports.h"

namespace stele::sim {
namespace {

class Watched final : public wasm::Component {
 public:
  Watched(std::shared_ptr<wasm::Component> inner, AttemptBegun begun)
      : inner_(std::move(inner)), begun_(std::move(begun)) {}

  const wasm::Description& description() const noexcept override { return inner_->description(); }
  Result<std::unique_ptr<wasm::Guest>> instantiate(const wasm::Start& start) override {
    begun_(start.function, start.params);
    return inner_->instantiate(start);
  }
  Result<wasm::CheckedValue> check_params(std::string_view function,
                                          std::string_view json) const override {
    return inner_->check_params(function, json);
  }
  Result<wasm::CheckedValue> check_result(std::string_view function,
                                          std::string_view json) const override {
    return inner_->check_result(function, json);
  }

 private:
  std::shared_ptr<wasm::Component> inner_;
  AttemptBegun begun_;
};

ComponentRow row_of(const wasm::Component& component, std::string name, std::string kind) {
  ComponentRow row{
      .name = std::move(name), .kind = std::move(kind), .digest = component.description().digest};
  for (const wasm::Function& function : component.description().exports)
    row.functions.push_back({.ffqn = function.ffqn(), .result = function.result});
  return row;
}

void add_functions(const DeploymentRow& row, std::vector<core::CatalogFunction>& functions) {
  for (std::size_t component = 0; component < row.components.size(); ++component) {
    for (const FunctionRow& stored : row.components[component].functions) {
      core::CatalogFunction function;
      function.id = stored.id;
      function.ffqn = stored.ffqn;
      function.name = stored.ffqn.substr(stored.ffqn.rfind('.') + 1);
      function.kind = component == 0 ? core::FunctionKind::activity : core::FunctionKind::workflow;
      function.error_type = core::ErrorType::text;
      function.cancellable = component == 0 || function.name.ends_with("-cancellable");
      function.component = static_cast<core::ComponentIndex>(component);
      function.retry.max_retries = 2;
      functions.push_back(std::move(function));
    }
  }
}

core::CatalogComponent imports_of(const wasm::Component& component, std::string name,
                                  const std::vector<core::CatalogFunction>& functions) {
  core::CatalogComponent made{.name = std::move(name), .digest = component.description().digest};
  for (const wasm::Function& import : component.description().imports) {
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

Result<CompiledPrograms> compile_programs(wasm::Engines& engines, const Programs& programs,
                                          AttemptBegun begun) {
  CompiledPrograms compiled;
  compiled.activities = std::make_shared<Watched>(
      TRY(engines.compile({.name = "activities", .bytes = programs.activities})), std::move(begun));
  compiled.workflows = TRY(engines.compile(
      {.kind = wasm::ComponentKind::workflow, .name = "workflows", .bytes = programs.workflows}));
  return compiled;
}

Result<runtime::DeployedPtr> deploy_programs(Store& store, const CompiledPrograms& compiled) {
  DeploymentRow row;
  row.digest = compiled.activities->description().digest + compiled.workflows->description().digest;
  row.components.push_back(row_of(*compiled.activities, "activities", "activity"));
  row.components.push_back(row_of(*compiled.workflows, "workflows", "workflow"));
  row = TRY(store.save_deployment({.row = row, .blobs = {}}));
  std::vector<core::CatalogFunction> functions;
  add_functions(row, functions);
  std::vector<core::CatalogComponent> components;
  components.push_back(imports_of(*compiled.activities, "activities", functions));
  components.push_back(imports_of(*compiled.workflows, "workflows", functions));
  auto deployed = std::make_shared<runtime::Deployed>();
  deployed->catalog =
      std::make_shared<const core::Catalog>(row.id, std::move(functions), std::move(components));
  deployed->components.push_back({compiled.activities, {}});
  deployed->components.push_back({compiled.workflows, {}});
  return deployed;
}

}  // namespace stele::sim

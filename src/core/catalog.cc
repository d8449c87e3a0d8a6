// SPDX-License-Identifier: Apache-2.0
#include "core/catalog.h"

#include "base/check.h"

namespace stele::core {

Catalog::Catalog(DeploymentId deployment, std::vector<CatalogFunction> functions,
                 std::vector<CatalogComponent> components)
    : deployment_(deployment),
      functions_(std::move(functions)),
      components_(std::move(components)) {
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    by_id_.emplace(functions_[i].id, i);
    by_ffqn_.emplace(functions_[i].ffqn, i);
  }
}

const CatalogFunction* Catalog::find(FunctionId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &functions_[found->second];
}

const CatalogFunction* Catalog::find(std::string_view ffqn) const {
  const auto found = by_ffqn_.find(ffqn);
  return found == by_ffqn_.end() ? nullptr : &functions_[found->second];
}

const CatalogComponent& Catalog::component(ComponentIndex index) const {
  CHECK(index < components_.size());
  return components_[index];
}

std::string project(const Outcome& outcome, ErrorType error_type) {
  if (outcome.kind == OutcomeKind::failure)
    return error_type == ErrorType::none ? R"({"err":null})" : R"({"err":"execution_failed"})";
  std::string text = outcome.kind == OutcomeKind::ok ? R"({"ok":)" : R"({"err":)";
  text += outcome.value.empty() ? "null" : outcome.value;
  text += '}';
  return text;
}

}  // namespace stele::core

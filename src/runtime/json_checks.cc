// SPDX-License-Identifier: Apache-2.0
#include "runtime/json_checks.h"

#include "runtime/shape.h"

namespace stele::runtime {

Result<DeployedChecks::Known> DeployedChecks::find(FunctionId function) const {
  const core::CatalogFunction* found = deployed_->catalog->find(function);
  if (found == nullptr) return fail(Code::not_found, "the function is not deployed now");
  return Known{found, deployed_->components[found->component].component.get()};
}

Result<core::JsonChecks::Params> DeployedChecks::params(FunctionId function,
                                                        std::string_view json) {
  const Known known = TRY(find(function));
  wasm::CheckedValue checked = TRY(known.component->check_params(known.function->ffqn, json));
  return Params{std::move(checked.text), checked.hash};
}

Result<Outcome> DeployedChecks::result(FunctionId function, std::string_view json) {
  const Known known = TRY(find(function));
  const wasm::CheckedValue checked = TRY(known.component->check_result(known.function->ffqn, json));
  return outcome_of_text(checked.text, shape_of(*known.component, known.function->ffqn));
}

}  // namespace stele::runtime

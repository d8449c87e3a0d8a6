// SPDX-License-Identifier: Apache-2.0
// Owns: the checks of JSON that a workflow's code or a user writes, against a deployment's types.
// Life cycle: as the run that asks. Thread: any. Must hold: the same text is accepted here and at a
//   submission.
#pragma once

#include "core/workflow_run.h"
#include "runtime/options.h"

namespace stele::runtime {

class DeployedChecks final : public core::JsonChecks {
 public:
  explicit DeployedChecks(DeployedPtr deployed) : deployed_(std::move(deployed)) {}

  Result<Params> params(FunctionId function, std::string_view json) override;
  Result<Outcome> result(FunctionId function, std::string_view json) override;

 private:
  struct Known {
    const core::CatalogFunction* function = nullptr;
    const wasm::Component* component = nullptr;
  };
  Result<Known> find(FunctionId function) const;

  DeployedPtr deployed_;
};

}  // namespace stele::runtime

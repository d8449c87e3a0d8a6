// SPDX-License-Identifier: Apache-2.0
#include "runtime/former.h"

#include <fmt/format.h>

namespace stele::runtime {

Result<std::string> FormerDeployments::digest_of(DeploymentId deployment, FunctionId function) {
  {
    const Lock lock(mutex_);
    const auto known = digests_.find({deployment, function});
    if (known != digests_.end()) return known->second;
  }
  const DeploymentRow row = TRY(store_.read_deployment(deployment));
  for (const ComponentRow& component : row.components) {
    for (const FunctionRow& exported : component.functions) {
      if (exported.id != function) continue;
      const Lock lock(mutex_);
      if (digests_.size() >= digests_max) digests_.clear();
      digests_.emplace(std::pair(deployment, function), component.digest);
      return component.digest;
    }
  }
  return fail(Code::not_found, fmt::format("deployment {} has no such function", deployment.value));
}

Result<DeployedPtr> FormerDeployments::get(DeploymentId deployment) {
  {
    const Lock lock(mutex_);
    const auto known = kept_.find(deployment);
    if (known != kept_.end()) return known->second;
  }
  if (!load_) return fail(Code::failed_precondition, "former deployments are not kept here");
  DeployedPtr loaded = TRY(load_(deployment));
  const Lock lock(mutex_);
  if (kept_.size() >= kept_max) kept_.erase(kept_.begin());
  return kept_.emplace(deployment, std::move(loaded)).first->second;
}

}  // namespace stele::runtime

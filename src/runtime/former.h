// SPDX-License-Identifier: Apache-2.0
// Owns: deployments that are not the present one, for workflows that stay with an old component.
// Life cycle: as the engine's; a few are kept compiled. Thread: any; loading blocks its caller.
// Must hold: what a deployment was never changes, so what is kept is never stale.
#pragma once

#include <map>

#include "base/sync.h"
#include "runtime/options.h"
#include "store/store.h"

namespace stele::runtime {

class FormerDeployments {
 public:
  FormerDeployments(Store& store, FormerDeployment load) : store_(store), load_(std::move(load)) {}

  /// The digest of the component that exported the function then. Errors: not_found, the store's.
  Result<std::string> digest_of(DeploymentId deployment, FunctionId function);
  /// Errors: not_found, failed_precondition (this engine cannot load former ones), compiling's.
  Result<DeployedPtr> get(DeploymentId deployment);

 private:
  static constexpr std::size_t kept_max = 8;
  static constexpr std::size_t digests_max = 10'000;

  Store& store_;
  const FormerDeployment load_;
  Mutex mutex_;
  std::map<DeploymentId, DeployedPtr> kept_ STELE_GUARDED_BY(mutex_);
  std::map<std::pair<DeploymentId, FunctionId>, std::string> digests_ STELE_GUARDED_BY(mutex_);
};

}  // namespace stele::runtime

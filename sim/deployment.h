// SPDX-License-Identifier: Apache-2.0
// Owns: random programs as deployments, one for each version of the workflows, with eyes on each
//   start of a guest.
// Life cycle: compiled once for a world; stored again in each store that is opened. Thread: one.
// Must hold: functions keep their numbers over all stores of one disk.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/options.h"
#include "sim/programs.h"
#include "store/store.h"
#include "wasm/guest.h"

namespace stele::sim {

/// Called when a guest of a component is made; an error is given to the engine. `kind` is that of
/// the component.
using GuestBegun = std::function<Result<void>(wasm::ComponentKind kind, std::string_view function,
                                              std::string_view params)>;

/// What a deployment file would say, drawn from the seed.
struct Settings {
  core::RetryRule retry{.max_retries = 2, .jitter_percent = 30};
  Duration lock_expiry = seconds(1);
  core::UpgradeRule upgrade = core::UpgradeRule::automatic;
  std::uint32_t instances_max = UINT32_MAX;
};

struct CompiledComponent {
  wasm::ComponentKind kind = wasm::ComponentKind::activity;
  std::string name;
  /// By turns, where they are two.
  std::vector<std::shared_ptr<wasm::Component>> components;
};

/// The components of each version, in the order of the catalog.
using Compiled = std::array<std::vector<CompiledComponent>, versions>;

Result<Compiled> compile_programs(wasm::Engines& engines, const Programs& programs);

/// Stores a version and makes it the active one.
Result<runtime::DeployedPtr> deploy_programs(Store& store,
                                             const std::vector<CompiledComponent>& compiled,
                                             const Settings& settings, const GuestBegun& begun);
/// Of what is stored already.
Result<runtime::DeployedPtr> make_deployed(const DeploymentRow& row,
                                           const std::vector<CompiledComponent>& compiled,
                                           const Settings& settings, const GuestBegun& begun);

}  // namespace stele::sim

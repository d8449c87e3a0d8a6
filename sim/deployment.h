// SPDX-License-Identifier: Apache-2.0
// Owns: random programs as a deployment, with eyes on each start of an activity.
// Life cycle: compiled once for a world; stored again in each store that is opened. Thread: one.
// Must hold: functions keep their numbers over all stores of one disk.
#pragma once

#include <functional>
#include <memory>

#include "runtime/options.h"
#include "sim/programs.h"
#include "store/store.h"
#include "wasm/guest.h"

namespace stele::sim {

/// Called when an attempt of an activity begins: FFQN and params.
using AttemptBegun = std::function<void(std::string_view function, std::string_view params)>;

struct CompiledPrograms {
  std::shared_ptr<wasm::Component> activities;
  std::shared_ptr<wasm::Component> workflows;
};

Result<CompiledPrograms> compile_programs(wasm::Engines& engines, const Programs& programs,
                                          AttemptBegun begun);
Result<runtime::DeployedPtr> deploy_programs(Store& store, const CompiledPrograms& compiled);

}  // namespace stele::sim

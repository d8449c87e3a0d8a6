// SPDX-License-Identifier: Apache-2.0
// Owns: the driver of wasm/guest.h whose components are small programs (program.h), for tests and
//   simulation.
// Life cycle: as the port says; the World outlives the engines. Thread: as the port says.
// Must hold: a guest's behaviour depends on its program, its params, its answers and the World
// only.
#pragma once

#include <memory>
#include <string>

#include "wasm/guest.h"
#include "wasm/scripted/world.h"

namespace stele::wasm::scripted {

class ScriptedEngines final : public Engines {
 public:
  explicit ScriptedEngines(World& world) : world_(world) {}
  /// `source.bytes` is a program. Errors: invalid_argument with the line.
  Result<std::shared_ptr<Component>> compile(const ComponentSource& source) override;

 private:
  World& world_;
};

}  // namespace stele::wasm::scripted

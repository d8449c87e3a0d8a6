// SPDX-License-Identifier: Apache-2.0
// Owns: what tasks need of their surroundings. Life cycle: references to what outlives every task.
// Thread: any. Must hold: tasks reach the partition through `reports` only.
#pragma once

#include "runtime/former.h"
#include "runtime/json_checks.h"
#include "runtime/messages.h"
#include "runtime/partition_clock.h"

namespace stele::runtime {

struct Surroundings {
  Store& store;
  PartitionClock& clock;
  Reports& reports;
  wasm::Wakes& wakes;
  const RuntimeOptions& options;
  FormerDeployments& former;
};

}  // namespace stele::runtime

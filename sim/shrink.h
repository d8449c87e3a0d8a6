// SPDX-License-Identifier: Apache-2.0
// Owns: making a failing life smaller. Life cycle: functions only. Thread: one.
// Must hold: what it answers still fails.
#pragma once

#include "sim/options.h"

namespace stele::sim {

/// Leaves out faults, orders, statements and turns for as long as anything is still violated,
/// within `tries_max` lives.
SimOptions shrink(SimOptions failing, std::uint32_t tries_max);

}  // namespace stele::sim

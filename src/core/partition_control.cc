// SPDX-License-Identifier: Apache-2.0
// Requests about executions in motion: pause, values from outside, upgrade, advance.
#include "core/partition_state.h"

namespace stele::core {

void PartitionState::prepare(const TargetFound& /*input*/) {}
void PartitionState::prepare(const UpgradeChecked& /*input*/) {}
void PartitionState::prepare(const Pause& /*input*/) {}
void PartitionState::prepare(const Unpause& /*input*/) {}
void PartitionState::prepare(const PauseDelay& /*input*/) {}
void PartitionState::prepare(const Complete& /*input*/) {}
void PartitionState::prepare(const Upgrade& /*input*/) {}
void PartitionState::prepare(const Advance& /*input*/) {}
void PartitionState::decide(const TargetFound& /*input*/) {}
void PartitionState::decide(const UpgradeChecked& /*input*/) {}
void PartitionState::decide(const Pause& /*input*/) {}
void PartitionState::decide(const Unpause& /*input*/) {}
void PartitionState::decide(const PauseDelay& /*input*/) {}
void PartitionState::decide(const Complete& /*input*/) {}
void PartitionState::decide(const Upgrade& /*input*/) {}
void PartitionState::decide(const Advance& /*input*/) {}

}  // namespace stele::core

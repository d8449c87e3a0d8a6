// SPDX-License-Identifier: Apache-2.0
// Owns: the look for an execution that a workflow gives a value to, where its partition's memory
//   does not know it.
// Life cycle: functions only. Thread: the partition's holder, after the commit that the look waits
//   for. Must hold: what is committed is seen, so a child that was asked for before is found; what
//   cannot be read is an error, and never taken for missing or for another value.
#pragma once

#include "core/effects.h"
#include "runtime/options.h"
#include "runtime/views.h"
#include "store/store.h"

namespace stele::runtime {

/// Errors: the store's.
Result<core::TargetFound> look_for_target(core::FindTarget find, Store& store, const Views& views,
                                          const DeployedPtr& deployed);

}  // namespace stele::runtime

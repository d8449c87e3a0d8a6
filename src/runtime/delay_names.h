// SPDX-License-Identifier: Apache-2.0
// Owns: how the text id of a delay leads to the delay. Life cycle: functions only. Thread: any.
// Must hold: only what is committed is found.
#pragma once

#include "runtime/engine.h"
#include "store/store.h"

namespace stele::runtime {

/// Owner, join set and index; the rest is not filled in, and the delay may be over. Errors:
/// not_found. Linear in the owner's history.
Result<DelayRow> find_delay(Store& store, const DelayName& name);

}  // namespace stele::runtime

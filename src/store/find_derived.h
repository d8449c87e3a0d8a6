// SPDX-License-Identifier: Apache-2.0
// Owns: the search of an execution by its text id, for drivers that do not index derived ids.
// Life cycle: one call. Thread: any. Must hold: uses only the port's reads, one committed snapshot
//   each; what an id names never changes, so later snapshots agree.
#pragma once

#include "store/store.h"

namespace stele {

/// From the root down through each parent's history. Errors: not_found, and those of the reads.
Result<ExecutionRow> find_through_parents(Store& store, const ExecutionId& id);

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// Owns: the tables `backtrace` and `frames` of the log file.
// Life cycle: one call each. Thread: as the connection. Must hold: equal frames of one execution
// are
//   stored once; what is stored is compressed when that makes it smaller.
#pragma once

#include <span>

#include "store/sqlite/database.h"
#include "store/store.h"

namespace stele::sqlite {

/// Inside an open transaction: replaces all backtraces of the execution.
Result<void> put_backtraces(Connection& connection, ExecutionKey key,
                            std::span<const BacktraceRow> rows);
/// Errors: not_found, data_loss.
Result<BacktraceRow> get_backtrace(Connection& connection, ExecutionKey key, BacktraceAt at);

}  // namespace stele::sqlite

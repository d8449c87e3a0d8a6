// SPDX-License-Identifier: Apache-2.0
// Owns: the database of logs and backtraces, a file of its own so that neither delays a commit.
// Life cycle: as the store. Thread: any; one mutex. Must hold: lines are numbered in order of
// arrival.
#pragma once

#include <memory>
#include <span>

#include "base/sync.h"
#include "store/sqlite/database.h"
#include "store/sqlite/machine.h"
#include "store/store.h"

namespace stele::sqlite {

class LogFile {
 public:
  static Result<std::unique_ptr<LogFile>> open(Machine& machine, const std::string& directory);
  Result<void> append(std::span<const LogRow> rows);
  Result<LogPage> read(ExecutionKey key, std::uint64_t after, std::uint32_t limit);
  Result<void> save_backtraces(ExecutionKey key, std::span<const BacktraceRow> rows);
  /// Errors: not_found, data_loss.
  Result<BacktraceRow> read_backtrace(ExecutionKey key, BacktraceAt at);

 private:
  explicit LogFile(Connection connection) : connection_(std::move(connection)) {}

  Mutex mutex_;
  Connection connection_ STELE_GUARDED_BY(mutex_);
  Statement insert_ STELE_GUARDED_BY(mutex_);
  Statement select_ STELE_GUARDED_BY(mutex_);
};

}  // namespace stele::sqlite

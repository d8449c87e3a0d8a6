// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/log_file.h"

#include "store/sqlite/backtraces.h"
#include "store/sqlite/schema.h"

namespace stele::sqlite {

Result<std::unique_ptr<LogFile>> LogFile::open(Machine& machine, const std::string& directory) {
  Connection connection = TRY(open_file(machine, directory, File::log));
  // Lines of the last moments may be lost in a power cut; the file stays whole.
  TRY(connection.execute("pragma synchronous=normal"));
  std::unique_ptr<LogFile> file(new LogFile(std::move(connection)));
  const Lock lock(file->mutex_);
  file->insert_ = TRY(file->connection_.prepare(
      "insert into log(execution, run, at, level, stream, message) values(?1,?2,?3,?4,?5,?6)"));
  file->select_ = TRY(file->connection_.prepare(
      "select id, run, at, level, stream, message from log where execution = ?1 and id > ?2 "
      "order by id limit ?3"));
  return file;
}

Result<void> LogFile::append(std::span<const LogRow> rows) {
  if (rows.empty()) return {};
  const Lock lock(mutex_);
  Transaction transaction = TRY(Transaction::begin(connection_));
  for (const LogRow& row : rows) {
    insert_.bind(1, row.execution.value)
        .bind(2, row.run)
        .bind(3, row.at.us)
        .bind(4, row.level)
        .bind(5, row.stream)
        .bind_bytes(6, row.message);
    TRY(insert_.run());
  }
  return transaction.commit();
}

Result<LogPage> LogFile::read(ExecutionKey key, std::uint64_t after, std::uint32_t limit) {
  const Lock lock(mutex_);
  const Resetting resetting(select_);
  select_.bind(1, key.value).bind(2, static_cast<std::int64_t>(after)).bind(3, limit);
  LogPage page;
  page.next = after;
  while (TRY(select_.step())) {
    page.next = static_cast<std::uint64_t>(select_.integer(0));
    LogRow row;
    row.execution = key;
    row.run = static_cast<std::uint32_t>(select_.integer(1));
    row.at = Instant{select_.integer(2)};
    row.level = static_cast<std::uint8_t>(select_.integer(3));
    row.stream = static_cast<std::uint8_t>(select_.integer(4));
    row.message = select_.bytes(5);
    page.rows.push_back(std::move(row));
  }
  return page;
}

Result<void> LogFile::save_backtraces(ExecutionKey key, std::span<const BacktraceRow> rows) {
  const Lock lock(mutex_);
  Transaction transaction = TRY(Transaction::begin(connection_));
  TRY(put_backtraces(connection_, key, rows));
  return transaction.commit();
}

Result<BacktraceRow> LogFile::read_backtrace(ExecutionKey key, BacktraceAt at) {
  const Lock lock(mutex_);
  return get_backtrace(connection_, key, at);
}

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/wal_space.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>

namespace stele::sqlite {
namespace {

constexpr std::uint64_t slice_bytes = std::uint64_t{1} << 20U;

Error wal_error(int code) { return last_error(nullptr, code, "making the WAL longer"); }

Result<sqlite3_file*> wal_file(Connection& connection) {
  sqlite3_file* file = nullptr;
  const int code =
      sqlite3_file_control(connection.raw(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
  if (code != SQLITE_OK) return std::unexpected(wal_error(code));
  if (file == nullptr || file->pMethods == nullptr) {
    return fail(Code::internal, "the connection has no WAL yet");
  }
  return file;
}

Result<std::uint64_t> size_of(sqlite3_file* file) {
  sqlite3_int64 size = 0;
  const int code = file->pMethods->xFileSize(file, &size);
  if (code != SQLITE_OK) return std::unexpected(wal_error(code));
  return static_cast<std::uint64_t>(size);
}

Result<void> write_zeros(sqlite3_file* file, std::uint64_t from, std::uint64_t to) {
  // By the page: of a longer write the system makes one large page, all of which every commit into
  // it would dirty.
  static constexpr std::array<char, std::size_t{4} << 10U> zeros{};
  while (from < to) {
    const auto count = std::min<std::uint64_t>(zeros.size(), to - from);
    const int code = file->pMethods->xWrite(file, zeros.data(), static_cast<int>(count),
                                            static_cast<sqlite3_int64>(from));
    if (code != SQLITE_OK) return std::unexpected(wal_error(code));
    from += count;
  }
  return {};
}

}  // namespace

Result<std::uint64_t> wal_file_bytes(Connection& connection) {
  return size_of(TRY(wal_file(connection)));
}

Result<bool> extend_wal(Connection& connection, std::uint64_t bytes) {
  sqlite3_file* file = TRY(wal_file(connection));
  if (TRY(size_of(file)) >= bytes) return false;
  connection.wait_for_locks(false);
  Result<Transaction> alone = Transaction::begin(connection);
  connection.wait_for_locks(true);
  if (!alone && alone.error().code == Code::unavailable) return false;
  if (!alone) return std::unexpected(std::move(alone.error()));
  const std::uint64_t size = TRY(size_of(file));
  TRY(write_zeros(file, size, std::min(bytes, size + slice_bytes)));
  return true;
}

Result<void> sync_wal(Connection& connection) {
  sqlite3_file* file = TRY(wal_file(connection));
  const int code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  if (code == SQLITE_OK) return {};
  return std::unexpected(wal_error(code));
}

}  // namespace stele::sqlite

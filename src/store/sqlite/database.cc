// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/database.h"

#include <cerrno>

#include <sched.h>

#include <fmt/format.h>
#include <sqlite3.h>

namespace stele::sqlite {
namespace {

bool is_full(sqlite3* raw, int code) {
  // The index of the WAL could not grow. SQLite does not keep the system's error of that write, and
  // nothing durable is at stake.
  if ((code & 0xFF) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE) return true;
  const int system = raw == nullptr ? 0 : sqlite3_system_errno(raw);
  const bool io = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
  return io && (system == ENOSPC || system == EDQUOT);
}

Code code_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_NOMEM: return Code::resource_exhausted;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Code::data_loss;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN: return Code::unavailable;
    case SQLITE_READONLY:
    case SQLITE_PERM: return Code::permission_denied;
    case SQLITE_TOOBIG: return Code::invalid_argument;
    default: return Code::internal;
  }
}

/// A reader that looks while the index of the WAL is being changed takes the lock of writers for a
/// moment, to see whether it was left so by a crash. Whoever writes then waits; 0 gives up.
int wait_for_lock(void* /*context*/, int times) {
  constexpr int times_max = 5'000;
  constexpr int soon = 50;
  if (times >= times_max) return 0;
  if (times < soon)
    sched_yield();
  else
    sqlite3_sleep(1);
  return 1;
}

/// No statistics of memory: they cost a lock for each page.
int configure_once() { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

}  // namespace

Error last_error(sqlite3* raw, int code, std::string_view what) {
  const char* text = raw == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(raw);
  if (is_full(raw, code)) {
    return error(Code::resource_exhausted,
                 fmt::format("no space left on the disk while {}: free some space", what));
  }
  return error(code_of(code), fmt::format("{}: {} (SQLite code {})", what, text, code));
}

void Statement::Finalize::operator()(sqlite3_stmt* raw) const { sqlite3_finalize(raw); }

Statement& Statement::bind(int place, std::int64_t value) {
  bind_code_ |= sqlite3_bind_int64(raw_.get(), place, value);
  return *this;
}

Statement& Statement::bind_text(int place, BytesView text) {
  bind_code_ |=
      sqlite3_bind_text64(raw_.get(), place, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_bytes(int place, BytesView bytes) {
  // A null pointer would bind NULL.
  const char* start = bytes.empty() ? "" : bytes.data();
  bind_code_ |= sqlite3_bind_blob64(raw_.get(), place, start, bytes.size(), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_null(int place) {
  bind_code_ |= sqlite3_bind_null(raw_.get(), place);
  return *this;
}

Result<bool> Statement::step() {
  if (bind_code_ != SQLITE_OK) {
    return std::unexpected(last_error(nullptr, bind_code_, "binding a value"));
  }
  const int code = sqlite3_step(raw_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* connection = sqlite3_db_handle(raw_.get());
  return std::unexpected(
      last_error(connection, sqlite3_extended_errcode(connection), "using the database"));
}

Result<void> Statement::run() {
  const Result<bool> row = step();
  reset();
  if (!row) return std::unexpected(row.error());
  return {};
}

void Statement::reset() {
  sqlite3_reset(raw_.get());
  bind_code_ = SQLITE_OK;
}

std::int64_t Statement::changes() const { return sqlite3_changes64(sqlite3_db_handle(raw_.get())); }

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(raw_.get(), column);
}

BytesView Statement::bytes(int column) const {
  const void* start = sqlite3_column_blob(raw_.get(), column);
  const int size = sqlite3_column_bytes(raw_.get(), column);
  return {static_cast<const char*>(start), static_cast<std::size_t>(size)};
}

void Connection::Close::operator()(sqlite3* raw) const { sqlite3_close_v2(raw); }

Result<Connection> Connection::open(const std::string& path, Mode mode) {
  static const int configured = configure_once();
  static_cast<void>(configured);
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Connection connection;
  connection.raw_.reset(raw);
  if (code != SQLITE_OK) return std::unexpected(last_error(raw, code, "opening " + path));
  sqlite3_extended_result_codes(raw, 1);
  TRY(connection.execute(
      "pragma trusted_schema=off; pragma temp_store=memory; pragma cell_size_check=on"));
  connection.wait_for_locks(true);
  if (mode == Mode::read) TRY(connection.execute("pragma query_only=on; pragma cache_size=-2000"));
  return connection;
}

void Connection::wait_for_locks(bool waits) {
  sqlite3_busy_handler(raw_.get(), waits ? wait_for_lock : nullptr, nullptr);
}

Result<void> Connection::execute(const char* sql) {
  const int code = sqlite3_exec(raw_.get(), sql, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return std::unexpected(last_error(raw_.get(), code, "using the database"));
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(raw_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return std::unexpected(last_error(raw_.get(), code, "reading the schema"));
  return Statement(raw);
}

Result<std::int64_t> Connection::integer(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step())) return std::int64_t{0};
  return statement.integer(0);
}

Result<void> Connection::sync_file() {
  sqlite3_file* file = nullptr;
  int code = sqlite3_file_control(raw_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK) code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  if (code == SQLITE_OK) return {};
  return std::unexpected(last_error(nullptr, code, "making the database file durable"));
}

void Connection::roll_back() {
  if (raw_ && sqlite3_get_autocommit(raw_.get()) == 0) {
    sqlite3_exec(raw_.get(), "rollback", nullptr, nullptr, nullptr);
  }
}

Result<Transaction> Transaction::begin(Connection& connection, const char* sql) {
  TRY(connection.execute(sql));
  return Transaction(&connection);
}

Transaction::~Transaction() {
  if (connection_ != nullptr) connection_->roll_back();
}

Result<void> Transaction::commit() {
  TRY(connection_->execute("commit"));
  connection_ = nullptr;
  return {};
}

}  // namespace stele::sqlite

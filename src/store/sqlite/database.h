// SPDX-License-Identifier: Apache-2.0
// Owns: SQLite connections and prepared statements as values, and the mapping of its errors.
// Life cycle: statements die before their connection. Thread: one at a time for each connection.
// Must hold: bytes that are bound live until the statement is reset.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace stele::sqlite {

/// The error of the last call on the connection. Disk full is resource_exhausted, damage and I/O
/// errors are data_loss.
Error last_error(sqlite3* raw, int code, std::string_view what);

class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* raw) : raw_(raw) {}

  Statement& bind(int place, std::int64_t value);
  Statement& bind_text(int place, BytesView text);
  Statement& bind_bytes(int place, BytesView bytes);
  Statement& bind_null(int place);

  /// True when there is a row.
  Result<bool> step();
  /// For statements without rows: steps and resets.
  Result<void> run();
  void reset();
  /// Rows changed by the last step.
  std::int64_t changes() const;

  std::int64_t integer(int column) const;
  BytesView bytes(int column) const;
  explicit operator bool() const { return raw_ != nullptr; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* raw) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> raw_;
  int bind_code_ = 0;
};

/// Resets the statement at the end of the scope, whatever happens.
class Resetting {
 public:
  explicit Resetting(Statement& statement) : statement_(statement) {}
  ~Resetting() { statement_.reset(); }
  Resetting(const Resetting&) = delete;
  Resetting& operator=(const Resetting&) = delete;

 private:
  Statement& statement_;
};

class Connection {
 public:
  enum class Mode : std::uint8_t { write, read };
  Connection() = default;
  static Result<Connection> open(const std::string& path, Mode mode);

  Result<void> execute(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  Result<std::int64_t> integer(std::string_view sql);
  /// Makes durable what was written to the database file, not to the WAL.
  Result<void> sync_file();
  /// Whether it waits, for some seconds at most, when another connection has the lock; at first it
  /// does.
  void wait_for_locks(bool waits);
  /// Ends an open transaction, if any, without its changes.
  void roll_back();
  sqlite3* raw() const { return raw_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* raw) const;
  };
  std::unique_ptr<sqlite3, Close> raw_;
};

/// BEGIN IMMEDIATE … COMMIT; rolled back at the end of the scope unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection, const char* sql = "begin immediate");
  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Connection* connection) : connection_(connection) {}
  Connection* connection_;
};

}  // namespace stele::sqlite

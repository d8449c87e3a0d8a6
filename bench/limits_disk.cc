// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "bench/limits.h"

namespace stele::bench {
namespace {

constexpr std::size_t flows = 64;
constexpr const char* settings =
    "pragma page_size=4096; pragma journal_mode=wal; pragma synchronous=full;"
    "pragma wal_autocheckpoint=4000; pragma cache_size=-200000;";
constexpr const char* tables =
    "create table execution(key integer primary key, root integer not null,"
    "  parent integer not null, ulid blob not null, suffix text not null,"
    "  function integer not null, pool integer not null, created integer not null,"
    "  stage integer not null, wake integer not null, attempts integer not null,"
    "  finished integer not null, creation blob not null, outcome blob) strict;"
    "create unique index execution_ulid on execution(ulid) where parent = 0;"
    "create index execution_ready on execution(pool, root) where stage = 1;"
    "create index execution_wake on execution(wake) where stage = 3;"
    "create table tail(id integer primary key, execution integer not null,"
    "  position integer not null, body blob not null) strict;";
constexpr const char* insert_row =
    "insert into execution values(?1, ?2, ?2, x'', ?3, 3, 1, ?4, 1, 0, 0, 0, ?5, null)";
constexpr const char* finish_row =
    "update execution set stage = 4, finished = ?2, outcome = ?3 where key = ?1";
constexpr const char* append_entry =
    "insert into tail(execution, position, body) values(?1, ?2, ?3)";

/// A database of its own, gone afterwards.
class Database {
 public:
  explicit Database(const std::string& folder) : path_(folder + "/limit.sqlite") { remove(); }
  ~Database() {
    for (sqlite3_stmt* each : statements_) sqlite3_finalize(each);
    sqlite3_close(raw_);
    remove();
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<void> open(const char* schema) {
    if (sqlite3_open(path_.c_str(), &raw_) != SQLITE_OK) return failed();
    TRY(run(settings));
    return run(schema);
  }
  Result<void> run(const char* sql) {
    if (sqlite3_exec(raw_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
    return failed();
  }
  Result<sqlite3_stmt*> prepare(const char* sql) {
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v3(raw_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (code != SQLITE_OK) return failed();
    statements_.push_back(made);
    return made;
  }
  Result<void> step(sqlite3_stmt* statement) {
    const int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (code == SQLITE_DONE) return {};
    return failed();
  }

 private:
  std::unexpected<Error> failed() const {
    return fail(Code::unavailable, fmt::format("cannot write: {}", sqlite3_errmsg(raw_)), path_);
  }
  void remove() const {
    for (const char* suffix : {"", "-wal", "-shm"}) unlink((path_ + suffix).c_str());
  }

  std::string path_;
  sqlite3* raw_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

/// Until the time is over.
Result<Limit> repeat(double seconds, std::size_t each, const auto& once) {
  Limit limit;
  const double begin = monotonic_seconds();
  double before = begin;
  while (before - begin < seconds) {
    TRY(once());
    const double now = monotonic_seconds();
    limit.times.add(now - before);
    before = now;
  }
  limit.rate = static_cast<double>(limit.times.count() * each) / (before - begin);
  return limit;
}

/// The steps of some flows in turn: a child's row ends and the next one's begins.
class Steps {
 public:
  explicit Steps(Database& database) : database_(database) {}

  Result<void> open() {
    TRY(database_.open(tables));
    insert_ = TRY(database_.prepare(insert_row));
    finish_ = TRY(database_.prepare(finish_row));
    append_ = TRY(database_.prepare(append_entry));
    begin_ = TRY(database_.prepare("begin immediate"));
    commit_ = TRY(database_.prepare("commit"));
    return {};
  }
  Result<void> batch(std::size_t steps) {
    TRY(database_.step(begin_));
    for (std::size_t step = 0; step < steps; ++step) TRY(one());
    return database_.step(commit_);
  }

 private:
  static constexpr std::array<char, 48> body{};

  Result<void> one() {
    const std::size_t flow = turn_++ % flows;
    const auto position = static_cast<std::int64_t>(turn_ / flows * 2);
    if (child_.at(flow) != 0) {
      sqlite3_bind_int64(finish_, 1, child_.at(flow));
      sqlite3_bind_int64(finish_, 2, key_);
      sqlite3_bind_blob(finish_, 3, body.data(), 20, SQLITE_STATIC);
      TRY(database_.step(finish_));
    }
    for (const std::int64_t place : {position, position + 1}) {
      sqlite3_bind_int64(append_, 1, static_cast<std::int64_t>(flow) + 1);
      sqlite3_bind_int64(append_, 2, place);
      sqlite3_bind_blob(append_, 3, body.data(), body.size(), SQLITE_STATIC);
      TRY(database_.step(append_));
    }
    child_.at(flow) = ++key_;
    const std::string suffix = fmt::format("o:{}-step_1", position);
    sqlite3_bind_int64(insert_, 1, key_);
    sqlite3_bind_int64(insert_, 2, static_cast<std::int64_t>(flow) + 1);
    sqlite3_bind_text(insert_, 3, suffix.data(), static_cast<int>(suffix.size()), SQLITE_STATIC);
    sqlite3_bind_int64(insert_, 4, 1'700'000'000'000'000 + key_);
    sqlite3_bind_blob(insert_, 5, body.data(), 40, SQLITE_STATIC);
    return database_.step(insert_);
  }

  Database& database_;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* finish_ = nullptr;
  sqlite3_stmt* append_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  std::array<std::int64_t, flows> child_{};
  std::int64_t key_ = flows;
  std::size_t turn_ = 0;
};

}  // namespace

Result<Limit> append_fdatasync(const std::string& folder, double seconds) {
  const std::string path = folder + "/limit-append";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  constexpr std::array<char, 4096> page{};
  auto limit = repeat(seconds, 1, [&]() -> Result<void> {
    const bool good = write(file, page.data(), page.size()) == static_cast<ssize_t>(page.size()) &&
                      fdatasync(file) == 0;
    if (good) return {};
    return fail(Code::unavailable, fmt::format("cannot write: {}", std::strerror(errno)), path);
  });
  close(file);
  unlink(path.c_str());
  return limit;
}

Result<Limit> commit1(const std::string& folder, double seconds) {
  Database database(folder);
  TRY(database.open("create table row(id integer primary key, body blob)"));
  sqlite3_stmt* const insert = TRY(database.prepare("insert into row(body) values(zeroblob(100))"));
  return repeat(seconds, 1, [&] { return database.step(insert); });
}

Result<Limit> sqlite_steps(const std::string& folder, std::size_t steps, double seconds) {
  Database database(folder);
  Steps made(database);
  TRY(made.open());
  return repeat(seconds, steps, [&] { return made.batch(steps); });
}

}  // namespace stele::bench

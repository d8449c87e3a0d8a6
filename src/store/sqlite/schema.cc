// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/schema.h"

#include <array>
#include <cstring>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

namespace stele::sqlite {
namespace {

// `scheduled` and `finished` are differences to `created`. Zero stands for "none" in every number.
constexpr const char* main_1 = R"sql(
create table meta(name text primary key, value integer not null) strict, without rowid;
create table function(id integer primary key, ffqn text not null, params text not null,
  result text not null, unique(ffqn, params, result)) strict;
create table execution(key integer primary key, root integer not null, parent integer not null,
  parent_join_set integer not null, ulid blob not null, suffix text not null,
  function integer not null, pool integer not null, created integer not null,
  scheduled integer not null, deployment integer not null, stage integer not null,
  lifecycle integer not null, wake integer not null, blocked_on integer not null,
  attempts integer not null, interruptions integer not null, mark integer not null,
  finished integer not null, outcome_kind integer not null, failure integer not null,
  response_position integer not null, finished_version integer not null,
  creation blob not null, outcome blob) strict;
create unique index execution_ulid on execution(ulid) where parent = 0;
create index execution_top on execution(parent) where parent = 0;
create index execution_ready on execution(pool, root) where stage = 1;
create index execution_wake on execution(wake) where stage = 3;
create table tail_1(id integer primary key, execution integer not null, position integer not null,
  body blob not null) strict;
create table tail_2(id integer primary key, execution integer not null, position integer not null,
  body blob not null) strict;
create table tail_3(id integer primary key, execution integer not null, position integer not null,
  body blob not null) strict;
create table tail_4(id integer primary key, execution integer not null, position integer not null,
  body blob not null) strict;
create table tail_5(id integer primary key, execution integer not null, position integer not null,
  body blob not null) strict;
create table segment(id integer primary key, entries integer not null, version integer not null,
  response_seq integer not null, method integer not null, size integer not null,
  body blob not null) strict;
create table delay(owner integer not null, join_set integer not null, number integer not null,
  expires integer not null, paused integer not null, primary key(owner, join_set, number))
  strict, without rowid;
create index delay_due on delay(expires) where paused = 0;
create table blob(id integer primary key, digest blob not null unique, bytes blob not null) strict;
create table deployment(id integer primary key, created integer not null, digest text not null unique,
  source text not null) strict;
create table component(id integer primary key, deployment integer not null, name text not null,
  kind text not null, digest text not null, config text not null) strict;
create index component_deployment on component(deployment);
create table component_function(component integer not null, place integer not null,
  function integer not null, primary key(component, place)) strict, without rowid;
)sql";

constexpr const char* log_1 = R"sql(
create table log(id integer primary key, execution integer not null, run integer not null,
  at integer not null, level integer not null, stream integer not null, message blob not null) strict;
create index log_execution on log(execution);
)sql";

// The partial index holds what waits for a value from outside.
constexpr const char* main_2 = R"sql(
alter table execution add column controls integer not null default 0;
create index execution_held on execution(stage) where stage = 5;
)sql";

// Equal frames of one execution are stored once.
constexpr const char* log_2 = R"sql(
create table frames(id integer primary key, execution integer not null, method integer not null,
  size integer not null, body blob not null) strict;
create index frames_execution on frames(execution);
create table backtrace(execution integer not null, version_min integer not null,
  version_max integer not null, frames integer not null, primary key(execution, version_min))
  strict, without rowid;
)sql";

constexpr std::array main_migrations{Migration{1, main_1}, Migration{2, main_2}};
constexpr std::array log_migrations{Migration{1, log_1}, Migration{2, log_2}};

/// For the versions that only tests add: writes as much as a real one, and changes nothing.
constexpr const char* added = R"sql(
create table copied as select * from execution;
create index copied_key on copied(key);
update execution set creation = (select creation from copied where copied.key = execution.key);
drop table copied;
)sql";

std::vector<Migration> migrations_of(File file, std::uint32_t versions_added) {
  const std::span<const Migration> released =
      file == File::main ? std::span<const Migration>(main_migrations) : log_migrations;
  std::vector<Migration> all(released.begin(), released.end());
  for (std::uint32_t i = 0; i < versions_added; ++i) all.push_back({all.back().version + 1, added});
  return all;
}

constexpr std::string_view magic{"SQLite format 3\0", 16};

std::unexpected<Error> newer(const std::string& path, std::int64_t found, int known) {
  return fail(
      Code::failed_precondition,
      fmt::format("{} was written by a newer release (schema version {}, this release knows "
                  "up to {}): use that release or another data directory; the file was not "
                  "changed",
                  path, found, known),
      path);
}

Result<void> check_head(Machine& machine, const std::string& path, const FileHead& head,
                        int known) {
  const bool is_sqlite = head.size >= static_cast<std::int64_t>(head.bytes.size()) &&
                         std::memcmp(head.bytes.data(), magic.data(), magic.size()) == 0;
  if (!is_sqlite) {
    return fail(Code::data_loss,
                fmt::format("{} is not a database, or its beginning is damaged: move it away or "
                            "restore it; the file was not changed",
                            path),
                path);
  }
  if (head.number(68) != application_id) {
    return fail(Code::failed_precondition,
                fmt::format("{} is a database of another program: choose another data directory; "
                            "the file was not changed",
                            path),
                path);
  }
  if (head.number(60) > static_cast<std::uint32_t>(known))
    return newer(path, head.number(60), known);
  const std::uint32_t page = head.number(16) >> 16U;
  const std::int64_t whole = std::int64_t{head.number(28)} * (page == 1 ? 65536 : page);
  const FileHead wal = TRY(machine.read_head(path + "-wal"));
  if (wal.size == 0 && head.size < whole) {
    return fail(Code::data_loss,
                fmt::format("{} is truncated: it has {} bytes of {}: restore it; the file was not "
                            "changed",
                            path, head.size, whole),
                path);
  }
  return {};
}

Result<void> migrate(Connection& connection, const std::string& path,
                     std::span<const Migration> all) {
  const std::int64_t found = TRY(connection.integer("pragma user_version"));
  if (found > all.back().version) return newer(path, found, all.back().version);
  if (found == all.back().version) return {};
  Transaction transaction = TRY(Transaction::begin(connection));
  for (const Migration& migration : all) {
    if (migration.version <= found) continue;
    TRY(connection.execute(migration.sql));
    TRY(connection.execute(fmt::format("pragma user_version={}", migration.version).c_str()));
  }
  return transaction.commit();
}

/// Built under another name, so that a crash leaves a whole file or none.
Result<void> create_file(Machine& machine, const std::string& directory, const std::string& path,
                         std::span<const Migration> migrations) {
  const std::string building = path + ".new";
  TRY(machine.create_private_file(building));
  {
    Connection connection = TRY(Connection::open(building, Connection::Mode::write));
    TRY(connection.execute(fmt::format("pragma page_size=2048; pragma auto_vacuum=none; pragma "
                                       "journal_mode=memory; pragma application_id={}",
                                       application_id)
                               .c_str()));
    TRY(migrate(connection, path, migrations));
  }
  return machine.publish_file(building, path, directory);
}

}  // namespace

const char* file_name(File file) {
  return file == File::main ? "stele.sqlite" : "stele-log.sqlite";
}

Result<Connection> open_file(Machine& machine, const std::string& directory, File file,
                             std::uint32_t versions_added) {
  const std::string path = fmt::format("{}/{}", directory, file_name(file));
  const std::vector<Migration> migrations = migrations_of(file, versions_added);
  const FileHead head = TRY(machine.read_head(path));
  if (head.present) {
    TRY(check_head(machine, path, head, migrations.back().version));
  } else {
    Result<void> created = create_file(machine, directory, path, migrations);
    if (!created) machine.remove_file(path + ".new");
    if (!created) return std::unexpected(std::move(created.error()));
  }
  Connection connection = TRY(Connection::open(path, Connection::Mode::write));
  TRY(connection.execute("pragma journal_mode=wal; pragma synchronous=full"));
  TRY(migrate(connection, path, migrations));
  TRY(machine.sync_directory(directory));
  return connection;
}

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
// A database with changed bytes or changed columns: everything that the port offers gives an answer
// or a clear error.
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "fuzz/fuzz.h"
#include "store/sqlite/sqlite_store.h"

namespace stele {
namespace {

namespace fs = std::filesystem;
constexpr std::array<const char*, 2> file_names{"stele.sqlite", "stele-log.sqlite"};

std::string read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder in memory if the machine has one; removed at the end of the process.
class Folder {
 public:
  Folder() {
    const fs::path parent =
        fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
    std::string name = parent / "stele-fuzz-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void fill(const std::array<std::string, 2>& content) const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(path_)) fs::remove_all(entry, ignored);
    for (std::size_t i = 0; i < content.size(); ++i)
      std::ofstream(path_ / file_names[i], std::ios::binary) << content[i];
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

const std::array<std::string, 2>& originals() {
  static const std::array<std::string, 2> read = [] {
    const fs::path fixture = fs::path(STELE_FIXTURES) / "database-v2";
    return std::array{read_whole(fixture / file_names[0]), read_whole(fixture / file_names[1])};
  }();
  return read;
}

void change_bytes(fuzz_input::Choices& choices, std::string& content) {
  for (std::uint64_t left = 1 + choices.below(8); left > 0 && !content.empty(); --left) {
    const std::size_t at = choices.below(content.size());
    switch (choices.below(4)) {
      case 0: content[at] = static_cast<char>(choices.below(256)); break;
      case 1: content[at] = static_cast<char>(content[at] ^ (1 << choices.below(8))); break;
      case 2: {
        const std::string_view with = choices.take(choices.below(16));
        content.replace(at, with.size(), with);
        break;
      }
      default:
        if (choices.below(8) == 0) content.resize(at);
        break;
    }
  }
}

struct Column {
  std::string table{};
  std::string name{};
};

std::vector<Column> columns_of(sqlite3* database) {
  std::vector<Column> found;
  sqlite3_stmt* statement = nullptr;
  const char* const sql =
      "SELECT s.name, c.name FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.type = "
      "'table' ORDER BY 1, 2";
  if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK) return found;
  const auto text = [&](int column) {
    return std::string(reinterpret_cast<const char*>(sqlite3_column_text(statement, column)));
  };
  while (sqlite3_step(statement) == SQLITE_ROW) found.push_back({text(0), text(1)});
  sqlite3_finalize(statement);
  return found;
}

void bind_any(fuzz_input::Choices& choices, sqlite3_stmt* statement) {
  const std::uint64_t kind = choices.below(6);
  if (kind == 0) sqlite3_bind_null(statement, 1);
  if (kind == 1)
    sqlite3_bind_int64(statement, 1, static_cast<std::int64_t>(choices.below(300)) - 9);
  if (kind == 2) sqlite3_bind_int64(statement, 1, choices.below(2) == 0 ? INT64_MIN : INT64_MAX);
  if (kind < 3) return;
  const std::string_view bytes = choices.take(choices.below(200));
  const auto size = static_cast<int>(bytes.size());
  if (kind == 3) sqlite3_bind_text(statement, 1, bytes.data(), size, SQLITE_TRANSIENT);
  if (kind > 3) sqlite3_bind_blob(statement, 1, bytes.data(), size, SQLITE_TRANSIENT);
}

/// One column of one row, or of all, gets any value.
void change_column(fuzz_input::Choices& choices, sqlite3* database,
                   const std::vector<Column>& columns) {
  const Column& column = columns[choices.below(columns.size())];
  std::string value = "?1";
  const std::uint64_t how = choices.below(4);
  if (how == 0)  // some bytes of what is there
    value = "CAST(substr(" + column.name + ", 1, " + std::to_string(choices.below(64)) +
            ") || ?1 || substr(" + column.name + ", " + std::to_string(choices.below(64)) +
            ") AS BLOB)";
  if (how == 1) value = column.name + " + ?1";
  std::string sql = "UPDATE \"" + column.table + "\" SET \"" + column.name + "\" = " + value;
  if (choices.below(2) == 0)
    sql += " WHERE rowid = (SELECT rowid FROM \"" + column.table + "\" LIMIT 1 OFFSET " +
           std::to_string(choices.below(8)) + ")";
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK) {
    bind_any(choices, statement);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
}

void change_columns(fuzz_input::Choices& choices, const fs::path& folder) {
  sqlite3* database = nullptr;
  sqlite3_open((folder / file_names[choices.below(8) == 0 ? 1 : 0]).c_str(), &database);
  sqlite3_exec(database, "PRAGMA synchronous=OFF; PRAGMA ignore_check_constraints=ON", nullptr,
               nullptr, nullptr);
  const std::vector<Column> columns = columns_of(database);
  for (std::uint64_t left = 1 + choices.below(4); left > 0 && !columns.empty(); --left)
    change_column(choices, database, columns);
  sqlite3_close(database);
}

template <typename T>
bool answered(const Result<T>& result) {
  if (!result) CHECK(!result.error().reason.empty());
  return result.has_value();
}

void read_one(Store& store, ExecutionKey key) {
  const std::array keys{key};
  answered(store.load(keys, {}));
  std::uint32_t position = 0;
  for (int pages = 0; pages < 20; ++pages) {
    const auto page = store.read_history(key, position, 64);
    if (!answered(page) || page->entries.empty()) break;
    for (const Entry& entry : page->entries) CHECK(entry.position == position++);
    if (!page->more) break;
  }
  answered(store.read_head(key));
  answered(store.delays_of(key));
  answered(store.read_logs(key, 0, 10));
  for (const auto place : {BacktraceAt::Place::first, BacktraceAt::Place::last})
    answered(store.read_backtrace(key, {place, 0}));
}

void read_all(Store& store) {
  for (std::int64_t key = 1; key <= 8; ++key) read_one(store, ExecutionKey{key});
  const auto listed = store.list({.derived = true, .limit = 20});
  if (answered(listed))
    for (const ExecutionRow& row : *listed) answered(store.find(row.id));
  answered(store.due(Instant{0}, instant_max, 10));
  answered(store.ready(Pool::activity, {}, 8, 8));
  answered(store.ready(Pool::workflow, {}, 8, 8));
  answered(store.functions());
  const auto deployment = store.read_deployment(DeploymentId{1});
  if (answered(deployment))
    for (const ComponentRow& component : deployment->components)
      answered(store.read_blob(component.digest));
}

void write_some(Store& store, const Claim& claim) {
  WriteBatch batch;
  batch.number = BatchNumber{1};
  batch.clock = claim.clock;
  ExecutionRow row;
  row.key = claim.next_key;
  row.root = claim.next_key;
  row.id.root = Ulid{7, 7};
  row.function = FunctionId{1};
  row.params = "[1]";
  batch.rows.push_back({row, true});
  for (std::uint32_t position = 0; position < 12; ++position) {
    Sleep body;
    body.join_set = JoinSetOrdinal{position};
    batch.entries.push_back({row.key, {position, 1 + 3 * position, Instant{5}, body}});
  }
  if (!answered(store.commit(batch))) return;
  for (int rounds = 0; rounds < 30; ++rounds) {
    const auto state = store.upkeep();
    if (!answered(state) || *state == UpkeepState::idle) break;
  }
}

}  // namespace

void fuzz(std::string_view input) {
  static const Folder folder;
  fuzz_input::Choices choices(input);
  std::array<std::string, 2> content = originals();
  const bool bytes = choices.below(2) == 0;
  if (bytes) change_bytes(choices, content[choices.below(16) == 0 ? 1 : 0]);
  folder.fill(content);
  if (!bytes) change_columns(choices, folder.path());

  SqliteConfig config;
  config.directory = folder.path();
  config.idle_after = microseconds(0);
  config.tail_events_max = 10;
  auto opened = open_sqlite_store(config);
  if (!answered(opened)) return;
  const auto claim = (*opened)->claim();
  read_all(**opened);
  if (!answered(claim)) return;
  write_some(**opened, *claim);
  read_all(**opened);
}

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/trace.h"
#include "store/find_derived.h"
#include "store/sqlite/catalog.h"
#include "store/sqlite/directory.h"
#include "store/sqlite/history.h"
#include "store/sqlite/log_file.h"
#include "store/sqlite/packer.h"
#include "store/sqlite/queries.h"
#include "store/sqlite/wal_space.h"

namespace stele {
namespace sqlite {
namespace {

constexpr std::uint64_t small_commit_bytes = std::uint64_t{16} << 10U;
/// Near the gate, checkpoints come after this part of wal_checkpoint_bytes.
constexpr std::uint64_t parts_near = 4;

/// Puts the parts together; each read is one Reading.
class SqliteStore final : public Store {
 public:
  explicit SqliteStore(SqliteConfig config) : shared_(std::move(config)), packer_(shared_) {}

  Result<void> open();

  Result<Claim> claim() override { return writer_->claim(); }
  Result<void> commit(const WriteBatch& batch) override { return writer_->commit(batch); }
  Result<Loaded> load(std::span<const ExecutionKey> keys, std::span<const Ulid> roots) override;
  Result<ExecutionRow> find(const ExecutionId& id) override { return finder_.find(*this, id); }
  Result<HistoryPage> read_history(ExecutionKey key, std::uint32_t position,
                                   std::uint32_t limit) override;
  Result<HistoryHead> read_head(ExecutionKey key) override;
  Result<DuePage> due(Instant from, Instant before, std::uint32_t limit) override;
  Result<ReadyPage> ready(Pool pool, ReadyCursor after, std::uint32_t per_root,
                          std::uint32_t limit) override;
  Result<std::vector<DelayRow>> delays_of(ExecutionKey owner) override;
  Result<std::vector<ExecutionRow>> list(const ListFilter& filter) override;
  Result<void> save_backtraces(ExecutionKey key, std::span<const BacktraceRow> rows) override {
    return logs_->save_backtraces(key, rows);
  }
  Result<BacktraceRow> read_backtrace(ExecutionKey key, BacktraceAt at) override {
    return logs_->read_backtrace(key, at);
  }
  Result<void> append_logs(std::span<const LogRow> rows) override { return logs_->append(rows); }
  Result<LogPage> read_logs(ExecutionKey key, std::uint64_t after, std::uint32_t limit) override {
    return logs_->read(key, after, limit);
  }
  Result<DeploymentRow> save_deployment(const NewDeployment& deployment) override {
    return writer_->save_deployment(deployment);
  }
  Result<DeploymentRow> read_deployment(DeploymentId id) override;
  Result<std::vector<FunctionRow>> functions() override;
  Result<Bytes> read_blob(std::string_view digest) override;
  Result<UpkeepState> upkeep() override;
  bool congested() const override;
  StoreCounters counters() const override { return writer_->counters(); }

 private:
  Result<void> care_for_wal();
  Result<void> checkpoint(std::uint64_t wal_bytes);
  Result<void> sync_checkpointed();
  Result<void> note(Result<void> synced);
  Result<void> make_wal_room();
  bool commits_are_small();
  Result<void> free_a_table();
  Result<void> load_index() { return loader_.ensure(*readers_, shared_.config.read_slice); }
  Error quarantined(Error error, ExecutionKey key);

  DirectoryLock lock_;  ///< first, so that it is let go last
  Shared shared_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Readers> readers_;
  std::unique_ptr<LogFile> logs_;
  DerivedFinder finder_;
  IndexLoader loader_;
  Packer packer_;
  Connection checkpointer_;
  std::uint64_t checkpointed_at_ = 0;  ///< WAL bytes at the last checkpoint
  StoreCounters seen_;                 ///< when it was last asked for small commits
  bool room_refused_ = false;  ///< the disk was full; asked again after a restart of the WAL
};

/// After a sync that failed the system may keep in memory, as if it were written, what the disk
/// never got. A former process may have ended for that; so what is read from its WAL is written
/// once more, to the main file, before anybody acts on it.
Result<void> write_wal_again(Connection& connection) {
  const int code = sqlite3_wal_checkpoint_v2(connection.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return std::unexpected(last_error(connection.raw(), code, "writing what the WAL holds"));
}

Result<void> SqliteStore::open() {
  const std::string& directory = shared_.config.directory;
  lock_ = TRY(shared_.machine.lock(directory));
  Connection connection =
      TRY(open_file(shared_.machine, directory, File::main, shared_.config.schema_versions_added));
  TRY(write_wal_again(connection));
  TRY(IndexLoader::adopt(connection, shared_.tails, loader_));
  logs_ = TRY(LogFile::open(shared_.machine, directory));
  writer_ = TRY(Writer::open(std::move(connection), shared_));
  const std::string path = fmt::format("{}/{}", directory, file_name(File::main));
  checkpointer_ = TRY(Connection::open(path, Connection::Mode::write));
  // A connection that has read nothing does not know of the WAL, and its checkpoints do nothing.
  TRY(checkpointer_.integer("select count(*) from meta"));
  Readers::Wiring wiring;
  wiring.machine = &shared_.machine;
  wiring.path = path;
  wiring.readers_max = shared_.config.readers_max;
  wiring.gate_patience = shared_.config.gate_patience;
  wiring.floor = [this] { return writer_->floor(); };
  wiring.open_gate = [this] { writer_->restart_wal(); };
  readers_ = std::make_unique<Readers>(std::move(wiring), shared_.snapshots);
  TRY(free_a_table());
  shared_.tails.activate();
  return {};
}

/// After many short lives all tables may hold something; then the oldest is packed at once.
Result<void> SqliteStore::free_a_table() {
  if (!shared_.tails.full()) return {};
  TRY(load_index());
  while (shared_.tails.full()) {
    TRY(packer_.build(*readers_));
    TRY(writer_->pack_when_idle(true));
  }
  return {};
}

/// Names the execution, counts it, and makes sure that the reader of the error knows which one it
/// is.
Error SqliteStore::quarantined(Error error, ExecutionKey key) {
  if (error.code != Code::data_loss) return error;
  writer_->count_quarantined();
  if (key && !error.subject.starts_with("E_")) {
    const std::array keys{key};
    Result<Reading> reading = Reading::start(*readers_);
    const Result<Loaded> row = reading ? sqlite::load(*reading, keys, {}) : Loaded{};
    error.subject = row && !row->rows.empty() ? to_text(row->rows.front().id)
                                              : fmt::format("execution number {}", key.value);
    error.reason = fmt::format("{} cannot be read: {}", error.subject, error.reason);
  }
  return error;
}

Result<Loaded> SqliteStore::load(std::span<const ExecutionKey> keys, std::span<const Ulid> roots) {
  Reading reading = TRY(Reading::start(*readers_));
  Result<Loaded> loaded = sqlite::load(reading, keys, roots);
  if (!loaded) return std::unexpected(quarantined(std::move(loaded.error()), {}));
  return loaded;
}

Result<HistoryPage> SqliteStore::read_history(ExecutionKey key, std::uint32_t position,
                                              std::uint32_t limit) {
  TRY(load_index());
  Result<HistoryPage> page = [&]() -> Result<HistoryPage> {
    Reading reading = TRY(Reading::start(*readers_));
    return sqlite::read_history(reading, shared_.tails, key, position, limit);
  }();
  if (!page) return std::unexpected(quarantined(std::move(page.error()), key));
  return page;
}

Result<HistoryHead> SqliteStore::read_head(ExecutionKey key) {
  TRY(load_index());
  Result<HistoryHead> head = [&]() -> Result<HistoryHead> {
    Reading reading = TRY(Reading::start(*readers_));
    return sqlite::read_head(reading, shared_.tails, key);
  }();
  if (!head) return std::unexpected(quarantined(std::move(head.error()), key));
  return head;
}

Result<DuePage> SqliteStore::due(Instant from, Instant before, std::uint32_t limit) {
  Reading reading = TRY(Reading::start(*readers_));
  return sqlite::due(reading, from, before, limit);
}

Result<ReadyPage> SqliteStore::ready(Pool pool, ReadyCursor after, std::uint32_t per_root,
                                     std::uint32_t limit) {
  Reading reading = TRY(Reading::start(*readers_));
  return sqlite::ready(reading, {pool, after, per_root, limit},
                       [this](const Error&) { writer_->count_quarantined(); });
}

Result<std::vector<DelayRow>> SqliteStore::delays_of(ExecutionKey owner) {
  Reading reading = TRY(Reading::start(*readers_));
  return sqlite::delays_of(reading, owner);
}

Result<std::vector<ExecutionRow>> SqliteStore::list(const ListFilter& filter) {
  std::vector<ExecutionRow> rows;
  ListFilter rest = filter;
  bool more = true;
  while (more) {
    Reading reading = TRY(Reading::start(*readers_));
    const std::optional<ExecutionKey> next =
        TRY(list_some(reading, rest, shared_.config.read_slice, rows,
                      [this](const Error&) { writer_->count_quarantined(); }));
    more = next.has_value();
    rest.before = next.value_or(ExecutionKey{});
  }
  return rows;
}

Result<DeploymentRow> SqliteStore::read_deployment(DeploymentId id) {
  Reading reading = TRY(Reading::start(*readers_));
  return get_deployment(reading.reader().connection, id);
}

Result<std::vector<FunctionRow>> SqliteStore::functions() {
  Reading reading = TRY(Reading::start(*readers_));
  return get_functions(reading.reader().connection);
}

Result<Bytes> SqliteStore::read_blob(std::string_view digest) {
  Reading reading = TRY(Reading::start(*readers_));
  return get_blob(reading.reader().connection, digest);
}

/// Past the gate's size a commit completes the checkpoint and restarts the WAL, and finds the lock
/// of checkpoints free; only without commits it is done here.
Result<void> SqliteStore::care_for_wal() {
  const std::uint64_t bytes = writer_->wal_bytes();
  if (bytes >= shared_.config.wal_gate_bytes) {
    if (writer_->idle() || congested()) writer_->restart_wal();
    return {};
  }
  if (bytes < checkpointed_at_) {
    checkpointed_at_ = 0;
    room_refused_ = false;
  }
  const std::uint64_t first = shared_.config.wal_checkpoint_bytes;
  // The nearer the gate, the less may be left for the commit that restarts the WAL.
  const std::uint64_t left = (shared_.config.wal_gate_bytes - bytes) / 2;
  const std::uint64_t step = std::clamp(left, first / parts_near, first);
  if (bytes < first || bytes - checkpointed_at_ < step) return {};
  return checkpoint(bytes);
}

/// SQLite makes the file durable only when a checkpoint has caught up with the commits, which is
/// the one that restarts the WAL. What was written up to now is made so here, where no commit
/// waits.
Result<void> SqliteStore::sync_checkpointed() {
  const TraceSpan span("sync the database file");
  return note(checkpointer_.sync_file());
}

/// The kernel may have dropped pages, and the next sync might find nothing wrong.
Result<void> SqliteStore::note(Result<void> synced) {
  if (!synced) writer_->note_io_error(synced.error());
  return synced;
}

Result<void> SqliteStore::checkpoint(std::uint64_t wal_bytes) {
  TRY(writer_->sound());
  const TraceSpan span("checkpoint");
  const int code = sqlite3_wal_checkpoint_v2(checkpointer_.raw(), nullptr,
                                             SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  checkpointed_at_ = wal_bytes;
  if ((code & 0xFF) == SQLITE_BUSY) return {};
  if (code != SQLITE_OK) {
    return note(std::unexpected(last_error(checkpointer_.raw(), code, "checkpointing")));
  }
  writer_->count_checkpoint();
  return sync_checkpointed();
}

/// Since it was last asked. What many steps share costs each of them little, and zeros for them
/// would be many.
bool SqliteStore::commits_are_small() {
  const StoreCounters now = writer_->counters();
  const std::uint64_t commits = now.commits - seen_.commits;
  const std::uint64_t bytes = now.wal_bytes - seen_.wal_bytes;
  seen_ = now;
  return bytes <= commits * small_commit_bytes;
}

/// Half of the room is used up before more is made, so that a slice is worth its sync.
Result<void> SqliteStore::make_wal_room() {
  const std::uint64_t used = writer_->wal_bytes();
  const std::uint64_t ahead = shared_.config.wal_ahead_bytes;
  const std::uint64_t wanted = std::min(used + ahead, shared_.config.wal_gate_bytes);
  if (room_refused_ || !commits_are_small()) return {};
  if (TRY(wal_file_bytes(checkpointer_)) + ahead / 2 >= wanted) return {};
  const TraceSpan span("make the WAL longer");
  Result<bool> longer = true;
  while (longer && *longer) {
    longer = writer_->alone([&] { return extend_wal(checkpointer_, wanted); });
    if (longer && *longer) TRY(note(sync_wal(checkpointer_)));
  }
  // Without it commits are slower, and that is all; the space is theirs.
  room_refused_ = !longer && longer.error().code == Code::resource_exhausted;
  if (room_refused_) return {};
  return longer ? Result<void>() : std::unexpected(std::move(longer.error()));
}

Result<UpkeepState> SqliteStore::upkeep() {
  TRY(load_index());
  TRY(care_for_wal());
  TRY(make_wal_room());
  const bool built = TRY(packer_.build(*readers_));
  const bool wrote = TRY(writer_->pack_when_idle(congested()));
  return built || wrote ? UpkeepState::more : UpkeepState::idle;
}

bool SqliteStore::congested() const {
  return shared_.tails.full() || writer_->wal_bytes() >= shared_.config.wal_limit_bytes;
}

}  // namespace
}  // namespace sqlite

void set_wal_limit(SqliteConfig& config, std::uint64_t limit_bytes) {
  config.wal_limit_bytes = limit_bytes;
  config.wal_gate_bytes = limit_bytes / 4;
  config.wal_checkpoint_bytes = limit_bytes / 64;
  config.wal_ahead_bytes = limit_bytes / 64;
}

Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteConfig& config) {
  auto store = std::make_unique<sqlite::SqliteStore>(config);
  TRY(store->open());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace stele

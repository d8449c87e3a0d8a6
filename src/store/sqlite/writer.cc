// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/writer.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/trace.h"
#include "store/sqlite/catalog.h"
#include "store/sqlite/seal.h"

namespace stele::sqlite {
namespace {

constexpr std::uint64_t wal_frame_head_bytes = 24;
constexpr Duration clock_written_each = milliseconds(100);
/// From this many tails in use, packing is behind.
constexpr std::size_t tails_behind = 3;

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(Connection connection, Shared& shared) {
  std::unique_ptr<Writer> writer(new Writer(std::move(connection), shared));
  TRY(writer->connection_.execute("pragma wal_autocheckpoint=0; pragma cache_size=-6000"));
  TRY(writer->prepare());
  writer->wal_frame_bytes_ =
      static_cast<std::uint64_t>(TRY(writer->connection_.integer("pragma page_size"))) +
      wal_frame_head_bytes;
  sqlite3_wal_hook(
      writer->connection_.raw(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Writer*>(self)->note_wal(pages);
        return SQLITE_OK;
      },
      writer.get());
  return writer;
}

Result<void> Writer::prepare() {
  Statements& all = statements_;
  all.begin = TRY(connection_.prepare("begin immediate"));
  all.commit = TRY(connection_.prepare("commit"));
  all.get_meta = TRY(connection_.prepare("select value from meta where name = ?1"));
  all.set_meta =
      TRY(connection_.prepare("insert or replace into meta(name, value) values(?1, ?2)"));
  all.rows.insert = TRY(connection_.prepare(insert_execution));
  all.rows.update = TRY(connection_.prepare(update_execution));
  all.put_delay =
      TRY(connection_.prepare("insert or replace into delay(owner, join_set, number, expires, "
                              "paused) values(?1,?2,?3,?4,?5)"));
  all.remove_delay = TRY(
      connection_.prepare("delete from delay where owner = ?1 and join_set = ?2 and number = ?3"));
  all.put_segment = TRY(connection_.prepare(
      "insert or replace into segment(id, entries, version, response_seq, method, size, body) "
      "values(?1,?2,?3,?4,?5,?6,?7)"));
  for (int table = 1; table <= tail_tables; ++table) {
    all.put_entry[static_cast<std::size_t>(table - 1)] = TRY(connection_.prepare(fmt::format(
        "insert into tail_{}(id, execution, position, body) values(?1,?2,?3,?4)", table)));
  }
  values_ = std::make_unique<ValueWriter>(TRY(connection_.prepare(insert_blob)));
  return {};
}

Result<std::int64_t> Writer::meta(std::string_view name) {
  const Resetting resetting(statements_.get_meta);
  statements_.get_meta.bind_text(1, name);
  if (!TRY(statements_.get_meta.step())) return std::int64_t{0};
  return statements_.get_meta.integer(0);
}

Result<void> Writer::set_meta(std::string_view name, std::int64_t value) {
  statements_.set_meta.bind_text(1, name).bind(2, value);
  return statements_.set_meta.run();
}

Result<void> Writer::check_epoch() {
  if (epoch_ != 0 && TRY(meta("epoch")) == static_cast<std::int64_t>(epoch_)) return {};
  return fail(Code::aborted, "another owner has claimed this store");
}

/// The later of the stored clock and the newest entry's time.
Result<Instant> Writer::stored_clock() {
  Instant clock { TRY(meta("clock")) };
  class NoValues final : public BlobSource {
    Result<Bytes> get_value(const Hash128& /*hash*/) override { return Bytes{}; }
  } none;
  for (int table = 1; table <= tail_tables; ++table) {
    Statement newest = TRY(connection_.prepare(
        fmt::format("select body from tail_{} order by id desc limit 1", table)));
    if (!TRY(newest.step())) continue;
    const Result<BytesView> body = unseal(newest.bytes(0));
    if (!body) continue;
    const Result<Entry> entry = codec_.decode_entry(*body, 0, none);
    if (entry) clock = std::max(clock, entry->at);
  }
  return clock;
}

Result<Claim> Writer::claim() {
  const Lock lock(write_mutex_);
  Transaction transaction = TRY(Transaction::begin(connection_));
  const std::int64_t epoch = TRY(meta("epoch"));
  const std::int64_t incarnation = TRY(meta("incarnation"));
  const std::int64_t unclean = TRY(meta("unclean"));
  const std::int64_t deployment = TRY(meta("deployment"));
  const std::int64_t last_key = TRY(connection_.integer("select max(key) from execution"));
  if (last_key < 0 || last_key >= execution_key_max) {
    return fail(Code::data_loss, "the table execution is damaged");
  }
  Claim claim;
  claim.epoch = static_cast<std::uint64_t>(epoch) + 1;
  claim.incarnation = Incarnation{static_cast<std::uint64_t>(incarnation) + 1};
  claim.clean = unclean == 0;
  claim.clock = TRY(stored_clock());
  claim.next_key = ExecutionKey{last_key + 1};
  claim.deployment = DeploymentId{static_cast<std::uint32_t>(deployment)};
  TRY(set_meta("epoch", static_cast<std::int64_t>(claim.epoch)));
  TRY(set_meta("incarnation", static_cast<std::int64_t>(claim.incarnation.value)));
  TRY(set_meta("unclean", 1));
  TRY(set_meta("clock", claim.clock.us));
  TRY(transaction.commit());
  epoch_ = claim.epoch;
  clean_ = false;
  clock_written_ = claim.clock;
  const Lock state(state_mutex_);
  last_batch_ = {};
  return claim;
}

Result<void> Writer::commit(const WriteBatch& batch) {
  const Lock lock(write_mutex_);
  TRY(sound());
  restart_wal_locked();
  const std::int64_t first = shared_.tails.next_id();
  Result<void> written = write(batch);
  if (written) {
    after_commit(&batch);
    return {};
  }
  if (shared_.tails.next_id() != first) shared_.tails.undo(batch.entries);
  connection_.roll_back();
  shared_.queue.give_back(std::exchange(taken_, {}));
  return written;
}

Result<void> Writer::write_rows(const WriteBatch& batch) {
  const TraceSpan span("write rows");
  for (const RowWrite& row : batch.rows) TRY(write_row(statements_.rows, row, codec_, *values_));
  return {};
}

/// Appends to the WAL and makes it durable.
Result<void> Writer::sync() {
  const TraceSpan span("write and sync WAL");
  return statements_.commit.run();
}

Result<void> Writer::write(const WriteBatch& batch) {
  if (batch.number != floor().as_of.next()) {
    return fail(Code::internal, fmt::format("batch {} committed after {}", batch.number.value,
                                            floor().as_of.value));
  }
  TRY(statements_.begin.run());
  TRY(check_epoch());
  TRY(write_rows(batch));
  TRY(write_entries(batch));
  for (const DelayWrite& delay : batch.delays) TRY(write_delay(delay));
  TRY(write_clock(batch));
  if (batch.clean_stop != clean_) TRY(set_meta("unclean", batch.clean_stop ? 0 : 1));
  TRY(write_slice(slice_budget()));
  return sync();
}

Result<void> Writer::write_entries(const WriteBatch& batch) {
  if (batch.entries.empty()) return {};
  const TraceSpan span("write events");
  const auto place = static_cast<std::size_t>(shared_.tails.active_table() - 1);
  Statement& insert = statements_.put_entry[place];
  std::int64_t id = shared_.tails.next_id();
  std::uint64_t bytes = 0;
  for (const EntryWrite& write : batch.entries) {
    if (write.entry.position > position_max) {
      return fail(Code::internal, "a history is longer than positions can number");
    }
    scratch_.clear();
    TRY(codec_.encode(write.entry, *values_, scratch_));
    seal(scratch_);
    insert.bind(1, id++)
        .bind(2, write.key.value)
        .bind(3, write.entry.position)
        .bind_bytes(4, scratch_);
    TRY(insert.run());
    bytes += scratch_.size();
  }
  shared_.tails.add(batch.entries, bytes);
  return {};
}

Result<void> Writer::write_delay(const DelayWrite& write) {
  const DelayRow& row = write.row;
  Statement& statement = write.removed ? statements_.remove_delay : statements_.put_delay;
  statement.bind(1, row.owner.value).bind(2, row.join_set.value).bind(3, row.index);
  if (!write.removed) statement.bind(4, row.expires.us).bind(5, row.paused ? 1 : 0);
  return statement.run();
}

/// The newest entry's time stands for the clock as well, so it need not be written each time.
Result<void> Writer::write_clock(const WriteBatch& batch) {
  if (batch.clock - clock_written_ < clock_written_each && !batch.clean_stop) return {};
  clock_written_ = std::max(batch.clock, clock_written_);
  return set_meta("clock", clock_written_.us);
}

Duration Writer::slice_budget() const {
  const bool behind = shared_.tails.in_use() >= tails_behind;
  return behind ? shared_.config.pack_slice_behind : shared_.config.pack_slice;
}

Result<void> Writer::write_slice(Duration budget) {
  if (shared_.queue.empty()) return {};
  const TraceSpan span("packing slice");
  const std::int64_t end = shared_.machine.monotonic_us() + budget.us;
  while (std::optional<PackItem> item = shared_.queue.take()) {
    taken_.push_back(std::move(*item));
    TRY(write_item(taken_.back()));
    if (shared_.machine.monotonic_us() >= end) break;
  }
  return {};
}

Result<void> Writer::write_item(const PackItem& item) {
  if (item.empties != 0) {
    TRY(set_meta("tail_id", shared_.tails.next_id()));
    const TraceSpan span("empty a tail");
    return connection_.execute(fmt::format("delete from tail_{}", item.empties).c_str());
  }
  const Segment& segment = item.segment;
  statements_.put_segment.bind(1, segment.id)
      .bind(2, segment.entries)
      .bind(3, segment.head.version)
      .bind(4, segment.head.response_seq)
      .bind(5, static_cast<std::int64_t>(segment.method))
      .bind(6, static_cast<std::int64_t>(segment.size))
      .bind_bytes(7, segment.body);
  return statements_.put_segment.run();
}

void Writer::after_commit(const WriteBatch* batch) {
  const std::vector<PackItem> taken = std::exchange(taken_, {});
  for (const PackItem& item : taken) {
    if (item.empties != 0) shared_.tails.retire(item.empties, shared_.snapshots.advance());
  }
  shared_.tails.drop_retired(shared_.snapshots.oldest());
  if (batch != nullptr) {
    shared_.tails.committed();
    clean_ = batch->clean_stop;
  }
  const Lock state(state_mutex_);
  for (const PackItem& item : taken) {
    counters_.packed_entries += item.segment.entries;
    counters_.segments += item.empties == 0 ? 1 : 0;
    counters_.tails_emptied += item.empties == 0 ? 0 : 1;
  }
  if (batch == nullptr) return;
  last_batch_ = batch->number;
  last_commit_us_ = shared_.machine.monotonic_us();
  ++counters_.commits;
  counters_.rows += batch->rows.size() + batch->delays.size();
  counters_.entries += batch->entries.size();
}

Result<bool> Writer::pack_when_idle(bool at_once) {
  if (shared_.queue.empty() || !(at_once || idle())) return false;
  const Lock lock(write_mutex_);
  restart_wal_locked();
  Result<void> written = statements_.begin.run();
  if (written && epoch_ != 0) written = check_epoch();
  if (written) written = write_slice(slice_budget());
  if (written) written = sync();
  if (written) {
    after_commit(nullptr);
    return true;
  }
  connection_.roll_back();
  shared_.queue.give_back(std::exchange(taken_, {}));
  return std::unexpected(std::move(written.error()));
}

Result<DeploymentRow> Writer::save_deployment(const Store::NewDeployment& deployment) {
  const Lock lock(write_mutex_);
  Transaction transaction = TRY(Transaction::begin(connection_));
  if (epoch_ != 0) TRY(check_epoch());  // before the claim the directory's lock is enough
  DeploymentRow row = TRY(put_deployment(connection_, *values_, deployment));
  TRY(set_meta("deployment", row.id.value));
  TRY(transaction.commit());
  return row;
}

void Writer::note_wal(int pages) {
  const std::uint64_t bytes = static_cast<std::uint64_t>(pages) * wal_frame_bytes_;
  const Lock state(state_mutex_);
  const bool restarted = bytes < wal_bytes_ || (wal_bytes_ == 0 && counters_.wal_bytes > 0);
  counters_.wal_bytes += restarted ? bytes : bytes - wal_bytes_;
  counters_.wal_restarts += restarted ? 1 : 0;
  wal_bytes_ = bytes;
}

void Writer::note_io_error(const Error& error) {
  const Lock state(state_mutex_);
  if (error.code == Code::data_loss && !io_error_) io_error_ = error;
}

Result<void> Writer::sound() const {
  const Lock state(state_mutex_);
  if (io_error_) return std::unexpected(*io_error_);
  return {};
}

void Writer::restart_wal() {
  const Lock lock(write_mutex_);
  restart_wal_locked();
}

void Writer::restart_wal_locked() {
  if (wal_bytes() < shared_.config.wal_gate_bytes) {
    shared_.snapshots.open_gate();  // it may have restarted by itself meanwhile
    return;
  }
  if (!sound() || !shared_.snapshots.close_gate()) return;
  const TraceSpan span("checkpoint and restart WAL");
  connection_.wait_for_locks(false);  // commits never wait for a reader
  const int code = sqlite3_wal_checkpoint_v2(connection_.raw(), nullptr, SQLITE_CHECKPOINT_RESTART,
                                             nullptr, nullptr);
  connection_.wait_for_locks(true);
  // Busy: a checkpoint of upkeep or a reader of another program; the next commit tries again.
  shared_.snapshots.open_gate();
  if (code != SQLITE_OK) {
    return note_io_error(last_error(connection_.raw(), code, "restarting the WAL"));
  }
  const Lock state(state_mutex_);
  wal_bytes_ = 0;
  ++counters_.checkpoints;
}

ReadFloor Writer::floor() const {
  ReadFloor floor;
  floor.committed_id = shared_.tails.committed_id();
  const Lock state(state_mutex_);
  floor.as_of = last_batch_;
  return floor;
}

bool Writer::idle() const {
  const Lock state(state_mutex_);
  return shared_.machine.monotonic_us() - last_commit_us_ >= shared_.config.idle_after.us;
}

std::uint64_t Writer::wal_bytes() const {
  const Lock state(state_mutex_);
  return wal_bytes_;
}

StoreCounters Writer::counters() const {
  const Lock state(state_mutex_);
  return counters_;
}

void Writer::count_checkpoint() {
  const Lock state(state_mutex_);
  ++counters_.checkpoints;
}

void Writer::count_quarantined() {
  const Lock state(state_mutex_);
  ++counters_.quarantined;
}

}  // namespace stele::sqlite

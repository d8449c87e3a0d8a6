// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/packer.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/trace.h"
#include "store/sqlite/history.h"

namespace stele::sqlite {
namespace {

constexpr std::size_t refs_at_once = 1024;
constexpr std::int64_t rows_at_once = 4096;
/// Far above what can ever be written.
constexpr std::int64_t row_id_max = std::int64_t{1} << 60U;

}  // namespace

Result<void> IndexLoader::adopt(Connection& connection, Tails& tails, IndexLoader& loader) {
  struct Found {
    std::int64_t first;
    int table;
  };
  std::vector<Found> found;
  std::int64_t next = std::max<std::int64_t>(
      1, TRY(connection.integer("select value from meta where name = 'tail_id'")));
  for (int table = 1; table <= tail_tables; ++table) {
    const std::int64_t first =
        TRY(connection.integer(fmt::format("select min(id) from tail_{}", table)));
    const std::int64_t last =
        TRY(connection.integer(fmt::format("select max(id) from tail_{}", table)));
    if (last == 0) continue;
    if (first < 1 || last > row_id_max) {
      return fail(Code::data_loss, fmt::format("the table tail_{} is damaged", table));
    }
    found.push_back({first, table});
    next = std::max(next, last + 1);
  }
  std::ranges::sort(found, {}, &Found::first);
  for (const Found& tail : found) {
    auto index = std::make_shared<TailIndex>(tail.table, tail.first);
    const Lock lock(loader.mutex_);
    loader.pending_.push_back({index, tail.first - 1});
    tails.adopt(index);
  }
  tails.set_next_id(next);
  return {};
}

Result<void> IndexLoader::ensure(Readers& readers, Duration slice) {
  const Lock lock(mutex_);
  while (!pending_.empty()) {
    if (TRY(load_some(readers, slice, pending_.front()))) pending_.erase(pending_.begin());
  }
  return {};
}

Result<bool> IndexLoader::load_some(Readers& readers, Duration slice, Pending& pending) {
  Reading reading = TRY(Reading::start(readers));
  const std::string sql =
      fmt::format("select id, execution, position from tail_{} where id > ?1 order by id limit ?2",
                  pending.index->table());
  Statement select = TRY(reading.reader().connection.prepare(sql));
  const std::int64_t end = reading.reader().monotonic_us() + slice.us;
  while (reading.reader().monotonic_us() < end) {
    std::int64_t rows = 0;
    select.bind(1, pending.loaded_id).bind(2, rows_at_once);
    for (; TRY(select.step()); ++rows) {
      pending.loaded_id = select.integer(0);
      pending.index->add(select.integer(1), static_cast<std::uint32_t>(select.integer(2)),
                         pending.loaded_id);
    }
    select.reset();
    if (rows < rows_at_once) return true;
  }
  return false;
}

bool Packer::queue_full() const {
  return shared_.queue.bytes() >= shared_.config.pack_queue_bytes_max;
}

Result<bool> Packer::build(Readers& readers) {
  if (emptying_ && shared_.tails.oldest_frozen() != tail_) {
    tail_.reset();
    copy_.begin(0, 0);
    emptying_ = false;
  }
  if (emptying_ || queue_full()) return false;
  if (!tail_) {
    tail_ = shared_.tails.oldest_frozen();
    if (!tail_) return false;
    copy_.begin(tail_->table(), tail_->first_id());
    keys_ = tail_->keys();
    next_key_ = 0;
    if (shared_.config.canary == StoreCanary::early_emptying)
      shared_.queue.push({{}, tail_->table()});
  }
  TRY(build_until(readers, Duration{shared_.config.read_slice.us / 2}));
  if (next_key_ < keys_.size()) return !queue_full();
  if (shared_.config.canary != StoreCanary::early_emptying)
    shared_.queue.push({{}, tail_->table()});
  emptying_ = true;
  return true;
}

Result<void> Packer::build_until(Readers& readers, Duration slice) {
  const TraceSpan span("pack a tail");
  Reading reading = TRY(Reading::start(readers));
  const std::int64_t end = reading.reader().monotonic_us() + slice.us;
  if (!TRY(copy_.load_some(reading.reader(), end))) return {};
  while (next_key_ < keys_.size() && !queue_full() && reading.reader().monotonic_us() < end) {
    TRY(pack_some(reading.reader(), ExecutionKey{keys_[next_key_]}));
  }
  return {};
}

Result<void> Packer::pack_some(Reader& reader, ExecutionKey key) {
  if (!head_) {
    head_ = TRY(packed_head(reader, key));
    first_ = head_->position;
  }
  std::vector<TailRef> refs;
  tail_->collect(key.value, head_->position, refs_at_once, refs);
  for (const TailRef& ref : refs) TRY(add_entry(reader, key, ref));
  if (refs.size() == refs_at_once) return {};
  flush(key);
  head_.reset();
  ++next_key_;
  return {};
}

Result<void> Packer::add_entry(Reader& reader, ExecutionKey key, const TailRef& ref) {
  Statement& select = reader.tail(ref.table);
  const Resetting resetting(select);
  const Result<std::optional<BytesView>> row =
      copy_.whole() ? copy_.row(key, ref) : tail_row(select, key, ref);
  const bool readable = row && row->has_value();
  const Result<Entry> entry = readable ? reader.codec.decode_entry(**row, ref.position, reader)
                                       : Result<Entry>(fail(Code::data_loss, "missing"));
  if (!row && row.error().code != Code::data_loss) return std::unexpected(row.error());
  if (!entry && entry.error().code != Code::data_loss) return std::unexpected(entry.error());
  if (!entry) {
    add_damaged(key, ref);
    return {};
  }
  builder_.add(**row);
  head_ = after(*entry, *head_);
  if (builder_.bytes() >= shared_.config.segment_bytes_max ||
      builder_.entries() >= shared_.config.segment_entries_max)
    flush(key);
  return {};
}

/// A segment that cannot be opened keeps the place of an entry that could not be read, so that its
/// execution stays quarantined and nothing else does.
void Packer::add_damaged(ExecutionKey key, const TailRef& ref) {
  flush(key);
  head_->position = ref.position + 1;
  Segment segment{segment_id(key.value, ref.position), 1, *head_, Compression::none, 0, "damaged"};
  shared_.queue.push({std::move(segment), 0});
  first_ = head_->position;
}

void Packer::flush(ExecutionKey key) {
  if (builder_.empty()) return;
  shared_.queue.push({builder_.finish(key.value, first_, *head_), 0});
  first_ = head_->position;
}

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/queries.h"

#include <algorithm>

#include "store/sqlite/execution_rows.h"

namespace stele::sqlite {
namespace {

constexpr std::int64_t list_rows_at_once = 512;

Result<std::optional<ExecutionRow>> row_by_key(Reader& reader, ExecutionKey key) {
  Statement& select =
      *TRY(reader.statement(STELE_EXECUTION_COLUMNS "from execution where key = ?1"));
  const Resetting resetting(select);
  select.bind(1, key.value);
  Result<bool> found = select.step();
  if (!found && found.error().subject.empty()) found.error().subject = std::to_string(key.value);
  if (!TRY(std::move(found))) return std::nullopt;
  return TRY(read_row(select, reader.codec, reader));
}

Result<std::optional<ExecutionRow>> row_by_root(Reader& reader, const Ulid& root) {
  Statement& select = *TRY(
      reader.statement(STELE_EXECUTION_COLUMNS "from execution where ulid = ?1 and parent = 0"));
  const Resetting resetting(select);
  const Bytes ulid = ulid_bytes(root);
  select.bind_bytes(1, ulid);
  Result<bool> found = select.step();
  if (!found && found.error().subject.empty())
    found.error().subject = to_text(ExecutionId{root, {}});
  if (!TRY(std::move(found))) return std::nullopt;
  return TRY(read_row(select, reader.codec, reader));
}

DelayRow delay_of(const Statement& row) {
  DelayRow delay;
  delay.owner = ExecutionKey{row.integer(0)};
  delay.join_set = JoinSetOrdinal{static_cast<std::uint32_t>(row.integer(1))};
  delay.index = static_cast<std::uint32_t>(row.integer(2));
  delay.expires = Instant{row.integer(3)};
  delay.paused = row.integer(4) != 0;
  return delay;
}

/// Cuts after `limit`, but never between equal instants: the next page begins at a later one.
void cut(DuePage& page, std::uint32_t limit) {
  if (page.due.size() <= limit) return;
  std::size_t end = std::max<std::uint32_t>(limit, 1);
  while (end < page.due.size() && page.due[end].at == page.due[end - 1].at) ++end;
  page.more = page.more || end < page.due.size();
  page.due.resize(end);
}

/// Appends a source's rows in order of time until `limit` rows and all of the last one's instant
/// are in.
template <typename Make>
Result<bool> take_due(Statement& select, std::uint32_t limit, std::vector<Due>& out, Make make) {
  const std::size_t start = out.size();
  while (TRY(select.step())) {
    Due next = make(select);
    if (out.size() - start >= limit && out.size() > start && out.back().at != next.at) return true;
    out.push_back(next);
  }
  return false;
}

}  // namespace

Result<Loaded> load(Reading& reading, std::span<const ExecutionKey> keys,
                    std::span<const Ulid> roots) {
  Loaded loaded;
  loaded.as_of = reading.floor().as_of;
  for (const ExecutionKey key : keys) {
    std::optional<ExecutionRow> row = TRY(row_by_key(reading.reader(), key));
    if (row) loaded.rows.push_back(std::move(*row));
  }
  for (const Ulid& root : roots) {
    std::optional<ExecutionRow> row = TRY(row_by_root(reading.reader(), root));
    if (row) loaded.rows.push_back(std::move(*row));
  }
  return loaded;
}

Result<DuePage> due(Reading& reading, Instant from, Instant before, std::uint32_t limit) {
  DuePage page;
  page.as_of = reading.floor().as_of;
  Statement& delays =
      *TRY(reading.reader().statement("select owner, join_set, number, expires, paused from delay "
                                      "where paused = 0 and expires >= ?1 "
                                      "and expires < ?2 order by expires"));
  const Resetting resetting_delays(delays);
  delays.bind(1, from.us).bind(2, before.us);
  const bool more_delays = TRY(take_due(delays, limit, page.due, [](const Statement& row) {
    const DelayRow delay = delay_of(row);
    return Due{delay.expires, delay.owner, delay};
  }));
  const Instant delays_end = page.due.empty() ? instant_max : page.due.back().at;
  Statement& waiting =
      *TRY(reading.reader().statement("select key, wake from execution where stage = 3 and wake >= "
                                      "?1 and wake < ?2 order by wake"));
  const Resetting resetting_waiting(waiting);
  waiting.bind(1, from.us).bind(2, before.us);
  const std::size_t waiting_start = page.due.size();
  const bool more_waiting = TRY(take_due(waiting, limit, page.due, [](const Statement& row) {
    return Due{Instant{row.integer(1)}, ExecutionKey{row.integer(0)}, std::nullopt};
  }));
  const Instant waiting_end = page.due.size() > waiting_start ? page.due.back().at : instant_max;
  // What lies after the end of a source that was cut off may have others before it.
  Instant complete = instant_max;
  if (more_delays) complete = std::min(complete, delays_end);
  if (more_waiting) complete = std::min(complete, waiting_end);
  std::erase_if(page.due, [&](const Due& entry) { return entry.at > complete; });
  page.more = more_delays || more_waiting;
  std::ranges::stable_sort(page.due, {},
                           [](const Due& entry) { return std::pair(entry.at, entry.execution); });
  cut(page, limit);
  return page;
}

Result<std::vector<DelayRow>> delays_of(Reading& reading, ExecutionKey owner) {
  Statement& select = *TRY(reading.reader().statement(
      "select owner, join_set, number, expires, paused from delay where owner = ?1 "
      "order by join_set, number"));
  const Resetting resetting(select);
  select.bind(1, owner.value);
  std::vector<DelayRow> rows;
  while (TRY(select.step())) rows.push_back(delay_of(select));
  return rows;
}

namespace {

/// The next ready (root, key) after the cursor, or none.
Result<std::optional<ReadyCursor>> next_ready(Reader& reader, Pool pool, const ReadyCursor& after) {
  Statement& same_root = *TRY(reader.statement(
      "select root, key from execution where stage = 1 and pool = ?1 and root = ?2 and key > ?3 "
      "order by key limit 1"));
  const Resetting resetting_same(same_root);
  same_root.bind(1, static_cast<std::int64_t>(pool))
      .bind(2, after.root.value)
      .bind(3, after.key.value);
  if (TRY(same_root.step())) {
    return ReadyCursor{ExecutionKey{same_root.integer(0)}, ExecutionKey{same_root.integer(1)}};
  }
  Statement& next_root = *TRY(reader.statement(
      "select root, key from execution where stage = 1 and pool = ?1 and root > ?2 "
      "order by root, key limit 1"));
  const Resetting resetting_next(next_root);
  next_root.bind(1, static_cast<std::int64_t>(pool)).bind(2, after.root.value);
  if (!TRY(next_root.step())) return std::nullopt;
  return ReadyCursor{ExecutionKey{next_root.integer(0)}, ExecutionKey{next_root.integer(1)}};
}

}  // namespace

Result<ReadyPage> ready(Reading& reading, const ReadyRequest& request,
                        const OnDamaged& on_damaged) {
  ReadyPage page;
  page.as_of = reading.floor().as_of;
  page.next = request.after;
  std::uint32_t of_root = 0;
  ExecutionKey root;
  while (page.rows.size() < request.limit) {
    const std::optional<ReadyCursor> found =
        TRY(next_ready(reading.reader(), request.pool, page.next));
    if (!found) {
      page.wrapped = true;
      page.next = {};
      break;
    }
    of_root = found->root == root ? of_root + 1 : 1;
    root = found->root;
    page.next = *found;
    if (of_root >= request.per_root) page.next.key = ExecutionKey{INT64_MAX};
    Result<std::optional<ExecutionRow>> row = row_by_key(reading.reader(), found->key);
    if (!row && row.error().code != Code::data_loss) return std::unexpected(std::move(row.error()));
    if (!row) on_damaged(row.error());
    if (row && *row) page.rows.push_back(std::move(**row));
  }
  return page;
}

namespace {

/// Numbers of the functions whose names begin so, in order.
Result<std::vector<std::uint32_t>> functions_with(Reader& reader, std::string_view prefix) {
  Statement& select = *TRY(reader.statement("select id, ffqn from function order by id"));
  const Resetting resetting(select);
  std::vector<std::uint32_t> ids;
  while (TRY(select.step())) {
    if (select.bytes(1).starts_with(prefix))
      ids.push_back(static_cast<std::uint32_t>(select.integer(0)));
  }
  return ids;
}

constexpr const char* list_all =
    "select key from execution where key < ?1 order by key desc limit ?2";
constexpr const char* list_top =
    "select key from execution where parent = 0 and key < ?1 order by key desc limit ?2";
constexpr const char* list_held =
    "select key from execution where stage = 5 and key < ?1 order by key desc limit ?2";

const char* scan_of(const ListFilter& filter) {
  if (filter.open_values) return list_held;
  return filter.derived ? list_all : list_top;
}

struct Listing {
  const ListFilter& filter;
  std::vector<std::uint32_t> functions;
  std::int64_t end_us;  ///< of this slice, monotonic
  std::vector<ExecutionRow>& rows;
  const OnDamaged& on_damaged;

  bool shows(const ExecutionRow& row) const {
    if (filter.hide_finished && row.stage == Stage::finished) return false;
    if (!filter.id_prefix.empty() && !to_text(row.id).starts_with(filter.id_prefix)) return false;
    return filter.ffqn_prefix.empty() || std::ranges::binary_search(functions, row.function.value);
  }
  bool full() const { return rows.size() >= filter.limit; }
  bool over(const Reader& reader) const { return reader.monotonic_us() >= end_us; }

  Result<void> look_at(Reader& reader, ExecutionKey key) {
    Result<std::optional<ExecutionRow>> row = row_by_key(reader, key);
    if (!row && row.error().code != Code::data_loss) return std::unexpected(std::move(row.error()));
    if (!row) on_damaged(row.error());
    if (row && *row && shows(**row)) rows.push_back(std::move(**row));
    return {};
  }
};

/// The first and the last of the ids that begin so, without `E_`; empty if there can be none.
std::optional<std::pair<Ulid, Ulid>> ids_with(std::string_view digits) {
  constexpr std::string_view lowest = "00000000000000000000000000";
  constexpr std::string_view highest = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";
  if (digits.size() > lowest.size()) return std::nullopt;
  const auto first = parse_ulid(std::string(digits).append(lowest.substr(digits.size())));
  const auto last = parse_ulid(std::string(digits).append(highest.substr(digits.size())));
  if (!first || !last) return std::nullopt;
  return std::pair(*first, *last);
}

using Keys = std::vector<ExecutionKey>;

/// Keys of the executions whose ids begin so, newest first, from the index of ids; empty if there
/// are so many that a look at the newest finds some sooner.
Result<std::optional<Keys>> keys_by_id(Reader& reader, const ListFilter& filter) {
  constexpr std::int64_t keys_max = 4'096;
  const bool usable = filter.id_prefix.starts_with("E_") && !filter.derived && !filter.open_values;
  if (!usable) return std::optional<Keys>();
  Keys keys;
  const auto range = ids_with(std::string_view(filter.id_prefix).substr(2));
  if (!range) return std::optional(keys);
  Statement& select =
      *TRY(reader.statement("select key from execution indexed by execution_ulid where parent = 0 "
                            "and ulid between ?1 and ?2 "
                            "limit ?3"));
  const Resetting resetting(select);
  const Bytes first = ulid_bytes(range->first);
  const Bytes last = ulid_bytes(range->second);
  select.bind_bytes(1, first).bind_bytes(2, last).bind(3, keys_max + 1);
  while (TRY(select.step())) keys.push_back(ExecutionKey{select.integer(0)});
  if (keys.size() > static_cast<std::size_t>(keys_max)) return std::optional<Keys>();
  if (filter.before) std::erase_if(keys, [&](ExecutionKey key) { return key >= filter.before; });
  std::ranges::sort(keys, std::ranges::greater());
  return std::optional(std::move(keys));
}

}  // namespace

Result<std::optional<ExecutionKey>> list_some(Reading& reading, const ListFilter& filter,
                                              Duration slice, std::vector<ExecutionRow>& rows,
                                              const OnDamaged& on_damaged) {
  Reader& reader = reading.reader();
  std::vector<std::uint32_t> functions = TRY(functions_with(reader, filter.ffqn_prefix));
  Listing listing{filter, std::move(functions), reader.monotonic_us() + slice.us, rows, on_damaged};
  if (const std::optional<Keys> keys = TRY(keys_by_id(reader, filter))) {
    for (const ExecutionKey key : *keys) {
      if (listing.full()) break;
      TRY(listing.look_at(reader, key));
      if (listing.over(reader)) return key;
    }
    return std::nullopt;
  }
  ExecutionKey before = filter.before ? filter.before : ExecutionKey{INT64_MAX};
  Statement& select = *TRY(reader.statement(scan_of(filter)));
  while (!listing.over(reader)) {
    Keys keys;
    {
      const Resetting resetting(select);
      select.bind(1, before.value).bind(2, list_rows_at_once);
      while (TRY(select.step())) keys.push_back(ExecutionKey{select.integer(0)});
    }
    for (const ExecutionKey key : keys) {
      if (listing.full()) return std::nullopt;
      before = key;
      TRY(listing.look_at(reader, key));
    }
    if (keys.size() < static_cast<std::size_t>(list_rows_at_once)) return std::nullopt;
  }
  return before;
}

}  // namespace stele::sqlite

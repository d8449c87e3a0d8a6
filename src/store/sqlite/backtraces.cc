// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/backtraces.h"

#include <map>

#include <fmt/format.h>
#include <zstd.h>

#include "store/backtrace_errors.h"
#include "store/sqlite/seal.h"

namespace stele::sqlite {
namespace {

constexpr std::size_t compressed_from_bytes = 256;
constexpr std::int64_t frames_bytes_max = std::int64_t{1} << 26;
constexpr int zstd_level = 1;

enum class Method : std::uint8_t { none = 0, zstd = 1 };

struct Packed {
  Method method = Method::none;
  Bytes body;  ///< sealed
};

Packed pack(const std::string& frames) {
  Packed packed{Method::none, frames};
  if (frames.size() >= compressed_from_bytes) {
    Bytes smaller(ZSTD_compressBound(frames.size()), '\0');
    const std::size_t size =
        ZSTD_compress(smaller.data(), smaller.size(), frames.data(), frames.size(), zstd_level);
    if (ZSTD_isError(size) == 0 && size < frames.size()) {
      smaller.resize(size);
      packed = {Method::zstd, std::move(smaller)};
    }
  }
  seal(packed.body);
  return packed;
}

Result<std::string> unpack(Method method, std::int64_t size, BytesView body) {
  const BytesView stored = TRY(unseal(body));
  if (method == Method::none) return std::string(stored);
  const bool sound = method == Method::zstd && size >= 0 && size <= frames_bytes_max;
  if (!sound) return fail(Code::data_loss, "a backtrace is damaged");
  std::string frames(static_cast<std::size_t>(size), '\0');
  const std::size_t got =
      ZSTD_decompress(frames.data(), frames.size(), stored.data(), stored.size());
  if (ZSTD_isError(got) != 0 || got != frames.size()) {
    return fail(Code::data_loss, "a backtrace is damaged");
  }
  return frames;
}

Result<std::int64_t> put_frames(Statement& insert, ExecutionKey key, const std::string& frames) {
  if (frames.size() > static_cast<std::size_t>(frames_bytes_max)) {
    return fail(Code::resource_exhausted, fmt::format("a backtrace has {} bytes; {} are the most",
                                                      frames.size(), frames_bytes_max));
  }
  const Packed packed = pack(frames);
  const Resetting resetting(insert);
  insert.bind(1, key.value)
      .bind(2, static_cast<std::int64_t>(packed.method))
      .bind(3, static_cast<std::int64_t>(frames.size()))
      .bind_bytes(4, packed.body);
  if (!TRY(insert.step())) return fail(Code::internal, "a backtrace was not stored");
  return insert.integer(0);
}

constexpr std::string_view columns =
    "select b.version_min, b.version_max, f.method, f.size, f.body from backtrace b "
    "join frames f on f.id = b.frames where b.execution = ?1 ";

std::string query(BacktraceAt::Place place) {
  std::string sql(columns);
  if (place == BacktraceAt::Place::version)
    sql += "and b.version_min <= ?2 and b.version_max > ?2 ";
  sql += "order by b.version_min ";
  if (place != BacktraceAt::Place::first) sql += "desc ";
  return sql + "limit 1";
}

}  // namespace

Result<void> put_backtraces(Connection& connection, ExecutionKey key,
                            std::span<const BacktraceRow> rows) {
  for (const char* sql :
       {"delete from backtrace where execution = ?1", "delete from frames where execution = ?1"}) {
    Statement remove = TRY(connection.prepare(sql));
    remove.bind(1, key.value);
    TRY(remove.run());
  }
  Statement insert_frames = TRY(connection.prepare(
      "insert into frames(execution, method, size, body) values(?1,?2,?3,?4) returning id"));
  Statement insert = TRY(
      connection.prepare("insert or replace into backtrace(execution, version_min, version_max, "
                         "frames) values(?1,?2,?3,?4)"));
  std::map<std::string_view, std::int64_t> stored;
  for (const BacktraceRow& row : rows) {
    const auto [at, fresh] = stored.try_emplace(row.frames, 0);
    if (fresh) at->second = TRY(put_frames(insert_frames, key, row.frames));
    insert.bind(1, key.value).bind(2, row.version_min).bind(3, row.version_max).bind(4, at->second);
    TRY(insert.run());
  }
  return {};
}

Result<BacktraceRow> get_backtrace(Connection& connection, ExecutionKey key, BacktraceAt at) {
  Statement select = TRY(connection.prepare(query(at.place)));
  select.bind(1, key.value);
  if (at.place == BacktraceAt::Place::version) select.bind(2, at.version);
  if (!TRY(select.step())) return no_backtrace(key, at);
  BacktraceRow row;
  row.version_min = static_cast<std::uint32_t>(select.integer(0));
  row.version_max = static_cast<std::uint32_t>(select.integer(1));
  row.frames =
      TRY(unpack(static_cast<Method>(select.integer(2)), select.integer(3), select.bytes(4)));
  return row;
}

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/tail_copy.h"

#include <fmt/format.h>

#include "store/sqlite/history.h"
#include "store/sqlite/seal.h"

namespace stele::sqlite {
namespace {

constexpr std::size_t copied_bytes_max = std::size_t{16} << 20U;
constexpr std::int64_t copied_rows_max = 1'000'000;
constexpr std::int64_t rows_at_once = 1024;

}  // namespace

void TailCopy::begin(int table, std::int64_t first_id) {
  *this = TailCopy();
  table_ = table;
  first_id_ = first_id;
}

Result<bool> TailCopy::load_some(Reader& reader, std::int64_t end) {
  if (state_ != State::loading) return true;
  Statement select = TRY(reader.connection.prepare(
      fmt::format("select id, execution, position, body from tail_{} where id >= ?1 order by id "
                  "limit ?2",
                  table_)));
  while (reader.monotonic_us() < end) {
    const auto known = static_cast<std::int64_t>(rows_.size());
    select.bind(1, first_id_ + known).bind(2, rows_at_once);
    std::int64_t rows = 0;
    Result<bool> found = select.step();
    for (; found && *found && add(select); ++rows) found = select.step();
    const bool damaged = !found && found.error().code == Code::data_loss;
    if (!found && !damaged) return std::unexpected(std::move(found.error()));
    if (damaged || *found) {
      begin(table_, first_id_);
      state_ = State::not_copied;
      return true;
    }
    select.reset();
    if (rows == rows_at_once) continue;
    state_ = State::whole;
    return true;
  }
  return false;
}

bool TailCopy::add(const Statement& select) {
  const std::int64_t place = select.integer(0) - first_id_;
  const BytesView body = select.bytes(3);
  if (place < 0 || place >= copied_rows_max) return false;
  if (bodies_.size() + body.size() > copied_bytes_max) return false;
  rows_.resize(static_cast<std::size_t>(place) + 1);
  rows_.back() = {select.integer(1), static_cast<std::uint32_t>(select.integer(2)),
                  static_cast<std::uint32_t>(body.size()), bodies_.size()};
  bodies_ += body;
  return true;
}

Result<std::optional<BytesView>> TailCopy::row(ExecutionKey key, const TailRef& ref) const {
  const auto place = static_cast<std::size_t>(ref.id - first_id_);
  if (place >= rows_.size() || rows_[place].key == 0) return std::nullopt;
  const Row& row = rows_[place];
  if (row.key != key.value || row.position != ref.position) return wrong_row(key, ref.position);
  return TRY(unseal(BytesView(bodies_).substr(row.start, row.length)));
}

}  // namespace stele::sqlite

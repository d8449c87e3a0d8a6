// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/execution_rows.h"

#include <fmt/format.h>

#include "store/sqlite/seal.h"

namespace stele::sqlite {
namespace {

constexpr std::size_t ulid_size = 16;

/// Differences wrap around, so that every pair of instants survives.
std::int64_t wrapping_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

template <typename Number>
Number number(const Statement& statement, int column) {
  return static_cast<Number>(statement.integer(column));
}

std::uint64_t big_endian(BytesView bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
  return value;
}

void bind_changing(Statement& statement, const ExecutionRow& row) {
  const bool known_failure = row.failure != FailureKind::uncategorized;
  const bool is_finished = row.stage == Stage::finished;
  statement.bind(1, row.key.value)
      .bind(2, row.deployment.value)
      .bind(3, static_cast<std::int64_t>(row.stage))
      .bind(4, static_cast<std::int64_t>(row.lifecycle))
      .bind(5, row.wake.us)
      .bind(6, row.blocked_on.value)
      .bind(7, row.attempts)
      .bind(8, row.interruptions)
      .bind(9, row.mark ? 1 : 0)
      .bind(10,
            is_finished ? wrapping_difference(row.finished.us, row.created.us) : row.finished.us)
      .bind(11, row.outcome_kind ? static_cast<std::int64_t>(*row.outcome_kind) : 0)
      .bind(12, known_failure ? static_cast<std::int64_t>(row.failure) : 0)
      .bind(13, row.response_position)
      .bind(14, row.finished_version)
      .bind(16, row.controls);
}

void bind_fixed(Statement& statement, const ExecutionRow& row, BytesView ulid, BytesView creation) {
  statement.bind(17, row.root.value)
      .bind(18, row.parent.value)
      .bind(19, row.parent_join_set.value)
      .bind_bytes(20, ulid)
      .bind_text(21, row.id.suffix)
      .bind(22, row.function.value)
      .bind(23, static_cast<std::int64_t>(row.pool))
      .bind(24, row.created.us)
      .bind(25, wrapping_difference(row.scheduled.us, row.created.us))
      .bind_bytes(26, creation);
}

template <typename Enum>
bool within(const Statement& statement, int column, Enum last) {
  const std::int64_t value = statement.integer(column);
  return value >= 0 && value <= static_cast<std::int64_t>(last);
}

Result<void> read_columns(const Statement& from, ExecutionRow& row) {
  const BytesView ulid = from.bytes(18);
  const bool sound = within(from, 2, Stage::finished) && within(from, 3, Lifecycle::cancelling) &&
                     within(from, 10, OutcomeKind::failure) && from.integer(2) != 0 &&
                     within(from, 11, FailureKind::uncategorized) && from.integer(3) != 0 &&
                     within(from, 21, Pool::activity) && ulid.size() == ulid_size &&
                     is_id_suffix(from.bytes(19));
  row.id.root = {big_endian(ulid.substr(0, ulid.size() / 2)),
                 big_endian(ulid.substr(ulid.size() / 2))};
  row.id.suffix = from.bytes(19);
  if (!sound) return fail(Code::data_loss, "a column has an impossible value");
  row.deployment = DeploymentId{number<std::uint32_t>(from, 1)};
  row.stage = number<Stage>(from, 2);
  row.lifecycle = number<Lifecycle>(from, 3);
  row.wake = Instant{from.integer(4)};
  row.blocked_on = JoinSetOrdinal{number<std::uint32_t>(from, 5)};
  row.attempts = number<std::uint32_t>(from, 6);
  row.interruptions = number<std::uint32_t>(from, 7);
  row.mark = from.integer(8) != 0;
  if (from.integer(10) != 0) row.outcome_kind = number<OutcomeKind>(from, 10);
  if (from.integer(11) != 0) row.failure = number<FailureKind>(from, 11);
  row.response_position = number<std::uint32_t>(from, 12);
  row.finished_version = number<std::uint32_t>(from, 13);
  row.controls = number<std::uint32_t>(from, 25);
  row.root = ExecutionKey{from.integer(15)};
  row.parent = ExecutionKey{from.integer(16)};
  row.parent_join_set = JoinSetOrdinal{number<std::uint32_t>(from, 17)};
  row.function = FunctionId{number<std::uint32_t>(from, 20)};
  row.pool = number<Pool>(from, 21);
  row.created = Instant{from.integer(22)};
  row.scheduled = Instant{wrapping_sum(from.integer(23), row.created.us)};
  const bool is_finished = row.stage == Stage::finished;
  row.finished =
      Instant{is_finished ? wrapping_sum(from.integer(9), row.created.us) : from.integer(9)};
  return {};
}

Result<void> read_payloads(const Statement& from, Codec& codec, BlobSource& source,
                           ExecutionRow& row) {
  TRY(codec.decode_creation(TRY(unseal(from.bytes(24))), source, row));
  const BytesView outcome = from.bytes(14);
  if (!outcome.empty()) row.outcome = TRY(codec.decode_outcome(TRY(unseal(outcome)), source));
  return {};
}

}  // namespace

Bytes ulid_bytes(const Ulid& ulid) {
  Bytes bytes(ulid_size, '\0');
  for (std::size_t place = 0; place < 8; ++place) {
    bytes[place] = static_cast<char>((ulid.high >> (56 - 8 * place)) & 0xFFU);
    bytes[place + 8] = static_cast<char>((ulid.low >> (56 - 8 * place)) & 0xFFU);
  }
  return bytes;
}

Result<void> write_row(RowStatements& statements, const RowWrite& write, Codec& codec,
                       BlobSink& sink) {
  const ExecutionRow& row = write.row;
  Statement& statement = write.is_new ? statements.insert : statements.update;
  const Resetting resetting(statement);
  bind_changing(statement, row);
  Bytes outcome;
  if (row.outcome) {
    TRY(codec.encode(*row.outcome, sink, outcome));
    seal(outcome);
    statement.bind_bytes(15, outcome);
  } else {
    statement.bind_null(15);
  }
  Bytes creation;
  Bytes ulid;
  if (write.is_new) {
    TRY(codec.encode_creation(row, sink, creation));
    seal(creation);
    ulid = ulid_bytes(row.id.root);
    bind_fixed(statement, row, ulid, creation);
  }
  TRY(statement.step());
  if (statement.changes() == 1) return {};
  return fail(Code::internal, fmt::format("no execution {} to update", row.key.value));
}

Result<ExecutionRow> read_row(const Statement& statement, Codec& codec, BlobSource& source) {
  ExecutionRow row;
  row.key = ExecutionKey{statement.integer(0)};
  Result<void> read = read_columns(statement, row);
  if (read) read = read_payloads(statement, codec, source, row);
  if (read) return row;
  Error error = std::move(read.error());
  error.subject = to_text(row.id);
  error.reason = fmt::format("execution {} cannot be read: {}", error.subject, error.reason);
  return std::unexpected(std::move(error));
}

}  // namespace stele::sqlite

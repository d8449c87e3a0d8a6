// SPDX-License-Identifier: Apache-2.0
// Owns: the reading of one execution's history across segments and tails.
// Life cycle: one call. Thread: as the Reading. Must hold: segments win by position; a row that had
//   committed before the snapshot and cannot be found is an error, never an early end.
#pragma once

#include "store/sqlite/readers.h"
#include "store/sqlite/segments.h"
#include "store/sqlite/tails.h"
#include "store/store.h"

namespace stele::sqlite {

constexpr std::size_t history_page_bytes = std::size_t{1} << 20U;

Result<HistoryPage> read_history(Reading& reading, const Tails& tails, ExecutionKey key,
                                 std::uint32_t position, std::uint32_t limit);
Result<HistoryHead> read_head(Reading& reading, const Tails& tails, ExecutionKey key);
/// The head after the execution's last segment.
Result<HistoryHead> packed_head(Reader& reader, ExecutionKey key);
/// The encoded entry, still valid until the tail's statement is used again; none if there is no
/// such row. Errors: data_loss (another execution or position, wrong checksum).
Result<std::optional<BytesView>> tail_row(Statement& select, ExecutionKey key, const TailRef& ref);

/// data_loss: the row where the index found the entry is another entry's.
std::unexpected<Error> wrong_row(ExecutionKey key, std::uint32_t position);

}  // namespace stele::sqlite

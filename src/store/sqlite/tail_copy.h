// SPDX-License-Identifier: Apache-2.0
// Owns: the rows of one frozen tail in memory, read in the order in which they lie on disk.
// Life cycle: while that tail is packed. Thread: upkeep's. Must hold: bounded; a tail that is
// larger
//   is not copied, its rows are then read one by one.
#pragma once

#include <vector>

#include "store/sqlite/readers.h"
#include "store/sqlite/tails.h"

namespace stele::sqlite {

class TailCopy {
 public:
  /// Forgets the former tail.
  void begin(int table, std::int64_t first_id);
  /// Copies until `end`. True when the copy is complete, or given up because the tail is too large
  /// or damaged.
  Result<bool> load_some(Reader& reader, std::int64_t end);
  bool whole() const { return state_ == State::whole; }
  /// As tail_row() of history.h, of a whole copy.
  Result<std::optional<BytesView>> row(ExecutionKey key, const TailRef& ref) const;

 private:
  enum class State : std::uint8_t { loading, whole, not_copied };
  struct Row {
    std::int64_t key = 0;
    std::uint32_t position = 0;
    std::uint32_t length = 0;
    std::size_t start = 0;
  };
  /// False if it does not fit.
  bool add(const Statement& select);

  State state_ = State::loading;
  int table_ = 0;
  std::int64_t first_id_ = 0;
  std::vector<Row> rows_;  ///< by id - first_id_
  Bytes bodies_;
};

}  // namespace stele::sqlite

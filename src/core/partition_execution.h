// SPDX-License-Identifier: Apache-2.0
// Owns: what a partition keeps in memory of one execution, one function and one pool.
// Life cycle: from the row's creation or load until its last change has committed and it is out of
//   motion. Thread: its partition's. Must hold: `row` is the current image, `written` the stored
//   one.
#pragma once

#include <map>
#include <optional>

#include "core/book.h"
#include "core/catalog.h"
#include "core/partition_table.h"
#include "journal/rows.h"

namespace stele::core {

/// The changing columns of a row as they were written last; blocked_on is left out on purpose: a
/// workflow that is blocked at two closings in a row is not written again.
struct Image {
  DeploymentId deployment{};
  Stage stage = Stage::ready;
  Lifecycle lifecycle = Lifecycle::active;
  Instant wake{};
  std::uint32_t attempts = 0;
  std::uint32_t interruptions = 0;
  std::uint32_t controls = 0;
  bool mark = false;
  std::optional<OutcomeKind> outcome_kind{};
  bool operator==(const Image&) const = default;
};
Image image_of(const ExecutionRow& row);

struct Execution {
  ExecutionRow row{};
  std::optional<Book> book{};  ///< workflows: once it is known
  HistoryHead head{};          ///< what is no workflow
  Image written{};
  BatchNumber changed{};       ///< the last batch that changed it
  BatchNumber begins_after{};  ///< its start waits for this batch
  RunNumber run{};
  Motion motion = Motion::idle;
  JoinSetOrdinal waits_for{};  ///< blocked, closing
  std::uint32_t pins = 0;      ///< loads that brought it and are not over
  bool is_new = false;         ///< not in the store before the open batch
  bool dirty = false;          ///< changed in the open batch
  bool counted = false;        ///< counts as loaded for its pool
  bool closer_queued = false;
  bool seeks = false;                           ///< its run waits for TargetFound
  std::optional<JoinSetOrdinal> closing_set{};  ///< whose members are being told
  std::uint32_t untold = 0;  ///< members before this place have not been told yet
};

inline bool is_workflow(const ExecutionRow& row) { return row.pool == Pool::workflow; }
/// Its code has ended and its join sets are being closed.
inline bool is_ending(const ExecutionRow& row) {
  return row.outcome_kind.has_value() && row.stage != Stage::finished;
}

struct KnownFunction {
  FunctionKind kind = FunctionKind::activity;
  bool cancellable = true;
};

/// Where what is ready comes from: it became so in memory, or the loader brings its row.
enum class From : std::uint8_t { memory, index };

struct ReadyPool {
  std::uint32_t loaded = 0;
  std::map<ExecutionKey, std::uint32_t> by_root{};
  bool overflow = true;  ///< the index may hold rows that are not in memory
  bool loading = false;  ///< asked for, not yet admitted
  bool pass_begun = false;
  bool pass_full = false;  ///< rows of this pass found no room
  BatchNumber pass_as_of{};
  BatchNumber left_at{};         ///< the last batch that left a row to the index
  std::uint32_t left = 0;        ///< places given up since the index was looked at
  std::uint32_t turn_after = 1;  ///< when so many were, the index has a turn in any case
};

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Owns: the state of all executions in motion of one partition, the open batch, and every rule of
//   retry, timeout, closing, cancel and recovery.
// Life cycle: made after a claim; on a failed commit it is thrown away whole and made anew from the
//   store. Thread: stepped by whichever thread holds it, one call at a time.
// Must hold: decide, then do: no clock, thread, file or random source in here; a step that lacks
// rows
//   says so before it changes anything; nothing is dropped from memory before the batch with its
//   last change has committed and while an older load is in flight; memory wins over a load.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/effects.h"
#include "core/input.h"

namespace stele::core {

/// A deliberate bug, by which the simulator tests its checkers. None in production. Which rule each
/// one breaks, and which seed finds it, is in sim/canaries.md.
enum class Canary : std::uint8_t {
  none,
  early_release,      ///< nothing that leaves waits for its commit
  lost_timer,         ///< one in three is not set
  lost_response,      ///< one in three does not reach its run
  early_answer,       ///< answers do not wait for the commit
  early_start,        ///< attempts do not wait for the commit
  deaf_interrupt,     ///< an unreleased start is not taken back
  any_attempt,        ///< reports count for whichever attempt is under way
  any_incarnation,    ///< reports of a former life count
  swallowed_failure,  ///< a failed commit counts as done
  late_promises,      ///< what waited for a failed batch is released
  early_drop,         ///< rows leave memory before they are committed
  old_load,           ///< a row that is loaded wins over the one in memory
  lost_wake,          ///< a run that blocks on what is there waits for more
  ready_unstored,     ///< what becomes ready is not written
  early_delivery,     ///< a response goes to a run that has not begun
  unmarked,           ///< careful mode starts without marks
  early_end,          ///< a workflow ends before its sets are closed
  spared_member,      ///< one in three delays of a closing set goes without an answer
  kept_delay,         ///< rows of delays stay
  early_timer,        ///< timers fire a second early
  window_gap,         ///< the next timer window is read before its batches committed
  paused_starts,      ///< paused executions are started
  second_birth,       ///< a known id is accepted again
  blind_upgrade,      ///< a component that does not fit is taken
  count,
};

struct PartitionOptions {
  Incarnation incarnation{1};
  BatchNumber last_batch{};  ///< the last one of the store; batches go on from there
  ExecutionKey next_key{1};
  Instant now{};
  bool careful = false;  ///< the last owner did not stop cleanly
  Duration careful_for = seconds(60);
  std::uint32_t ready_loaded_max = 4096;  ///< ready executions in memory, each pool
  std::uint32_t interruptions_max = 32;
  std::uint32_t interruptions_alone = 3;  ///< from so many on they run one at a time
  std::uint32_t closing_slice = 256;      ///< members a step
  Duration mark_after = seconds(1);
  Instant timer_window_end{};  ///< timers before this are kept in memory (SetTimer)
  std::uint32_t history_events_max = 4'000'000;
  std::uint32_t open_sets_max = 10'000;
  std::uint32_t set_members_max = 1'000'000;
  std::uint64_t seed = 1;  ///< for retry jitter
  bool reloaded = false;   ///< made anew in a process that lives: marks are no interruptions
  Canary canary = Canary::none;
};

/// Figures for metrics and tests.
struct PartitionCounters {
  std::uint64_t steps = 0;
  std::uint64_t executions_in_memory = 0;
  std::uint64_t ready_overflows = 0;  ///< ready rows that were left to the index
  std::uint64_t attempts_started = 0;
  std::uint64_t runs_started = 0;
  std::uint64_t refused_reports = 0;  ///< late or repeated inputs
};

class PartitionState;

class Partition {
 public:
  Partition(PartitionOptions options, CatalogPtr catalog);
  ~Partition();
  Partition(Partition&&) noexcept;
  Partition& operator=(Partition&&) noexcept;

  /// Effects, or what must be loaded first (then call again with the same input).
  std::expected<Effects, Missing> step(Instant now, const Input& input);

  /// Loads. `begin` before the snapshot is opened, `end` when the result was given. A key or root
  /// that was asked for and is not among `rows` is absent. Rows already in memory are ignored.
  using LoadToken = std::uint64_t;
  LoadToken begin_load();
  void load(std::span<const ExecutionRow> rows, std::span<const ExecutionKey> asked_keys,
            std::span<const Ulid> asked_roots, BatchNumber as_of);
  /// `book` is the fold of a history snapshot; the row must be in memory. Entries accepted since
  /// are applied on top.
  void load_book(ExecutionKey key, Book book);
  void end_load(LoadToken token);

  /// The timer window was moved to `end`: timers before it come as SetTimer from now on. Answers
  /// the number of the batch that must have committed before the store is read for the new window.
  BatchNumber move_timer_window(Instant end);

  /// For how many more ready rows of the index there is room.
  std::uint32_t ready_room(Pool pool) const;
  /// What the open batch would write now.
  std::size_t open_rows() const;
  std::size_t open_bytes() const;
  BatchNumber open_batch() const;
  /// Closes the open batch with the final image of each changed row and opens the next one. A
  /// workflow that then still runs is stored ready. With `clean_stop` the batch carries the clean
  /// mark. `spent` is one that was committed: its vectors, emptied, are used again.
  WriteBatch close_batch(Instant now, bool clean_stop = false, WriteBatch spent = {});
  /// Batch `number` is durable; rows that are not in motion any more may be dropped.
  void committed(BatchNumber number);

  PartitionCounters counters() const;
  const CatalogPtr& catalog() const;
  /// For reads of executions in motion by key; null if not in memory. Never shown to users.
  const ExecutionRow* peek(ExecutionKey key) const;
  /// How often each row of the motion table was taken, in its order; for the test of its coverage.
  std::span<const std::uint64_t> table_hits() const;

 private:
  std::unique_ptr<PartitionState> state_;
};

/// The motion table as a mermaid state diagram, and its rows as `from turn` for messages.
std::string partition_diagram();
std::vector<std::string> partition_table_rows();

}  // namespace stele::core

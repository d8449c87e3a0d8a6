// SPDX-License-Identifier: Apache-2.0
// Owns: what an execution in motion may go through: its states of motion, the turns it can take,
// and
//   the table of both.
// Life cycle: constants. Thread: any. Must hold: a turn that has no row in the table is refused
//   without harm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/input.h"

namespace stele::core {

enum class Motion : std::uint8_t {
  idle,      ///< nothing of it runs in this process
  attempt,   ///< an attempt of the activity was started
  teardown,  ///< the attempt was told to end, because of a cancel
  running,   ///< a run of the workflow was started or resumed
  blocked,   ///< its guest is parked until the next response of a set
  closing,   ///< its guest is parked until a set is closed
};
constexpr std::size_t motions = 6;

enum class Turn : std::uint8_t {
  start_attempt,
  returned,
  trapped,
  timed_out,
  unusable,
  interrupted,
  not_started,
  cancel_activity,
  start_run,
  goes_on,
  blocks,
  closes,
  ends,
  stops,
  dropped,
  satisfied,
  cancel_workflow,
  halts,     ///< its guest is taken away: pause, upgrade, advance
  found,     ///< the target of its value was looked for
  checked,   ///< it has compared its history with a newer component
  advances,  ///< it is given what a dry run has captured
};
constexpr std::size_t turns = 21;

struct Execution;
class PartitionState;

/// What a turn came with; at most one of the pointers is set.
struct TurnInput {
  const AttemptEnded* attempt = nullptr;
  const Advanced* advanced = nullptr;
  const RunStopped* stopped = nullptr;
  const TargetFound* found = nullptr;
  const UpgradeChecked* checked = nullptr;
  const Advance* advance = nullptr;
};

struct MotionRow {
  Motion from;
  Turn turn;
  Motion next;
  void (PartitionState::*handler)(Execution&, const TurnInput&);
  std::string_view action;
};

std::span<const MotionRow> motion_table();
/// The row's number in the table, or its size.
std::size_t motion_row(Motion from, Turn turn);
std::string_view motion_name(Motion motion);
std::string_view turn_name(Turn turn);

}  // namespace stele::core

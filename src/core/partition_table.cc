// SPDX-License-Identifier: Apache-2.0
#include "core/partition_table.h"

#include <array>
#include <string>

#include "core/partition_state.h"

namespace stele::core {
namespace {

using S = PartitionState;
using M = Motion;
using T = Turn;

constexpr auto table = std::to_array<MotionRow>({
    {M::idle, T::start_attempt, M::attempt, &S::send_attempt, "start the attempt after the commit"},
    {M::attempt, T::returned, M::idle, &S::settle_returned, "finish, or retry an error"},
    {M::attempt, T::trapped, M::idle, &S::settle_trapped, "retry or fail"},
    {M::attempt, T::timed_out, M::idle, &S::settle_timed_out, "retry or fail"},
    {M::attempt, T::unusable, M::idle, &S::settle_unusable, "fail"},
    {M::attempt, T::interrupted, M::idle, &S::settle_not_started, "start again later"},
    {M::attempt, T::not_started, M::idle, &S::settle_not_started, "start again later"},
    {M::attempt, T::cancel_activity, M::teardown, &S::tear_down, "interrupt"},
    {M::teardown, T::returned, M::idle, &S::settle_cancelled, "finish cancelled"},
    {M::teardown, T::trapped, M::idle, &S::settle_cancelled, "finish cancelled"},
    {M::teardown, T::timed_out, M::idle, &S::settle_cancelled, "finish cancelled"},
    {M::teardown, T::unusable, M::idle, &S::settle_cancelled, "finish cancelled"},
    {M::teardown, T::interrupted, M::idle, &S::settle_cancelled, "finish cancelled"},
    {M::teardown, T::not_started, M::idle, &S::settle_cancelled, "finish cancelled"},
    {M::idle, T::cancel_activity, M::idle, &S::settle_cancelled, "finish cancelled"},
    {M::idle, T::start_run, M::running, &S::send_run, "start the run"},
    {M::running, T::goes_on, M::running, &S::take_requests, "take requests"},
    {M::running, T::blocks, M::blocked, &S::take_block, "take requests"},
    {M::running, T::closes, M::closing, &S::take_close, "take requests, close the set"},
    {M::running, T::ends, M::idle, &S::take_end, "finish, or close the open sets"},
    {M::running, T::stops, M::idle, &S::back_off_run, "back off"},
    {M::running, T::dropped, M::idle, &S::start_again, "start again"},
    {M::running, T::cancel_workflow, M::idle, &S::interrupt_cancelled, "interrupt, close the sets"},
    {M::blocked, T::satisfied, M::running, &S::resume_run, "resume"},
    {M::blocked, T::stops, M::idle, &S::keep_parked, "wait without a guest"},
    {M::blocked, T::dropped, M::idle, &S::keep_parked, "wait without a guest"},
    {M::blocked, T::cancel_workflow, M::idle, &S::interrupt_cancelled, "interrupt, close the sets"},
    {M::closing, T::satisfied, M::running, &S::resume_run, "resume"},
    {M::closing, T::stops, M::idle, &S::keep_parked, "wait without a guest"},
    {M::closing, T::dropped, M::idle, &S::keep_parked, "wait without a guest"},
    {M::closing, T::cancel_workflow, M::idle, &S::interrupt_cancelled, "interrupt, close the sets"},
    {M::idle, T::cancel_workflow, M::idle, &S::end_cancelled, "close the sets"},
    {M::running, T::halts, M::idle, &S::halt_run, "interrupt"},
    {M::blocked, T::halts, M::idle, &S::halt_run, "interrupt"},
    {M::closing, T::halts, M::idle, &S::halt_run, "interrupt"},
    {M::idle, T::halts, M::idle, &S::hold_back, "nothing to interrupt"},
    {M::running, T::found, M::running, &S::take_found, "note the value, resume"},
    {M::running, T::checked, M::running, &S::take_checked, "note the upgrade"},
    {M::idle, T::advances, M::idle, &S::take_advance, "take requests, start again"},
});

using Index = std::array<std::array<std::size_t, turns>, motions>;

consteval Index make_index() {
  Index index{};
  for (auto& of_motion : index) of_motion.fill(table.size());
  for (std::size_t row = 0; row < table.size(); ++row)
    index[static_cast<std::size_t>(table[row].from)][static_cast<std::size_t>(table[row].turn)] =
        row;
  return index;
}

constexpr Index index_of_rows = make_index();

constexpr std::array<std::string_view, motions> motion_names = {"idle",    "attempt", "teardown",
                                                                "running", "blocked", "closing"};
constexpr std::array<std::string_view, turns> turn_names = {
    "start_attempt", "returned",        "trapped",   "timed_out", "unusable",        "interrupted",
    "not_started",   "cancel_activity", "start_run", "goes_on",   "blocks",          "closes",
    "ends",          "stops",           "dropped",   "satisfied", "cancel_workflow", "halts",
    "found",         "checked",         "advances"};

}  // namespace

std::span<const MotionRow> motion_table() { return table; }

std::size_t motion_row(Motion from, Turn turn) {
  return index_of_rows[static_cast<std::size_t>(from)][static_cast<std::size_t>(turn)];
}

std::string_view motion_name(Motion motion) {
  return motion_names[static_cast<std::size_t>(motion)];
}
std::string_view turn_name(Turn turn) { return turn_names[static_cast<std::size_t>(turn)]; }

std::string partition_diagram() {
  std::string text = "stateDiagram-v2\n  [*] --> idle\n";
  for (const MotionRow& row : table) {
    text += "  ";
    text += motion_name(row.from);
    text += " --> ";
    text += motion_name(row.next);
    text += " : ";
    text += turn_name(row.turn);
    text += ": ";
    text += row.action;
    text += '\n';
  }
  return text;
}

std::vector<std::string> partition_table_rows() {
  std::vector<std::string> rows;
  for (const MotionRow& row : table)
    rows.push_back(std::string(motion_name(row.from)) + ' ' + std::string(turn_name(row.turn)));
  return rows;
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// Owns: what it means that a call equals a stored request (contract 5.1), and how a difference
// reads. Life cycle: functions only. Thread: any. Must hold: what is not compared (expiries, drawn
// values, keys of children, outcomes of try) is taken
//   from the stored request.
#pragma once

#include <functional>
#include <string>

#include "journal/entry.h"

namespace stele::core {

/// True if they are equal; then `wanted` has the stored request's values.
bool match(const EntryBody& stored, EntryBody& wanted);

/// How numbers are shown to people.
struct Names {
  std::function<std::string(FunctionId)> function;
  std::function<std::string(JoinSetOrdinal)> join_set;
};

/// The stored request and the call side by side, as `key: value` lines; `!` marks those that
/// differ.
std::string difference(const Entry& stored, const EntryBody& wanted, const Names& names);
/// The params of a stored call and of the one in hand, side by side; empty where they have none, or
/// their hashes are the same.
std::string difference_of_params(const EntryBody& stored, const EntryBody& wanted,
                                 const std::function<std::string(ExecutionKey)>& stored_params,
                                 const std::function<std::string()>& params_now);
/// The execution that a stored request has made; 0: none.
ExecutionKey made_by(const EntryBody& stored);
/// The code has ended while `stored` was still to come.
std::string difference_at_end(const Entry& stored, const Names& names);
/// The code goes on although it had ended.
std::string difference_after_end(const Outcome& stored, const EntryBody& wanted,
                                 const Names& names);
/// The code has ended otherwise than it once did.
std::string difference_of_ends(const Outcome& stored, const Outcome& now);

}  // namespace stele::core

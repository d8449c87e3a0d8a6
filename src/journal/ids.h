// SPDX-License-Identifier: Apache-2.0
// Owns: the identifiers of the journal and their text forms (contract section 3).
// Life cycle: plain values. Thread: any. Must hold: an ExecutionKey is never reused; a text id and
//   its parts convert into each other without loss.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strong.h"

namespace stele {

/// Number of an execution inside its partition, from 1, in order of creation.
using ExecutionKey = Strong<struct ExecutionKeyTag, std::int64_t>;
/// Number of a function with its signature in the store's dictionary, from 1.
using FunctionId = Strong<struct FunctionIdTag, std::uint32_t>;
using DeploymentId = Strong<struct DeploymentIdTag, std::uint32_t>;
/// Batches of one partition, from 1, without gaps in one incarnation.
using BatchNumber = Strong<struct BatchNumberTag, std::uint64_t>;
/// Raised at each load of the partition.
using Incarnation = Strong<struct IncarnationTag, std::uint64_t>;
/// Number of a run of a workflow or of an attempt of an activity within (execution, incarnation).
using RunNumber = Strong<struct RunNumberTag, std::uint32_t>;
/// Creation order of a join set within its workflow, one-off sets included, from 0.
using JoinSetOrdinal = Strong<struct JoinSetOrdinalTag, std::uint32_t>;

/// 128 bits: 48 of milliseconds since 1970, 80 of randomness.
struct Ulid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  constexpr auto operator<=>(const Ulid&) const = default;
};

/// 26 Crockford characters, upper case.
std::string to_text(const Ulid& ulid);
/// Accepts upper and lower case. Errors: invalid_argument.
Result<Ulid> parse_ulid(std::string_view text);
Ulid make_ulid(std::int64_t unix_ms, std::uint16_t random_high, std::uint64_t random_low);

/// An execution id in parts: `E_<root><suffix>`; `suffix` is empty for a top-level execution, else
/// `.<join set id>_<index>` once for each level.
struct ExecutionId {
  Ulid root{};
  std::string suffix{};
  auto operator<=>(const ExecutionId&) const = default;
};

/// Whether a suffix is empty or made of levels, each `.<join set id>_<index>`.
bool is_id_suffix(std::string_view suffix);

std::string to_text(const ExecutionId& id);
/// Errors: invalid_argument with what was expected at which part.
Result<ExecutionId> parse_execution_id(std::string_view text);
/// Splits the last level off: parent id, join set id and index. Errors: invalid_argument
/// (top-level).
struct DerivedPart {
  ExecutionId parent{};
  std::string join_set{};
  std::uint32_t index = 0;
};
Result<DerivedPart> split_derived(const ExecutionId& id);
/// The suffix of a child: parent's suffix + `.` + join set id + `_` + index.
std::string child_suffix(std::string_view parent_suffix, std::string_view join_set,
                         std::uint32_t index);
/// `Delay_<id without E_>.<join set id>_<index>`.
std::string delay_id(const ExecutionId& owner, std::string_view join_set, std::uint32_t index);

/// contract section 3: first 8 bytes little-endian of sha256(ULID as 16 LE bytes, then for a
/// derived id its infix text and its index as u64 LE).
std::uint64_t random_seed(const ExecutionId& id);

enum class JoinSetKind : std::uint8_t { one_off = 1, named = 2, generated = 3 };
/// `o:`, `n:` or `g:` and the name.
std::string join_set_id(JoinSetKind kind, std::string_view name);

/// ns:pkg/ifc@ver and function of an FFQN; split at the last dot. Errors: invalid_argument.
struct Ffqn {
  std::string interface{};
  std::string function{};
};
Result<Ffqn> parse_ffqn(std::string_view text);

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// Owns: the three ways to write params on a command line, and short names of functions.
// Life cycle: none. Thread: any. Must hold: the result is one JSON array.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace stele::cli {

/// What follows the function on the command line.
struct ParamWords {
  std::vector<std::string> words;
  bool separate = false;  ///< they followed `--`: each is one JSON value
};

/// Nothing is `[]`; one word is the JSON array, or `@file` that holds it; after `--` each word is
/// one value. Errors: invalid_argument with the word that is no JSON, not_found (file).
Result<std::string> read_params(const ParamWords& given);

/// `.../ifc.fn` or `ifc.fn` against full names; a full name is left as it is.
/// Errors: not_found with the nearest name, invalid_argument if several match.
Result<std::string> resolve_ffqn(const std::string& name, std::span<const std::string> known);
bool is_short_ffqn(const std::string& name);

}  // namespace stele::cli

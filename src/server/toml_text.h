// SPDX-License-Identifier: Apache-2.0
// Owns: the turning of foreign text into a TOML table. Life cycle: functions only. Thread: any.
// Must hold: text that toml++ cannot be trusted with does not reach it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "server/toml_reader.h"

namespace stele::server {

/// Where the first character stands that is not ASCII and neither quoted nor in a comment; such
/// text is no TOML. npos: nowhere.
std::size_t stray_character(std::string_view text);

/// Errors: invalid_argument with `path:line:column: what`.
Result<toml::table> parse_toml(std::string_view text, const std::string& path);

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
// Owns: the turning of foreign text into a TOML table. Life cycle: functions only. Thread: any.
// Must hold: any bytes give a table, or an error with its place.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "server/toml_reader.h"

namespace stele::server {

/// Errors: invalid_argument with `path:line:column: what`.
Result<toml::table> parse_toml(std::string_view text, const std::string& path);

}  // namespace stele::server

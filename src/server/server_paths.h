// SPDX-License-Identifier: Apache-2.0
// Owns: where the server keeps things. Life cycle: none. Thread: any. Must hold: nothing is
// created.
#pragma once

#include <string>

#include "base/result.h"

namespace stele::server {

/// `given`, or if it is empty `$XDG_DATA_HOME/stele`, else `~/.local/share/stele`; without links on
/// the way, which the store does not follow. Errors: invalid_argument (no home).
Result<std::string> data_directory(const std::string& given);
/// `$XDG_CACHE_HOME/stele`, else `~/.cache/stele`; empty if there is no home.
std::string cache_directory();

}  // namespace stele::server

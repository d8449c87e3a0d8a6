// SPDX-License-Identifier: Apache-2.0
// Owns: reading and writing whole files for commands. Life cycle: none. Thread: any.
// Must hold: every error names the file; a written file is whole or as it was before.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stele::cli {

/// Errors: not_found, permission_denied, invalid_argument (a directory, or over 64 MiB).
Result<std::string> read_file(const std::string& path);

enum class WriteStatus : std::uint8_t { written, unchanged };
/// Makes missing directories. Errors: permission_denied, unavailable.
Result<WriteStatus> write_file(const std::string& path, std::string_view text);

struct NamedFile {
  std::string path;  ///< relative to the directory
  std::string text;
};
/// Every `.wit` file below `directory` (or the one file), in order of path. Errors: not_found.
Result<std::vector<NamedFile>> read_wit(const std::string& directory);

}  // namespace stele::cli

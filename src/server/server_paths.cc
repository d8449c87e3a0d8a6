// SPDX-License-Identifier: Apache-2.0
#include "server/server_paths.h"

#include <filesystem>

#include "server/deployment.h"

namespace stele::server {
namespace {

/// Empty if neither the variable nor a home is set. Relative values do not count (XDG).
std::string below(const std::string& variable, const std::string& of_home) {
  const std::string set = environment_variable(variable).value_or("");
  if (set.starts_with('/')) return set + "/stele";
  const std::string home = environment_variable("HOME").value_or("");
  return home.empty() ? std::string() : home + of_home + "/stele";
}

}  // namespace

Result<std::string> data_directory(const std::string& given) {
  const std::string directory = given.empty() ? below("XDG_DATA_HOME", "/.local/share") : given;
  if (directory.empty())
    return fail(Code::invalid_argument,
                "neither XDG_DATA_HOME nor HOME is set; say where to store with --data-dir");
  std::error_code code;
  const std::filesystem::path real = std::filesystem::weakly_canonical(directory, code);
  return code ? directory : real.string();
}

std::string cache_directory() { return below("XDG_CACHE_HOME", "/.cache"); }

}  // namespace stele::server

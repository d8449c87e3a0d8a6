// SPDX-License-Identifier: Apache-2.0
#include "cli/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace stele::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::uintmax_t file_bytes_max = 64U << 20U;

std::unexpected<Error> file_error(std::error_code code, std::string_view what,
                                  const std::string& path) {
  const std::string reason = std::string(what) + ": " + code.message();
  if (code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory) {
    return fail(Code::not_found, reason, path);
  }
  if (code == std::errc::permission_denied || code == std::errc::read_only_file_system) {
    return fail(Code::permission_denied, reason, path);
  }
  return fail(Code::unavailable, reason, path);
}

std::error_code last_error() { return {errno, std::generic_category()}; }

}  // namespace

Result<std::string> read_file(const std::string& path) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (code) return file_error(code, "cannot read this file", path);
  if (fs::is_directory(status)) {
    return fail(Code::invalid_argument, "this is a directory, not a file", path);
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return file_error(last_error(), "cannot read this file", path);
  if (fs::is_regular_file(status) && fs::file_size(path, code) > file_bytes_max) {
    return fail(Code::invalid_argument, "this file is larger than 64 MiB", path);
  }
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return file_error(last_error(), "cannot read this file", path);
  return std::move(text).str();
}

Result<WriteStatus> write_file(const std::string& path, std::string_view text) {
  const auto before = read_file(path);
  if (before && *before == text) return WriteStatus::unchanged;
  std::error_code code;
  const fs::path parent = fs::path(path).parent_path();
  if (!parent.empty()) fs::create_directories(parent, code);
  if (code) return file_error(code, "cannot make the directory", parent.string());
  const std::string temporary = path + ".new";
  errno = 0;
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) {
    const std::error_code cause = last_error();
    fs::remove(temporary, code);
    return file_error(cause, "cannot write this file", path);
  }
  fs::rename(temporary, path, code);
  if (code) return file_error(code, "cannot write this file", path);
  return WriteStatus::written;
}

Result<std::vector<NamedFile>> read_wit(const std::string& directory) {
  std::error_code code;
  std::vector<NamedFile> files;
  if (fs::is_regular_file(directory, code)) {
    std::string text = TRY(read_file(directory));
    files.push_back({fs::path(directory).filename().string(), std::move(text)});
    return files;
  }
  fs::recursive_directory_iterator each(directory, code);
  if (code) return file_error(code, "cannot read this directory of WIT files", directory);
  std::vector<fs::path> paths;
  for (const fs::recursive_directory_iterator end; !code && each != end; each.increment(code)) {
    if (each->path().extension() == ".wit") paths.push_back(each->path());
  }
  if (code) return file_error(code, "cannot read this directory of WIT files", directory);
  std::ranges::sort(paths);
  for (const fs::path& path : paths) {
    std::string text = TRY(read_file(path.string()));
    files.push_back({path.lexically_relative(directory).string(), std::move(text)});
  }
  if (files.empty()) return fail(Code::not_found, "there is no .wit file here", directory);
  return files;
}

}  // namespace stele::cli

// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/directory.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace stele::sqlite {
namespace {

std::unexpected<Error> system_error(std::string_view what, const std::string& path) {
  const int number = errno;
  const bool full = number == ENOSPC || number == EDQUOT;
  return fail(full ? Code::resource_exhausted : Code::unavailable,
              fmt::format("cannot {} {}: {}", what, path, std::strerror(number)), path);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

/// Each missing level is created for its owner alone and made durable in the level above.
Result<void> create_levels(const std::filesystem::path& path) {
  std::error_code code;
  if (path.empty() || std::filesystem::is_directory(path, code)) return {};
  const std::filesystem::path above = path.has_parent_path() ? path.parent_path() : ".";
  TRY(create_levels(above));
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_error("create the data directory", path.string());
  }
  return sync_directory(above.string());
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
  std::string path = directory;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  TRY(create_levels(path));
  const std::string name = path + "/lock";
  Descriptor file(open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.number() < 0) return system_error("open", name);
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(file.number(), F_OFD_SETLK, &lock) != 0) {
    if (errno != EAGAIN && errno != EACCES) return system_error("lock", name);
    return fail(Code::failed_precondition,
                fmt::format("another server is using the data directory {}: stop it, or choose "
                            "another directory with --data-dir",
                            path),
                path);
  }
  TRY(sync_directory(path));
  return DirectoryLock(file.release());
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::uint32_t FileHead::number(std::size_t offset) const {
  std::uint32_t value = 0;
  for (std::size_t place = offset; place < offset + 4; ++place)
    value = (value << 8U) | bytes[place];
  return value;
}

Result<FileHead> read_head(const std::string& path) {
  FileHead head;
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.number() < 0 && errno == ENOENT) return head;
  if (file.number() < 0) return system_error("open", path);
  head.present = true;
  struct stat status = {};
  const bool known = fstat(file.number(), &status) == 0;
  head.size = known ? status.st_size : 0;
  if (!known || pread(file.number(), head.bytes.data(), head.bytes.size(), 0) < 0) {
    return fail(Code::data_loss, fmt::format("cannot read {}: {}", path, std::strerror(errno)),
                path);
  }
  return head;
}

Result<void> sync_directory(const std::string& directory) {
  const Descriptor file(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.number() < 0) return system_error("open", directory);
  if (fsync(file.number()) != 0) return system_error("sync", directory);
  return {};
}

Result<void> create_private_file(const std::string& path) {
  unlink(path.c_str());
  const Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.number() < 0) return system_error("create", path);
  return {};
}

Result<void> publish_file(const std::string& from, const std::string& to,
                          const std::string& directory) {
  const Descriptor file(open(from.c_str(), O_RDWR | O_CLOEXEC));
  if (file.number() < 0) return system_error("open", from);
  if (fsync(file.number()) != 0) return system_error("sync", from);
  if (rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from);
  return sync_directory(directory);
}

}  // namespace stele::sqlite

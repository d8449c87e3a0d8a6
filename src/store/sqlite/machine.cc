// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/machine.h"

#include <time.h>
#include <unistd.h>

namespace stele::sqlite {
namespace {

class ThisMachine final : public Machine {
 public:
  std::int64_t monotonic_us() override {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
  }
  Result<DirectoryLock> lock(const std::string& directory) override {
    return DirectoryLock::take(directory);
  }
  Result<FileHead> read_head(const std::string& path) override { return sqlite::read_head(path); }
  Result<void> create_private_file(const std::string& path) override {
    return sqlite::create_private_file(path);
  }
  Result<void> publish_file(const std::string& from, const std::string& to,
                            const std::string& directory) override {
    return sqlite::publish_file(from, to, directory);
  }
  Result<void> sync_directory(const std::string& directory) override {
    return sqlite::sync_directory(directory);
  }
  void remove_file(const std::string& path) override { unlink(path.c_str()); }
};

}  // namespace

Machine& this_machine() {
  static ThisMachine machine;
  return machine;
}

}  // namespace stele::sqlite

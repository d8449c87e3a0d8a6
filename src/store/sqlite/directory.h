// SPDX-License-Identifier: Apache-2.0
// Owns: the data directory: its creation, its lock and the durability of its entries.
// Life cycle: DirectoryLock holds from open to destruction. Thread: any.
// Must hold: the lock is taken before anything else in the directory is opened.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace stele::sqlite {

class DirectoryLock {
 public:
  /// Creates the directory (0700) if need be and takes `lock` in it.
  /// Errors: failed_precondition when another server holds it; unavailable; resource_exhausted.
  static Result<DirectoryLock> take(const std::string& directory);
  DirectoryLock() = default;
  DirectoryLock(DirectoryLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

/// The first bytes of a file.
struct FileHead {
  bool present = false;
  std::int64_t size = 0;
  std::array<unsigned char, 100> bytes{};

  /// Big-endian, of four bytes.
  std::uint32_t number(std::size_t offset) const;
};

/// Not present is no error. Errors: unavailable; data_loss when it cannot be read.
Result<FileHead> read_head(const std::string& path);
/// Makes the directory's entries durable.
Result<void> sync_directory(const std::string& directory);
/// An empty file that only its owner can read, replacing what was there.
Result<void> create_private_file(const std::string& path);
/// Renames a finished file to its name, durably.
Result<void> publish_file(const std::string& from, const std::string& to,
                          const std::string& directory);

}  // namespace stele::sqlite

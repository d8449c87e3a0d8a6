// SPDX-License-Identifier: Apache-2.0
// Owns: files in memory that know which of their writes are durable.
// Life cycle: as the disk's; a File lives as long as somebody has it open. Thread: one.
// Must hold: what was synced survives; each write since then is kept, lost or torn at a power cut.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/prng.h"

namespace stele::sim {

/// Locks of SQLite's shared memory.
struct SharedLock {
  const void* exclusive = nullptr;
  std::vector<const void*> shared{};
};

class File {
 public:
  static constexpr std::size_t shared_locks = 8;

  explicit File(Bytes content = {}) : now_(std::move(content)), durable_(now_) {}

  const Bytes& content() const { return now_; }
  void write(std::size_t offset, BytesView bytes);
  void truncate(std::size_t size);
  void sync();
  /// A sync that fails: the system may believe that what it could not write is clean.
  void forget() { pending_.clear(); }
  /// For the next process, without what the last one had locked.
  std::shared_ptr<File> copy() const;
  /// What a power cut leaves: of 16 writes that were not synced `kept` are there.
  Bytes after_power_cut(Prng& prng, std::uint64_t kept) const;

  bool named = false;                                ///< its entry in the directory is durable
  std::map<const void*, int> locks{};                ///< by handle: the levels of SQLite
  std::array<SharedLock, shared_locks> shm_locks{};  ///< of its index of the WAL
  std::vector<std::unique_ptr<Bytes>> shm{};
  int shm_users = 0;

 private:
  struct Change {
    std::size_t offset = 0;
    Bytes bytes{};
    std::optional<std::size_t> size{};  ///< of a truncation
  };
  static void apply(Bytes& content, std::size_t offset, BytesView bytes);

  Bytes now_;
  Bytes durable_;
  std::vector<Change> pending_;
};

/// One directory.
class Files {
 public:
  explicit Files(Prng prng) : prng_(prng) {}

  std::shared_ptr<File> find(const std::string& path) const;
  std::shared_ptr<File> create(const std::string& path);
  void remove(const std::string& path) { files_.erase(path); }
  void rename(const std::string& from, const std::string& to);
  /// Names all files for good.
  void sync();
  /// Every handle is void. After the end of a process alone everything is still there.
  void lose_power(bool process_only);
  std::uint64_t draw(std::uint64_t bound) { return prng_.below(bound); }
  std::uint64_t next() { return prng_.next(); }

 private:
  Prng prng_;
  std::map<std::string, std::shared_ptr<File>> files_;
};

}  // namespace stele::sim

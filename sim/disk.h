// SPDX-License-Identifier: Apache-2.0
// Owns: what survives a crash, and the opening of stores over it.
// Life cycle: as the world's. Thread: one.
// Must hold: what a store over it has committed is there when the next one is opened.
#pragma once

#include <functional>
#include <memory>

#include "store/store.h"
#include "store/store_canary.h"

namespace stele::sim {

class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<Store>> open() = 0;
  /// The process is gone, and perhaps what was not synced. A store that is still open over it
  /// writes nothing any more.
  virtual void crash() = 0;
  /// May two processes have it open at the same time?
  virtual bool shared() const = 0;
};

std::unique_ptr<Disk> make_memory_disk();

enum class IoCall : std::uint8_t { write, sync };
enum class IoFate : std::uint8_t {
  kept,
  full,    ///< no space left
  failed,  ///< an error of the device
  cut,     ///< the power goes off at this call
};

struct SqliteDiskSetup {
  std::uint64_t seed = 1;
  std::function<IoFate(IoCall)> choose{};
  std::function<std::int64_t()> monotonic_us{};
  StoreCanary canary = StoreCanary::none;
};
/// The SQLite driver over files in memory. One at a time in a process.
std::unique_ptr<Disk> make_sqlite_disk(SqliteDiskSetup setup);

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// Owns: what survives a crash, and the opening of stores over it.
// Life cycle: as the world's. Thread: one.
// Must hold: what a store over it has committed is there when the next one is opened.
#pragma once

#include <memory>

#include "store/store.h"

namespace stele::sim {

class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<Store>> open() = 0;
  /// The process is gone. A store that is still open over it writes nothing any more.
  virtual void crash() = 0;
  /// May two processes have it open at the same time?
  virtual bool shared() const = 0;
};

std::unique_ptr<Disk> make_memory_disk();

}  // namespace stele::sim

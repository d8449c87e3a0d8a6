// SPDX-License-Identifier: Apache-2.0

#include "sim/disk.h"
#include "store/memory/memory_store.h"

namespace stele::sim {
namespace {

class MemoryDisk final : public Disk {
 public:
  Result<std::unique_ptr<Store>> open() override { return std::make_unique<MemoryStore>(content_); }
  void crash() override {}
  bool shared() const override { return true; }

 private:
  std::shared_ptr<MemoryContent> content_ = make_memory_content();
};

}  // namespace

std::unique_ptr<Disk> make_memory_disk() { return std::make_unique<MemoryDisk>(); }

}  // namespace stele::sim

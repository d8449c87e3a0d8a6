// SPDX-License-Identifier: Apache-2.0
#include "torture/allocations/failing_new.h"

#include <cstdlib>
#include <new>

namespace stele::allocations {
namespace {

bool open_now = false;
bool failed = false;
std::uint64_t count = 0;
std::uint64_t failing_at = 0;

}  // namespace

void plan(std::uint64_t failing) {
  failing_at = failing;
  count = 0;
  failed = false;
}
std::uint64_t counted() { return count; }
bool has_failed() { return failed; }
void set_open(bool open) { open_now = open; }

static void* allocate(std::size_t size) {
  if (open_now && ++count == failing_at) {
    failed = true;
    throw std::bad_alloc();
  }
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace stele::allocations

void* operator new(std::size_t size) { return stele::allocations::allocate(size); }
void* operator new[](std::size_t size) { return stele::allocations::allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

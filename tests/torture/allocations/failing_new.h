// SPDX-License-Identifier: Apache-2.0
// Owns: this program's operator new, which counts while a scope is open and fails once.
// Life cycle: plan, run, ask. Thread: one. Must hold: outside a scope nothing fails.
#pragma once

#include <cstdint>

namespace stele::allocations {

/// Counts from one again; the allocation of that number will throw std::bad_alloc. 0: none.
void plan(std::uint64_t failing);
std::uint64_t counted();
bool has_failed();
/// Allocations count while this is true.
void set_open(bool open);

class Scope {
 public:
  Scope() { set_open(true); }
  ~Scope() { set_open(false); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
};

}  // namespace stele::allocations

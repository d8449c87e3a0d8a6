// SPDX-License-Identifier: Apache-2.0
#include "activities_cpp.h"
//
#include "stele/guest.h"

namespace {

volatile std::uint64_t sink = 0;

std::uint64_t deeper(std::uint64_t depth);
/// Read anew at each call, so that the recursion stays one; it needs no stack in linear memory.
std::uint64_t (*volatile next_level)(std::uint64_t) = deeper;

std::uint64_t deeper(std::uint64_t depth) { return depth == 0 ? 0 : 1 + next_level(depth - 1); }

}  // namespace

namespace exports::test::guests::work {

std::expected<std::uint64_t, wit::Void> Step(std::uint64_t n) { return n; }

std::expected<std::uint64_t, wit::Void> Busy(std::uint64_t rounds, std::uint64_t value) {
  for (std::uint64_t i = 0; i < rounds * 1'000'000; ++i) sink = sink + 1;
  return value;
}

std::expected<void, wit::Void> Spin() {
  for (;;) sink = sink + 1;
}

std::expected<std::uint32_t, wit::Void> Grow(std::uint32_t mib) {
  const std::size_t first = __builtin_wasm_memory_size(0);
  __builtin_wasm_memory_grow(0, mib * 16U);
  auto* bytes = reinterpret_cast<volatile char*>(first << 16U);
  for (std::uint32_t i = 0; i < mib; ++i) bytes[static_cast<std::size_t>(i) << 20U] = 1;
  return mib;
}

std::expected<std::uint64_t, wit::Void> Recurse(std::uint64_t depth) { return deeper(depth); }

std::expected<void, wit::Void> Trap() { __builtin_trap(); }

std::expected<std::uint64_t, wit::string> Refuse(wit::string reason) {
  ::obelisk::log::log::Warn(stele::join("refusing: ", reason));
  return std::unexpected(std::move(reason));
}

std::expected<wit::string, wit::Void> Text(std::uint32_t size) {
  return stele::text(std::string(size, 'x'));
}

}  // namespace exports::test::guests::work

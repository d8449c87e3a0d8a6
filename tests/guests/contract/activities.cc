// SPDX-License-Identifier: Apache-2.0
#include "contract_activities_cpp.h"
//
#include "stele/guest.h"

namespace {

namespace types = ::test::contract::types;
namespace out = ::obelisk::log::log;

volatile std::uint64_t sink = 0;

std::uint64_t deeper();
/// Read anew at each call, so that the recursion stays one; it needs no stack in linear memory.
std::uint64_t (*volatile next_level)() = deeper;
std::uint64_t deeper() { return 1 + next_level(); }

std::string show(const types::Shape& shape) {
  using Shape = types::Shape;
  if (const auto* circle = std::get_if<Shape::Circle>(&shape.variants))
    return stele::join("circle of ", static_cast<std::int64_t>(circle->value * 100), " hundredths");
  if (const auto* polygon = std::get_if<Shape::Polygon>(&shape.variants)) {
    std::string text = "polygon";
    for (const auto& [x, y] : stele::each(polygon->value)) text += stele::join(" ", x, ",", y);
    return text;
  }
  if (const auto* sized = std::get_if<Shape::Sized>(&shape.variants))
    return stele::join("sized ", sized->value.size);
  return "dot";
}

}  // namespace

namespace exports::test::contract::work {

std::expected<types::Everything, wit::string> Echo(types::Everything value) { return value; }

// tidy: allow(function-parameters) more than fit into a call without memory, to test just that
std::expected<wit::string, wit::Void> Flat(std::uint32_t letter, std::int64_t big, float part,
                                           types::Colour tint, types::Rights may, types::Shape form,
                                           std::tuple<std::uint8_t, wit::string> pair,
                                           std::optional<types::Small> maybe,
                                           std::expected<std::uint8_t, wit::string> outcome,
                                           wit::vector<std::uint8_t> bytes) {
  std::uint32_t sum = 0;
  for (const std::uint8_t byte : stele::each(bytes)) sum += byte;
  const std::string small =
      maybe ? stele::join(maybe->size, "/", maybe->long_name ? maybe->long_name->get_view() : "-")
            : "none";
  return stele::text(stele::join(
      letter, " ", big, " ", static_cast<std::int32_t>(part * 1000), " ",
      static_cast<std::uint32_t>(tint), " ", static_cast<std::uint32_t>(may), " ", show(form), " ",
      std::get<0>(pair), ":", std::get<1>(pair), " ", small, " ",
      outcome ? stele::join("ok ", *outcome) : stele::join("err ", outcome.error()), " ", sum));
}

std::expected<std::uint32_t, wit::Void> Add(std::uint32_t a, std::uint32_t b) { return a + b; }

std::expected<void, wit::Void> Unit() { return {}; }

std::expected<void, wit::Void> RefuseUnit() { return std::unexpected(wit::Void{}); }

std::expected<std::uint32_t, wit::string> Refuse(wit::string reason) {
  return std::unexpected(std::move(reason));
}

std::expected<std::uint32_t, types::Failure> Choose(types::Failure how) {
  return std::unexpected(std::move(how));
}

std::expected<void, wit::Void> TrapUnit() { __builtin_trap(); }
std::expected<std::uint32_t, wit::Void> TrapValue() { __builtin_trap(); }
std::expected<std::uint32_t, wit::string> TrapText() { __builtin_trap(); }
std::expected<std::uint32_t, types::Failure> TrapVariant() { __builtin_trap(); }

std::expected<std::uint32_t, wit::string> Spin() {
  for (;;) sink = sink + 1;
}

std::expected<void, wit::Void> Chatter() {
  out::Trace("activity trace");
  out::Debug("activity debug");
  out::Info("activity info");
  out::Warn("activity warn");
  out::Error("activity error");
  return {};
}

}  // namespace exports::test::contract::work

namespace exports::test::contract::hungry {

std::expected<std::uint64_t, wit::Void> Busy(std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds * 1'000'000; ++i) sink = sink + 1;
  return rounds;
}

std::expected<void, wit::Void> Grow() {
  constexpr std::size_t mib_pages = 16;
  for (;;) {
    if (__builtin_wasm_memory_grow(0, 16 * mib_pages) == static_cast<std::size_t>(-1))
      __builtin_trap();
  }
}

std::expected<std::uint64_t, wit::Void> Recurse() { return deeper(); }

}  // namespace exports::test::contract::hungry

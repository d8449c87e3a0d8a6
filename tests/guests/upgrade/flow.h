// SPDX-License-Identifier: Apache-2.0
// A workflow of which there are several versions; each defines the two functions below.
#pragma once

#include "upgrades_cpp.h"
//
#include "stele/workflow.h"

namespace upgrade {

/// Before the gate: what is stored when the workflow is redeployed.
std::uint32_t before(std::uint32_t n);
/// Behind the gate: what may differ between versions.
std::uint32_t after(std::uint32_t sum);

inline std::uint32_t add(std::uint32_t a, std::uint32_t b) {
  const auto sum = ::test::contract::work::Add(a, b);
  return sum ? *sum : 0;
}

}  // namespace upgrade

namespace exports::test::upgrade::flow {

std::expected<std::uint32_t, wit::string> Run(std::uint32_t n) {
  constexpr std::uint64_t day_seconds = 24 * 3600;
  const std::uint32_t sum = ::upgrade::before(n);
  stele::sleep(stele::in_seconds(day_seconds), "gate");
  return ::upgrade::after(sum);
}

}  // namespace exports::test::upgrade::flow

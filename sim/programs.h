// SPDX-License-Identifier: Apache-2.0
// Owns: random programs for scripted guests. Life cycle: text, made once for a seed. Thread: any.
// Must hold: every program ends if its activities do and values come from outside; each call of an
//   activity has params of its own; without a statement the others are the same as with it.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/prng.h"

namespace stele::sim {

/// How a redeploy changes the workflows.
enum class Version : std::uint8_t { first, longer, different };
constexpr std::size_t versions = 3;

struct Programs {
  std::string activities;
  std::string stubs;
  std::string externals;
  std::array<std::string, 2>
      fickle;  ///< what one component does by turns: a nondeterministic guest
  std::array<std::string, versions> workflows;
  std::vector<std::string> entries;  ///< workflows, `fn(n: u32)`
  std::uint32_t statements = 0;
};

struct ProgramOptions {
  bool may_crash = false;             ///< activities may kill the process each time they run
  std::set<std::uint32_t> dropped{};  ///< statements that are left out, for shrinking
};

/// The activity functions whose result is their second parameter: `a0` to `a4` without `a3`.
constexpr std::string_view activity_interface = "t:act/a@1.0.0";
constexpr std::string_view stub_interface = "t:st/s@1.0.0";
constexpr std::string_view external_interface = "t:ex/x@1.0.0";
constexpr std::string_view fickle_interface = "t:fk/f@1.0.0";
constexpr std::string_view workflow_interface = "t:wf/w@1.0.0";
/// Never ends by itself.
constexpr std::string_view spinner = "t:wf/w@1.0.0.spinner-cancellable";

Programs make_programs(Prng prng, const ProgramOptions& options);

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// Owns: random programs for scripted guests. Life cycle: text, made once for a seed. Thread: any.
// Must hold: every program ends if its activities do; each call of an activity has params of its
// own.
#pragma once

#include <string>
#include <vector>

#include "base/prng.h"

namespace stele::sim {

struct Programs {
  std::string activities;
  std::string workflows;
  std::vector<std::string> entries;  ///< workflows, `fn(n: u32)`
};

/// `may_crash`: activities among them may kill the process each time they run.
Programs make_programs(Prng& prng, bool may_crash);

}  // namespace stele::sim

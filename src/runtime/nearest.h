// SPDX-License-Identifier: Apache-2.0
// Owns: the nearest of some names. Life cycle: none. Thread: any.
// Must hold: a name that differs in more than half of its characters is not near.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stele::runtime {

/// Number of insertions, removals and replacements between two names.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// Empty if none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& names);

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Owns: the search for the name that was probably meant. Life cycle: none. Thread: any.
// Must hold: bounded work for any input (long texts are cut).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace stele {

/// Number of single-character edits between two texts; texts over 200 bytes are cut.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate closest to `name`, or empty if none is closer than about a third of its length.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);
std::string nearest(std::string_view name, std::span<const std::string> candidates);

}  // namespace stele

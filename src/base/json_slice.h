// SPDX-License-Identifier: Apache-2.0
// Owns: cutting JSON text into its parts without reading their values: what is cut out is the text
// as
//   it was written, so no number changes its form.
// Life cycle: functions only; the views are into the given text. Thread: any.
// Must hold: text that is no JSON array or object of that shape gives nothing, never a crash; what
// is
//   inside of the parts is not checked.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace stele {

/// The elements of a JSON array; empty optional if the text is none.
std::optional<std::vector<std::string_view>> json_elements(std::string_view text);

}  // namespace stele

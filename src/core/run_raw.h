// SPDX-License-Identifier: Apache-2.0
// Owns: cutting JSON text into its parts without reading them, so that no number changes.
// Life cycle: functions only; the views point into what was given. Thread: any.
// Must hold: text that is not of the form gives invalid_argument, never a crash.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace stele::core {

/// The elements of `[…]`.
Result<std::vector<std::string_view>> raw_elements(std::string_view array);

/// `{"key":value}`; the key without its quotes.
struct RawMember {
  std::string_view key{};
  std::string_view value{};
};
Result<RawMember> raw_member(std::string_view object);

}  // namespace stele::core

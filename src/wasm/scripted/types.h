// SPDX-License-Identifier: Apache-2.0
// Owns: whether a JSON value fits a type, as far as scripted components look: numbers, bool, text,
//   list, option, tuple, result; a record, variant, enum or flags takes any value.
// Life cycle: functions only. Thread: any. Must hold: the texts are those of the real engine.
#pragma once

#include <string_view>

#include "base/result.h"

namespace stele::wasm::scripted {

/// Errors: invalid_argument with what was found and what was expected.
Result<void> check_type(std::string_view type, std::string_view json);

}  // namespace stele::wasm::scripted

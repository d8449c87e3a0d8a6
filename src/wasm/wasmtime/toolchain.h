// SPDX-License-Identifier: Apache-2.0
// Owns: the making of the Toolchain over the bridge. Life cycle: stateless. Thread: any.
// Must hold: as wasm/toolchain.h says.
#pragma once

#include <memory>

#include "wasm/toolchain.h"

namespace stele::wasm {

std::unique_ptr<Toolchain> make_toolchain();

/// A stored value (ABI form) as users see it: `null` for NaN and infinities, options in options
/// without their mark. Errors: invalid_argument (not JSON).
Result<std::string> user_text(std::string_view stored);

}  // namespace stele::wasm

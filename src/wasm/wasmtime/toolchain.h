// SPDX-License-Identifier: Apache-2.0
// Owns: the making of the Toolchain over the bridge. Life cycle: stateless. Thread: any.
// Must hold: as wasm/toolchain.h says.
#pragma once

#include <memory>

#include "wasm/toolchain.h"

namespace stele::wasm {

std::unique_ptr<Toolchain> make_toolchain();

}  // namespace stele::wasm

// SPDX-License-Identifier: Apache-2.0
// Owns: the reading of descriptions as the bridge writes them (bridge/src/wire.rs).
// Life cycle: stateless. Thread: any. Must hold: bytes that do not fit give an error, nothing else.
#pragma once

#include <string_view>

#include "base/result.h"
#include "wasm/description.h"

namespace stele::wasm::wasmtime {

Result<Description> read_description(std::string_view bytes);

}  // namespace stele::wasm::wasmtime

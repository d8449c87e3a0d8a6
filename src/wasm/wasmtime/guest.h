// SPDX-License-Identifier: Apache-2.0
// Owns: guests over the bridge. Life cycle and thread: as Guest in wasm/guest.h.
// Must hold: callbacks from the bridge reach HostCalls and Wakes unchanged.
#pragma once

#include <memory>

#include "base/result.h"
#include "wasm/guest.h"

struct st_component;

namespace stele::wasm::wasmtime {

Result<std::unique_ptr<Guest>> make_guest(const st_component* component, const Start& start);

}  // namespace stele::wasm::wasmtime

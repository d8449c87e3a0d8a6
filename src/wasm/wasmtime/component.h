// SPDX-License-Identifier: Apache-2.0
// Owns: components over the bridge. Life cycle and thread: as Component in wasm/guest.h.
// Must hold: nothing but the bridge knows how a component is compiled.
#pragma once

#include <memory>

#include "base/result.h"
#include "wasm/guest.h"

struct st_engines;

namespace stele::wasm::wasmtime {

Result<std::shared_ptr<Component>> compile(const st_engines* engines,
                                           const ComponentSource& source);

}  // namespace stele::wasm::wasmtime

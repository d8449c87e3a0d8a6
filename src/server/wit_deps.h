// SPDX-License-Identifier: Apache-2.0
// Owns: the WIT that the components of a deployment may import, for `generate wit-deps`.
// Life cycle: one call. Thread: the main thread. Must hold: nothing is compiled, started or stored.
#pragma once

#include <string>
#include <vector>

#include "server/deployment_file.h"
#include "wasm/toolchain.h"

namespace stele::server {

/// Reads the deployment file and the components that it names. Errors: not_found (a file, named),
/// invalid_argument (the deployment file; a component that is none).
Result<std::vector<wasm::SourceFile>> deployment_wit(const std::string& path,
                                                     wasm::Toolchain& toolchain, Variable variable);

/// `path` is where `file` was read from.
Result<std::vector<wasm::SourceFile>> deployment_wit(const DeploymentFile& file,
                                                     const std::string& path,
                                                     wasm::Toolchain& toolchain);

}  // namespace stele::server

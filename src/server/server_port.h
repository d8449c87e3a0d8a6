// SPDX-License-Identifier: Apache-2.0
// Owns: the look whether an address is free before anything else is started. Life cycle: none.
// Thread: any. Must hold: nothing stays bound.
#pragma once

#include <string>

#include "base/result.h"

namespace stele::server {

/// `host:port`, checked already. Errors: unavailable (in use, or not an address of this machine).
Result<void> check_port_free(const std::string& address);

}  // namespace stele::server

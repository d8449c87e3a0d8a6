// SPDX-License-Identifier: Apache-2.0
// Owns: the gRPC side of the command line's port to a server. Life cycle: one connection.
// Thread: its caller's. Must hold: every call but follow has a deadline.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cli/api_client.h"

namespace stele::api {

/// `host:port`; nothing is sent yet. Errors: invalid_argument (no address).
Result<std::unique_ptr<cli::ApiClient>> connect_grpc(const std::string& address);

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
// Owns: a running server: the composition of store, engines, runtime and API, from start to
// drained. Life cycle: one call for the life of the process. Thread: the main thread. Must hold:
// nothing is stored and nothing starts before the deployment has been checked whole; after
//   a drain the store says that it was left in order.
#pragma once

#include "cli/cli.h"

namespace stele::server {

/// The exit code. Errors are on stderr, one line for each problem.
int run_server(const cli::ServerOptions& options, const cli::Console& console);

}  // namespace stele::server

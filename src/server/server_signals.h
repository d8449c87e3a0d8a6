// SPDX-License-Identifier: Apache-2.0
// Owns: the process's signals while a server runs: SIGTERM and SIGINT ask it to stop, SIGPIPE is
//   nothing.
// Life cycle: take_signals() before any thread starts. Thread: the main thread.
// Must hold: the second request to stop ends the process at once, whatever it is doing.
#pragma once

#include <string>

namespace stele::server {

/// Keeps SIGTERM and SIGINT from ending the process; threads started later inherit that.
void take_signals();
/// Waits for the first request to stop; its name. From now on the next one ends the process.
std::string wait_for_stop();
/// From now on the process ends by itself after so many seconds, with exit code 5.
void limit_stop(unsigned seconds);

}  // namespace stele::server

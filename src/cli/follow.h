// SPDX-License-Identifier: Apache-2.0
// Owns: showing an execution's progress until it is finished. Life cycle: one command.
// Thread: the main thread. Must hold: a broken connection is tried again from where it broke.
#pragma once

#include <string>

#include "cli/session.h"

namespace stele::cli {

struct FollowOptions {
  std::string id;
  bool reconnect = true;
  bool quiet = false;  ///< only the end
};

/// Prints each update and the result; the exit code tells how the execution ended.
int follow(Session& session, ApiClient& client, const FollowOptions& options);
/// Prints a finished or unfinished execution for people or as JSON; 1 if it failed.
int show(const Session& session, const Execution& execution);

}  // namespace stele::cli

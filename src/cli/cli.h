// SPDX-License-Identifier: Apache-2.0
// Owns: the command line of `stele`: its commands, options, help and exit codes.
// Life cycle: one call of run() per program. Thread: the main thread.
// Must hold: everything outside comes in through Ports; a command's parts are made only when it
// runs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/api_client.h"
#include "cli/console.h"
#include "wasm/toolchain.h"

namespace stele::cli {

struct ServerOptions {
  std::string deployment;  ///< path of deployment.toml
  std::string data_dir;    ///< empty: the user's data directory
  std::string listen = "127.0.0.1:5005";
  std::uint32_t memory_budget_mib = 256;
  std::uint32_t queue_max = 128;
  std::string log_format = "text";  ///< text or json
  std::uint64_t fuel = 0;           ///< of each run of a guest; 0: without limit
  std::string profile{};            ///< file for what the threads did; empty: none
};

struct Ports {
  Console console;
  bool interactive = false;  ///< a person looks at stderr
  std::string version;
  std::function<Result<std::unique_ptr<ApiClient>>(const std::string& address)> connect;
  std::function<Result<wasm::Toolchain*>()> toolchain;
  std::function<std::string()> new_execution_id;
  std::function<int(const ServerOptions&)> run_server;
  std::function<std::optional<std::string>(const char*)> environment;
  /// WIT of everything that a component of this deployment file may import.
  std::function<Result<std::vector<wasm::SourceFile>>(const std::string& path)> deployment_wit{};
};

/// `words` without the program's name. The exit code.
int run(const std::vector<std::string>& words, const Ports& ports);

}  // namespace stele::cli

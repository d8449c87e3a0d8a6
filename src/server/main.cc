// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>
#include <unistd.h>
#ifdef STELE_MIMALLOC
#include <mimalloc.h>
#endif

#include <iostream>
#include <memory>

#include "api/grpc/client.h"
#include "cli/cli.h"
#include "server/deployment.h"
#include "server/server_ids.h"
#include "server/server_run.h"
#include "server/wit_deps.h"
#include "wasm/wasmtime/toolchain.h"

namespace {

bool has_colours(int descriptor) {
  return ::isatty(descriptor) == 1 && !stele::server::environment_variable("NO_COLOR");
}

stele::cli::Console make_console() {
  return stele::cli::Console({.out = std::cout,
                              .err = std::cerr,
                              .out_colours = has_colours(STDOUT_FILENO),
                              .err_colours = has_colours(STDERR_FILENO)});
}

// So that a broad fan-out keeps its bound: what was freed goes back to the system soon (after 5 ms;
// by default 25), or is in the one heap where each thread finds it.
void keep_little_free_memory() {
#ifdef STELE_MIMALLOC
  ::mi_option_set_default(mi_option_decommit_delay, 5);
#else
  ::mallopt(M_ARENA_MAX, 1);
#endif
}

}  // namespace

int main(int count, char** words) {
  keep_little_free_memory();
  std::ios::sync_with_stdio(false);
  std::unique_ptr<stele::wasm::Toolchain> toolchain;
  stele::cli::Ports ports{
      .console = make_console(),
      .interactive = ::isatty(STDERR_FILENO) == 1,
      .version = STELE_VERSION,
      .connect = stele::api::connect_grpc,
      .toolchain = [&toolchain]() -> stele::Result<stele::wasm::Toolchain*> {
        if (toolchain == nullptr) toolchain = stele::wasm::make_toolchain();
        return toolchain.get();
      },
      .new_execution_id =
          [] { return stele::to_text(stele::ExecutionId{stele::server::new_ulid(), ""}); },
      .run_server = nullptr,
      .environment = [](const char* name) { return stele::server::environment_variable(name); },
      .deployment_wit = nullptr,
  };
  ports.run_server = [&ports](const stele::cli::ServerOptions& options) {
    return stele::server::run_server(options, ports.console);
  };
  ports.deployment_wit =
      [&ports](const std::string& path) -> stele::Result<std::vector<stele::wasm::SourceFile>> {
    stele::wasm::Toolchain& tools = *TRY(ports.toolchain());
    return stele::server::deployment_wit(path, tools, stele::server::environment_variable);
  };
  return stele::cli::run({words + 1, words + count}, ports);
}

// SPDX-License-Identifier: Apache-2.0
#include "server/server_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include "api/grpc/server.h"
#include "runtime/threads/engine_threads.h"
#include "runtime/threads/system_time.h"
#include "server/deployment.h"
#include "server/server_ids.h"
#include "server/server_limits.h"
#include "server/server_paths.h"
#include "server/server_port.h"
#include "server/server_signals.h"
#include "telemetry/log.h"
#include "telemetry/trace.h"
#include "wasm/wasmtime/engines.h"
#include "wasm/wasmtime/toolchain.h"

namespace stele::server {
namespace {

/// Of the slots that the engine has for workflows; the others are for trials.
const std::uint32_t hot_guests_max = wasm::WasmtimeConfig{}.workflow_guests - 64;
constexpr Duration call_grace = milliseconds(500);
/// A drain is limited by the runtime; this is for what must not happen. Safe, like a crash.
constexpr unsigned stop_limit_s = 30;

/// A second server, or a file of another release, keeps this one from running.
int start_error(const cli::Console& console, Error error) {
  if (error.code == Code::failed_precondition) error.code = Code::unavailable;
  return console.fail(error);
}

void end_process(const Error& error) {
  telemetry::log(telemetry::Level::error, "the store has failed; the server ends now",
                 {{"reason", error.reason}, {"subject", error.subject}});
  ::_exit(cli::number(cli::Exit::unavailable));
}

Result<Limits> make_limits(const cli::ServerOptions& options) {
  Limits limits;
  limits.runtime.hot_guests_max = hot_guests_max;
  limits.runtime.hot_bytes_max = std::uint64_t{options.memory_budget_mib} << 20U;
  limits.runtime.queue_max = options.queue_max;
  limits.runtime.fuel = options.fuel;
  limits.runtime.seed = system_random();
  limits.runtime.partition.seed = system_random();
  limits.store.directory = TRY(data_directory(options.data_dir));
  if (const auto json = environment_variable("STELE_TEST_LIMITS")) {
    TRY(apply_test_limits(limits, *json));
  }
  return limits;
}

/// Everything that a server is made of, in the order in which it is made.
class RunningServer {
 public:
  explicit RunningServer(const cli::ServerOptions& options) : options_(options) {}

  Result<void> start() {
    TRY(api::check_loopback(options_.listen));
    limits_ = TRY(make_limits(options_));
    TRY(check_port_free(options_.listen));
    TRY(load());
    TRY(open_store());
    setup_engine();
    TRY(engine_->open(deployed_));
    threads_ = std::make_unique<runtime::EngineThreads>(*engine_, bell_);
    threads_->start(0);
    service_ = std::make_unique<api::Service>(api::ServiceParts{*engine_, row_, new_ulid});
    grpc_ = TRY(api::start_grpc_server(*service_, options_.listen));
    return {};
  }

  const std::string& address() const { return grpc_->address(); }

  void stop() {
    if (grpc_) grpc_->set_draining();
    if (threads_) threads_->drain();
    if (service_) {
      service_->hub()->close(error(Code::unavailable, "the server is stopping"));
    }
    if (grpc_) grpc_->stop(call_grace);
    if (threads_) threads_->stop();
  }

 private:
  Result<void> load() {
    toolchain_ = wasm::make_toolchain();
    engines_ = TRY(wasm::make_wasmtime_engines(
        {.cache_directory = cache_directory(), .fuel = options_.fuel != 0}));
    deployment_ =
        TRY(load_deployment(options_.deployment, *engines_, *toolchain_, environment_variable));
    for (const std::string& note : deployment_.notes) {
      telemetry::log(telemetry::Level::info, note, {{"file", options_.deployment}});
    }
    return {};
  }

  Result<void> open_store() {
    store_ = TRY(open_sqlite_store(limits_.store));
    row_ = TRY(store_->save_deployment(to_store(deployment_, time_.wall())));
    deployed_ = make_deployed(deployment_, row_);
    return {};
  }

  void setup_engine() {
    engine_ = std::make_unique<runtime::LocalEngine>(runtime::EngineSetup{
        *store_, time_, bell_, limits_.runtime, [](const Error& error) { end_process(error); },
        [this](DeploymentId id) { return former_deployment(*store_, *engines_, id); }});
  }

  const cli::ServerOptions& options_;
  Limits limits_;
  runtime::SystemTime time_;
  runtime::ThreadBell bell_;
  std::unique_ptr<wasm::Toolchain> toolchain_;
  std::unique_ptr<wasm::WasmtimeEngines> engines_;
  Deployment deployment_;
  std::unique_ptr<Store> store_;
  DeploymentRow row_;
  runtime::DeployedPtr deployed_;
  std::unique_ptr<runtime::LocalEngine> engine_;
  std::unique_ptr<runtime::EngineThreads> threads_;
  std::unique_ptr<api::Service> service_;
  std::unique_ptr<api::GrpcServer> grpc_;
};

/// Null if no profile is wanted.
Result<std::unique_ptr<telemetry::Trace>> begin_profile(const std::string& path) {
  std::unique_ptr<telemetry::Trace> trace;
  if (!path.empty()) trace = TRY(telemetry::Trace::open(path));
  trace_sink = trace.get();
  return trace;
}

void end_profile(telemetry::Trace& trace, const std::string& path) {
  const Result<void> written = trace.write();
  if (written)
    telemetry::log(telemetry::Level::info, "profile written", {{"file", path}});
  else
    telemetry::log(telemetry::Level::warn, written.error().reason);
}

}  // namespace

int run_server(const cli::ServerOptions& options, const cli::Console& console) {
  take_signals();
  const bool json = options.log_format == "json";
  telemetry::configure(json ? telemetry::Format::json : telemetry::Format::text,
                       telemetry::Level::info);
  const auto trace = begin_profile(options.profile);
  if (!trace) return console.fail(trace.error());
  RunningServer server(options);
  if (auto started = server.start(); !started) {
    server.stop();
    return start_error(console, std::move(started.error()));
  }
  console.line(fmt::format(R"({{"ready":true,"address":"{}"}})", server.address()));
  console.flush();
  telemetry::log(telemetry::Level::info, "ready", {{"address", server.address()}});
  const std::string signal = wait_for_stop();
  limit_stop(stop_limit_s);
  telemetry::log(telemetry::Level::info, "stopping; a second signal ends it at once",
                 {{"signal", signal}});
  server.stop();
  if (*trace) end_profile(**trace, options.profile);
  telemetry::log(telemetry::Level::info, "stopped");
  return cli::number(cli::Exit::ok);
}

}  // namespace stele::server

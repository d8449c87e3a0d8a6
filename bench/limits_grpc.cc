// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <stele/v1/execution.grpc.pb.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "bench/flows.h"
#include "bench/limits.h"

namespace stele::bench {
namespace {

/// Answers a submission at once, and does nothing else.
class BareService final : public v1::ExecutionService::CallbackService {
  // tidy: allow(function-name) the name of the generated class
  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context,
                                   const v1::SubmitRequest* /*request*/,
                                   v1::SubmitResponse* response) override {
    response->set_execution_id("E_01JQ0000000000000000000000");
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

/// The child's life: says its port and serves until the parent has gone.
[[noreturn]] void serve(int say, int stay) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  BareService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const bool said = write(say, &port, sizeof port) == sizeof port;
  char end = 0;
  if (server != nullptr && said && read(stay, &end, 1) < 0) _exit(1);
  _exit(0);
}

}  // namespace

Result<void> BareServer::start() {
  std::array<int, 2> say{};
  std::array<int, 2> stay{};
  if (pipe(say.data()) != 0 || pipe(stay.data()) != 0)
    return fail(Code::resource_exhausted, "no more pipes");
  child_ = fork();
  if (child_ < 0) return fail(Code::resource_exhausted, "no more processes");
  if (child_ == 0) {
    close(stay[1]);
    serve(say[1], stay[0]);
  }
  close(say[1]);
  close(stay[0]);
  keep_open_ = stay[1];
  int port = 0;
  const bool heard = read(say[0], &port, sizeof port) == sizeof port && port != 0;
  close(say[0]);
  if (!heard) return fail(Code::unavailable, "the bare server did not start");
  address_ = fmt::format("127.0.0.1:{}", port);
  return {};
}

BareServer::~BareServer() {
  if (child_ <= 0) return;
  close(keep_open_);
  waitpid(child_, nullptr, 0);
}

Result<Limit> BareServer::unary(std::uint64_t in_flight, double seconds) const {
  FlowReport report = TRY(run_flows({.address = address_,
                                     .ffqn = "test:guests/flows@1.0.0.seq",
                                     .params = "[1]",
                                     .wait = false,
                                     .in_flight = in_flight,
                                     .seconds = seconds,
                                     .ids_path = {}}));
  return Limit{static_cast<double>(report.done) / report.seconds, std::move(report.times)};
}

}  // namespace stele::bench

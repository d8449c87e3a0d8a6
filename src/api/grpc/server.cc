// SPDX-License-Identifier: Apache-2.0
#include "api/grpc/server.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include "api/grpc/execution_service.h"
#include "api/grpc/query_services.h"

namespace stele::api {
namespace {

constexpr int message_bytes_max = 8 << 20;
/// An answer may hold params and a result of 4 MiB each, and a little more.
constexpr int answer_bytes_max = 16 << 20;

class RunningServer final : public GrpcServer {
 public:
  explicit RunningServer(Service& service)
      : executions_(service), functions_(service), deployments_(service) {}
  ~RunningServer() override { stop(Duration()); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  Result<void> start(const std::string& address) {
    // What grpc++ would write is in our own errors.
    gpr_set_log_function([](gpr_log_func_args* /*line*/) {});
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.SetMaxReceiveMessageSize(message_bytes_max);
    builder.SetMaxSendMessageSize(answer_bytes_max);
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&executions_);
    builder.RegisterService(&functions_);
    builder.RegisterService(&deployments_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port == 0) {
      return fail(Code::unavailable,
                  fmt::format("cannot listen on {}: another program may use this port; choose "
                              "one with --listen",
                              address),
                  address);
    }
    address_ = address.substr(0, address.rfind(':')) + fmt::format(":{}", port);
    server_->GetHealthCheckService()->SetServingStatus(true);
    return {};
  }

  const std::string& address() const override { return address_; }

  void set_draining() override {
    if (server_ != nullptr) server_->GetHealthCheckService()->SetServingStatus(false);
  }

  void stop(Duration grace) override {
    if (server_ == nullptr) return;
    server_->Shutdown(
        gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_micros(grace.us, GPR_TIMESPAN)));
    server_->Wait();
    server_.reset();
  }

 private:
  GrpcExecutionService executions_;
  GrpcFunctionService functions_;
  GrpcDeploymentService deployments_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace

Result<void> check_loopback(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const std::string_view host = std::string_view(address).substr(0, colon);
  const std::string_view port =
      colon == std::string::npos ? std::string_view() : std::string_view(address).substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string_view::npos;
  if (host.empty() || !digits || std::stoi(std::string(port)) > 65535) {
    return fail(Code::invalid_argument, "expected `host:port`, for instance 127.0.0.1:5005",
                address);
  }
  if (is_loopback(host)) return {};
  return fail(Code::invalid_argument,
              fmt::format("{} can be reached from other machines, and there is no authentication "
                          "yet; listen on 127.0.0.1, [::1] or localhost",
                          host),
              address);
}

Result<std::unique_ptr<GrpcServer>> start_grpc_server(Service& service,
                                                      const std::string& address) {
  TRY(check_loopback(address));
  auto server = std::make_unique<RunningServer>(service);
  TRY(server->start(address));
  return server;
}

}  // namespace stele::api

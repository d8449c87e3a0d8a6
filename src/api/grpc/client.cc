// SPDX-License-Identifier: Apache-2.0
#include "api/grpc/client.h"

#include <grpcpp/grpcpp.h>
#include <stele/v1/deployment.grpc.pb.h>
#include <stele/v1/execution.grpc.pb.h>
#include <stele/v1/function.grpc.pb.h>

#include "api/grpc/client_convert.h"
#include "api/grpc/status.h"

namespace stele::api {
namespace {

constexpr int answer_bytes_max = 16 << 20;
constexpr Duration call_limit = seconds(30);
constexpr Duration replay_limit = seconds(600);

using Executions = v1::ExecutionService::Stub;

class GrpcClient final : public cli::ApiClient {
 public:
  GrpcClient(std::string address, const std::shared_ptr<grpc::Channel>& channel)
      : address_(std::move(address)),
        executions_(v1::ExecutionService::NewStub(channel)),
        functions_(v1::FunctionService::NewStub(channel)),
        deployments_(v1::DeploymentService::NewStub(channel)) {}

  Result<cli::SubmitAnswer> submit(const cli::Submission& submission) override {
    v1::SubmitRequest request;
    request.set_execution_id(submission.id);
    request.set_ffqn(submission.ffqn);
    request.set_params_json(submission.params);
    request.set_requester(submission.requester);
    request.set_paused(submission.paused);
    const std::int64_t end = now_ms() + call_limit.us / 1'000;
    for (;;) {
      std::optional<Duration> retry_after;
      const auto response = call<v1::SubmitResponse>(executions_.get(), &Executions::Submit,
                                                     request, {call_limit, &retry_after});
      if (response) return cli::SubmitAnswer{response->execution_id(), response->repeated()};
      const bool full = response.error().code == Code::resource_exhausted && retry_after;
      if (!full || now_ms() + retry_after->us / 1'000 >= end)
        return std::unexpected(response.error());
      gpr_sleep_until(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                   gpr_time_from_micros(retry_after->us, GPR_TIMESPAN)));
    }
  }

  Result<cli::Execution> get(const std::string& id) override {
    v1::GetRequest request;
    request.set_execution_id(id);
    const auto response = TRY(call<v1::GetResponse>(&Executions::Get, request));
    return from_message(response.execution());
  }

  Result<cli::ExecutionPage> list(const cli::ListQuery& query) override {
    v1::ListRequest request;
    request.set_ffqn_prefix(query.ffqn_prefix);
    request.set_execution_id_prefix(query.id_prefix);
    request.set_show_derived(query.derived);
    request.set_hide_finished(query.hide_finished);
    request.set_limit(query.limit);
    request.set_cursor(query.cursor);
    request.set_open_values(query.open_values);
    const auto response = TRY(call<v1::ListResponse>(&Executions::List, request));
    cli::ExecutionPage page{{}, response.next_cursor()};
    for (const auto& each : response.executions()) page.executions.push_back(from_message(each));
    return page;
  }

  Result<cli::ItemPage> events(const cli::PageQuery& query) override {
    v1::ListEventsRequest request;
    request.set_execution_id(query.id);
    request.set_from_version(static_cast<std::uint32_t>(query.from));
    request.set_limit(query.limit);
    const auto response = TRY(call<v1::ListEventsResponse>(&Executions::ListEvents, request));
    cli::ItemPage page{{}, response.more(), response.next_version()};
    for (const auto& each : response.events()) page.items.push_back(from_message(each));
    return page;
  }

  Result<cli::ItemPage> responses(const cli::PageQuery& query) override {
    v1::ListResponsesRequest request;
    request.set_execution_id(query.id);
    request.set_from_seq(static_cast<std::uint32_t>(query.from));
    request.set_limit(query.limit);
    const auto response = TRY(call<v1::ListResponsesResponse>(&Executions::ListResponses, request));
    cli::ItemPage page{{}, response.more(), response.next_seq()};
    for (const auto& each : response.responses()) page.items.push_back(from_message(each));
    return page;
  }

  Result<cli::LogPage> logs(const cli::PageQuery& query) override {
    v1::ListLogsRequest request;
    request.set_execution_id(query.id);
    request.set_after(query.from);
    request.set_limit(query.limit);
    const auto response = TRY(call<v1::ListLogsResponse>(&Executions::ListLogs, request));
    cli::LogPage page{{}, response.next_cursor()};
    for (const auto& each : response.lines()) page.lines.push_back(from_message(each));
    return page;
  }

  Result<void> cancel(const cli::Control& control) override {
    return is_delay(control)
               ? delay_control<v1::CancelDelayRequest, v1::CancelDelayResponse>(
                     &Executions::CancelDelay, control)
               : control_call<v1::CancelRequest, v1::CancelResponse>(&Executions::Cancel, control);
  }

  Result<void> pause(const cli::Control& control) override {
    return is_delay(control)
               ? delay_control<v1::PauseDelayRequest, v1::PauseDelayResponse>(
                     &Executions::PauseDelay, control)
               : control_call<v1::PauseRequest, v1::PauseResponse>(&Executions::Pause, control);
  }

  Result<void> unpause(const cli::Control& control) override {
    return is_delay(control) ? delay_control<v1::UnpauseDelayRequest, v1::UnpauseDelayResponse>(
                                   &Executions::UnpauseDelay, control)
                             : control_call<v1::UnpauseRequest, v1::UnpauseResponse>(
                                   &Executions::Unpause, control);
  }

  Result<bool> stub(const cli::Control& control, const std::string& value) override {
    auto request = controlled<v1::CompleteStubRequest>(control);
    request.set_execution_id(control.id);
    request.set_result_json(value);
    return TRY(call<v1::CompleteStubResponse>(&Executions::CompleteStub, request))
    .repeated();
  }

  Result<cli::UpgradeAnswer> upgrade(const cli::Control& control, bool skip_check) override {
    auto request = controlled<v1::UpgradeRequest>(control);
    request.set_execution_id(control.id);
    request.set_skip_determinism_check(skip_check);
    const auto response =
        TRY(call<v1::UpgradeResponse>(&Executions::Upgrade, request, replay_limit));
    return cli::UpgradeAnswer{response.changed(), response.component_digest()};
  }

  Result<cli::ReplayAnswer> replay(const std::string& id) override {
    v1::ReplayRequest request;
    request.set_execution_id(id);
    return from_message(TRY(call<v1::ReplayResponse>(&Executions::Replay, request, replay_limit)));
  }

  Result<std::uint32_t> advance(const cli::Advance& advance) override {
    auto request = controlled<v1::AdvanceRequest>(advance.by);
    request.set_execution_id(advance.by.id);
    request.set_version(advance.version);
    request.set_writes_max(advance.writes_max);
    request.set_pause_executions(advance.pause_executions);
    request.set_pause_delays(advance.pause_delays);
    request.set_force(advance.force);
    return TRY(call<v1::AdvanceResponse>(&Executions::Advance, request, replay_limit))
    .written();
  }

  Result<std::uint32_t> persist_backtraces(const std::string& id) override {
    v1::PersistBacktracesRequest request;
    request.set_execution_id(id);
    return TRY(
        call<v1::PersistBacktracesResponse>(&Executions::PersistBacktraces, request, replay_limit))
    .count();
  }

  Result<cli::Backtrace> backtrace(const std::string& id, const std::string& version) override {
    v1::GetBacktraceRequest request;
    request.set_execution_id(id);
    request.set_version(version);
    const auto response = TRY(call<v1::GetBacktraceResponse>(&Executions::GetBacktrace, request));
    return cli::Backtrace{response.version_min_including(), response.version_max_excluding(),
                          response.wasm_backtrace_json()};
  }

  Result<std::string> source(const std::string& id, const std::string& file) override {
    v1::GetBacktraceSourceRequest request;
    request.set_execution_id(id);
    request.set_file(file);
    return TRY(call<v1::GetBacktraceSourceResponse>(&Executions::GetBacktraceSource, request))
    .text();
  }

  Result<void> follow(const std::string& id, std::uint32_t position,
                      const std::function<void(const cli::Update&)>& take) override {
    v1::FollowRequest request;
    request.set_execution_id(id);
    request.set_from_position(position);
    grpc::ClientContext context;
    const auto reader = executions_->Follow(&context, request);
    v1::FollowResponse response;
    while (reader->Read(&response)) take(from_message(response));
    const grpc::Status status = reader->Finish();
    if (status.ok()) return {};
    return std::unexpected(to_error(status, context, address_));
  }

  Result<std::vector<cli::FunctionInfo>> functions(const std::string& prefix) override {
    v1::ListFunctionsRequest request;
    request.set_ffqn_prefix(prefix);
    const auto response = TRY(call<v1::ListFunctionsResponse>(
        functions_.get(), &v1::FunctionService::Stub::List, request, {call_limit}));
    std::vector<cli::FunctionInfo> functions;
    for (const auto& each : response.functions()) functions.push_back(from_message(each));
    return functions;
  }

  Result<std::map<std::string, std::uint64_t>> counters() override {
    const auto response = TRY(
        call<v1::GetCountersResponse>(deployments_.get(), &v1::DeploymentService::Stub::GetCounters,
                                      v1::GetCountersRequest(), {call_limit}));
    return std::map<std::string, std::uint64_t>(response.counters().begin(),
                                                response.counters().end());
  }

 private:
  template <typename Response, typename Stub, typename Request>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  struct CallOptions {
    Duration limit;
    std::optional<Duration>* retry_after = nullptr;  ///< what the server says, is put there
  };

  static std::int64_t now_ms() {
    return gpr_time_to_millis(gpr_convert_clock_type(gpr_now(GPR_CLOCK_MONOTONIC), GPR_TIMESPAN));
  }

  template <typename Response, typename Stub, typename Request>
  Result<Response> call(Stub* stub, Method<Response, Stub, Request> method, const Request& request,
                        CallOptions options) {
    grpc::ClientContext context;
    context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_REALTIME),
                                      gpr_time_from_micros(options.limit.us, GPR_TIMESPAN)));
    Response response;
    const grpc::Status status = (stub->*method)(&context, request, &response);
    if (status.ok()) return response;
    if (options.retry_after != nullptr) *options.retry_after = retry_after_of(context);
    return std::unexpected(to_error(status, context, address_));
  }

  static bool is_delay(const cli::Control& control) { return control.id.starts_with("Delay_"); }

  template <typename Request>
  static Request controlled(const cli::Control& control) {
    Request request;
    request.set_requester(control.requester);
    request.set_reason(control.reason);
    return request;
  }
  template <typename Request, typename Response>
  Result<void> control_call(Method<Response, Executions, Request> method,
                            const cli::Control& control) {
    auto request = controlled<Request>(control);
    request.set_execution_id(control.id);
    TRY(call<Response>(method, request));
    return {};
  }
  template <typename Request, typename Response>
  Result<void> delay_control(Method<Response, Executions, Request> method,
                             const cli::Control& control) {
    auto request = controlled<Request>(control);
    request.set_delay_id(control.id);
    TRY(call<Response>(method, request));
    return {};
  }

  template <typename Response, typename Request>
  Result<Response> call(Method<Response, Executions, Request> method, const Request& request,
                        Duration limit = call_limit) {
    return call<Response>(executions_.get(), method, request, {limit});
  }

  const std::string address_;
  const std::unique_ptr<Executions> executions_;
  const std::unique_ptr<v1::FunctionService::Stub> functions_;
  const std::unique_ptr<v1::DeploymentService::Stub> deployments_;
};

}  // namespace

Result<std::unique_ptr<cli::ApiClient>> connect_grpc(const std::string& address) {
  if (address.find(':') == std::string::npos) {
    return fail(Code::invalid_argument, "expected `host:port`, for instance 127.0.0.1:5005",
                address);
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(answer_bytes_max);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto channel =
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  return std::make_unique<GrpcClient>(address, channel);
}

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
// The calls that change an execution or run its code again.
#include "api/grpc/answer.h"
#include "api/grpc/convert.h"
#include "api/grpc/execution_service.h"
#include "api/json_text.h"

namespace stele::api {
namespace {

template <typename Request>
core::Requester requester_of(const Request& request) {
  return {request.requester(), request.reason()};
}

}  // namespace

Reactor* GrpcExecutionService::Cancel(Context* context, const v1::CancelRequest* request,
                                      v1::CancelResponse* /*response*/) {
  Reactor* reactor = context->DefaultReactor();
  service_.cancel(request->execution_id(), requester_of(*request),
                  finish_later<void>(*context, reactor, [](const Result<void>&) {}));
  return reactor;
}

Reactor* GrpcExecutionService::Pause(Context* context, const v1::PauseRequest* request,
                                     v1::PauseResponse* /*response*/) {
  Reactor* reactor = context->DefaultReactor();
  service_.pause(request->execution_id(), requester_of(*request),
                 finish_later<void>(*context, reactor, [](const Result<void>&) {}));
  return reactor;
}

Reactor* GrpcExecutionService::Unpause(Context* context, const v1::UnpauseRequest* request,
                                       v1::UnpauseResponse* /*response*/) {
  Reactor* reactor = context->DefaultReactor();
  service_.unpause(request->execution_id(), requester_of(*request),
                   finish_later<void>(*context, reactor, [](const Result<void>&) {}));
  return reactor;
}

Reactor* GrpcExecutionService::CancelDelay(Context* context, const v1::CancelDelayRequest* request,
                                           v1::CancelDelayResponse* /*response*/) {
  Reactor* reactor = context->DefaultReactor();
  service_.cancel_delay(request->delay_id(), requester_of(*request),
                        finish_later<void>(*context, reactor, [](const Result<void>&) {}));
  return reactor;
}

Reactor* GrpcExecutionService::PauseDelay(Context* context, const v1::PauseDelayRequest* request,
                                          v1::PauseDelayResponse* /*response*/) {
  Reactor* reactor = context->DefaultReactor();
  service_.pause_delay(request->delay_id(), true, requester_of(*request),
                       finish_later<void>(*context, reactor, [](const Result<void>&) {}));
  return reactor;
}

Reactor* GrpcExecutionService::UnpauseDelay(Context* context,
                                            const v1::UnpauseDelayRequest* request,
                                            v1::UnpauseDelayResponse* /*response*/) {
  Reactor* reactor = context->DefaultReactor();
  service_.pause_delay(request->delay_id(), false, requester_of(*request),
                       finish_later<void>(*context, reactor, [](const Result<void>&) {}));
  return reactor;
}

Reactor* GrpcExecutionService::CompleteStub(Context* context,
                                            const v1::CompleteStubRequest* request,
                                            v1::CompleteStubResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  const auto fill_response = [response](const Result<bool>& repeated) {
    response->set_repeated(*repeated);
  };
  service_.stub(request->execution_id(), request->result_json(), requester_of(*request),
                finish_later<bool>(*context, reactor, fill_response));
  return reactor;
}

Reactor* GrpcExecutionService::Upgrade(Context* context, const v1::UpgradeRequest* request,
                                       v1::UpgradeResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  const auto fill_response = [response](const Result<runtime::UpgradeReport>& report) {
    response->set_changed(report->changed);
    response->set_component_digest(report->digest);
  };
  service_.upgrade(request->execution_id(), request->skip_determinism_check(),
                   requester_of(*request),
                   finish_later<runtime::UpgradeReport>(*context, reactor, fill_response));
  return reactor;
}

Reactor* GrpcExecutionService::Replay(Context* context, const v1::ReplayRequest* request,
                                      v1::ReplayResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  const auto fill_response = [response](const Result<ReplayView>& report) {
    fill(*response, *report);
  };
  service_.replay(request->execution_id(),
                  finish_later<ReplayView>(*context, reactor, fill_response));
  return reactor;
}

Reactor* GrpcExecutionService::Advance(Context* context, const v1::AdvanceRequest* request,
                                       v1::AdvanceResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  runtime::AdvanceRequest advance;
  advance.version = request->version();
  if (request->writes_max() > 0) advance.writes_max = request->writes_max();
  advance.pause_children = request->pause_executions();
  advance.pause_delays = request->pause_delays();
  advance.force = request->force();
  advance.backtraces = !request->skip_backtraces();
  advance.by = requester_of(*request);
  const auto fill_response = [response](const Result<runtime::AdvanceReport>& report) {
    response->set_written(report->written);
  };
  service_.advance(request->execution_id(), std::move(advance),
                   finish_later<runtime::AdvanceReport>(*context, reactor, fill_response));
  return reactor;
}

Reactor* GrpcExecutionService::PersistBacktraces(Context* context,
                                                 const v1::PersistBacktracesRequest* request,
                                                 v1::PersistBacktracesResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  const auto fill_response = [response](const Result<std::uint32_t>& count) {
    response->set_count(*count);
  };
  service_.persist_backtraces(request->execution_id(),
                              finish_later<std::uint32_t>(*context, reactor, fill_response));
  return reactor;
}

Reactor* GrpcExecutionService::GetBacktrace(Context* context,
                                            const v1::GetBacktraceRequest* request,
                                            v1::GetBacktraceResponse* response) {
  return finish(*context, service_.backtrace(request->execution_id(), request->version()),
                [&](const BacktraceRow& row) {
                  response->set_version_min_including(row.version_min);
                  response->set_version_max_excluding(row.version_max);
                  response->set_wasm_backtrace_json(row.frames);
                });
}

Reactor* GrpcExecutionService::GetBacktraceSource(Context* context,
                                                  const v1::GetBacktraceSourceRequest* request,
                                                  v1::GetBacktraceSourceResponse* response) {
  return finish(*context, service_.source(request->execution_id(), request->file()),
                [&](const std::string& text) { response->set_text(valid_utf8(text)); });
}

}  // namespace stele::api

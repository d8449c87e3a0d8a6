// SPDX-License-Identifier: Apache-2.0
#include "api/grpc/execution_service.h"

#include "api/grpc/answer.h"
#include "api/grpc/convert.h"
#include "api/grpc/follow_reactor.h"
#include "api/grpc/status.h"
#include "api/grpc/wait_reactor.h"

namespace stele::api {
namespace {

SubmitInput submit_input(const v1::SubmitRequest& request) {
  return {.id = request.execution_id(),
          .ffqn = request.ffqn(),
          .params = request.params_json(),
          .requester = request.requester(),
          .paused = request.paused()};
}

}  // namespace

Reactor* GrpcExecutionService::GenerateExecutionId(
    Context* context, const v1::GenerateExecutionIdRequest* /*request*/,
    v1::GenerateExecutionIdResponse* response) {
  response->set_execution_id(service_.generate_id());
  Reactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

Reactor* GrpcExecutionService::Submit(Context* context, const v1::SubmitRequest* request,
                                      v1::SubmitResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  const auto done = [this, context, reactor, response](const Result<runtime::Submitted>& answer) {
    if (!answer)
      return reactor->Finish(answer_refusal(*context, answer.error(), service_.retry_after()));
    response->set_execution_id(to_text(answer->id));
    response->set_repeated(answer->repeated);
    reactor->Finish(grpc::Status::OK);
  };
  service_.submit(submit_input(*request), done);
  return reactor;
}

Reactor* GrpcExecutionService::Run(Context* context, const v1::SubmitRequest* request,
                                   v1::WaitResponse* response) {
  return start_run(service_, *context, submit_input(*request), *response);
}

Reactor* GrpcExecutionService::Get(Context* context, const v1::GetRequest* request,
                                   v1::GetResponse* response) {
  return finish(
      *context, service_.get(request->execution_id()),
      [&](const ExecutionDetail& detail) { fill(*response->mutable_execution(), detail); });
}

Reactor* GrpcExecutionService::List(Context* context, const v1::ListRequest* request,
                                    v1::ListResponse* response) {
  const ListInput input{.ffqn_prefix = request->ffqn_prefix(),
                        .id_prefix = request->execution_id_prefix(),
                        .derived = request->show_derived(),
                        .hide_finished = request->hide_finished(),
                        .limit = request->limit(),
                        .cursor = request->cursor(),
                        .open_values = request->open_values()};
  return finish(*context, service_.list(input), [&](const ExecutionPage& page) {
    for (const ExecutionDetail& each : page.executions) fill(*response->add_executions(), each);
    response->set_next_cursor(page.next_cursor);
  });
}

Reactor* GrpcExecutionService::ListEvents(Context* context, const v1::ListEventsRequest* request,
                                          v1::ListEventsResponse* response) {
  const auto page =
      service_.events(request->execution_id(), request->from_version(), request->limit());
  return finish(*context, page, [&](const EventPage& events) {
    for (const EventView& each : events.events) fill(*response->add_events(), each);
    response->set_more(events.more);
    response->set_next_version(events.next_version);
  });
}

Reactor* GrpcExecutionService::ListResponses(Context* context,
                                             const v1::ListResponsesRequest* request,
                                             v1::ListResponsesResponse* response) {
  const auto page =
      service_.responses(request->execution_id(), request->from_seq(), request->limit());
  return finish(*context, page, [&](const ResponsePage& responses) {
    for (const ResponseView& each : responses.responses) fill(*response->add_responses(), each);
    response->set_more(responses.more);
    response->set_next_seq(responses.next_seq);
  });
}

Reactor* GrpcExecutionService::ListLogs(Context* context, const v1::ListLogsRequest* request,
                                        v1::ListLogsResponse* response) {
  const auto page = service_.logs(request->execution_id(), request->after(), request->limit());
  return finish(*context, page, [&](const LogPage& logs) {
    for (const LogRow& each : logs.rows) fill(*response->add_lines(), each);
    response->set_next_cursor(logs.next);
  });
}

Reactor* GrpcExecutionService::Wait(Context* context, const v1::WaitRequest* request,
                                    v1::WaitResponse* response) {
  auto id = parse_execution_id(request->execution_id());
  if (!id) {
    Reactor* reactor = context->DefaultReactor();
    reactor->Finish(answer_error(*context, id.error()));
    return reactor;
  }
  return start_wait(service_, *context, *id, *response);
}

grpc::ServerWriteReactor<v1::FollowResponse>* GrpcExecutionService::Follow(
    Context* context, const v1::FollowRequest* request) {
  return start_follow(service_, *context, *request);
}

}  // namespace stele::api

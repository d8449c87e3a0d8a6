// SPDX-License-Identifier: Apache-2.0
// Owns: the calls of stele.v1.ExecutionService on grpc++'s callback API.
// Life cycle: as the server. Thread: grpc++'s. Must hold: Submit, Cancel, Replay, Wait and Follow
// hold
//   no thread while they wait; reads run on grpc++'s threads.
#pragma once

#include <stele/v1/execution.grpc.pb.h>

#include "api/service.h"

namespace stele::api {

class GrpcExecutionService final : public v1::ExecutionService::CallbackService {
 public:
  explicit GrpcExecutionService(api::Service& service) : service_(service) {}

  grpc::ServerUnaryReactor* GenerateExecutionId(grpc::CallbackServerContext* context,
                                                const v1::GenerateExecutionIdRequest* request,
                                                v1::GenerateExecutionIdResponse* response) override;
  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context,
                                   const v1::SubmitRequest* request,
                                   v1::SubmitResponse* response) override;
  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context, const v1::GetRequest* request,
                                v1::GetResponse* response) override;
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context,
                                 const v1::ListRequest* request,
                                 v1::ListResponse* response) override;
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const v1::ListEventsRequest* request,
                                       v1::ListEventsResponse* response) override;
  grpc::ServerUnaryReactor* ListResponses(grpc::CallbackServerContext* context,
                                          const v1::ListResponsesRequest* request,
                                          v1::ListResponsesResponse* response) override;
  grpc::ServerUnaryReactor* ListLogs(grpc::CallbackServerContext* context,
                                     const v1::ListLogsRequest* request,
                                     v1::ListLogsResponse* response) override;
  grpc::ServerUnaryReactor* Cancel(grpc::CallbackServerContext* context,
                                   const v1::CancelRequest* request,
                                   v1::CancelResponse* response) override;
  grpc::ServerUnaryReactor* Replay(grpc::CallbackServerContext* context,
                                   const v1::ReplayRequest* request,
                                   v1::ReplayResponse* response) override;
  grpc::ServerUnaryReactor* Wait(grpc::CallbackServerContext* context,
                                 const v1::WaitRequest* request,
                                 v1::WaitResponse* response) override;
  grpc::ServerWriteReactor<v1::FollowResponse>* Follow(grpc::CallbackServerContext* context,
                                                       const v1::FollowRequest* request) override;

 private:
  api::Service& service_;
};

}  // namespace stele::api

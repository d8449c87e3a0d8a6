// SPDX-License-Identifier: Apache-2.0
// Owns: the calls of stele.v1.ExecutionService on grpc++'s callback API.
// Life cycle: as the server. Thread: grpc++'s. Must hold: calls that wait for the engine hold no
//   thread while they wait; reads run on grpc++'s threads.
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
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context,
                                const v1::SubmitRequest* request,
                                v1::WaitResponse* response) override;
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
  grpc::ServerUnaryReactor* Pause(grpc::CallbackServerContext* context,
                                  const v1::PauseRequest* request,
                                  v1::PauseResponse* response) override;
  grpc::ServerUnaryReactor* Unpause(grpc::CallbackServerContext* context,
                                    const v1::UnpauseRequest* request,
                                    v1::UnpauseResponse* response) override;
  grpc::ServerUnaryReactor* CancelDelay(grpc::CallbackServerContext* context,
                                        const v1::CancelDelayRequest* request,
                                        v1::CancelDelayResponse* response) override;
  grpc::ServerUnaryReactor* PauseDelay(grpc::CallbackServerContext* context,
                                       const v1::PauseDelayRequest* request,
                                       v1::PauseDelayResponse* response) override;
  grpc::ServerUnaryReactor* UnpauseDelay(grpc::CallbackServerContext* context,
                                         const v1::UnpauseDelayRequest* request,
                                         v1::UnpauseDelayResponse* response) override;
  grpc::ServerUnaryReactor* CompleteStub(grpc::CallbackServerContext* context,
                                         const v1::CompleteStubRequest* request,
                                         v1::CompleteStubResponse* response) override;
  grpc::ServerUnaryReactor* Advance(grpc::CallbackServerContext* context,
                                    const v1::AdvanceRequest* request,
                                    v1::AdvanceResponse* response) override;
  grpc::ServerUnaryReactor* Upgrade(grpc::CallbackServerContext* context,
                                    const v1::UpgradeRequest* request,
                                    v1::UpgradeResponse* response) override;
  grpc::ServerUnaryReactor* PersistBacktraces(grpc::CallbackServerContext* context,
                                              const v1::PersistBacktracesRequest* request,
                                              v1::PersistBacktracesResponse* response) override;
  grpc::ServerUnaryReactor* GetBacktrace(grpc::CallbackServerContext* context,
                                         const v1::GetBacktraceRequest* request,
                                         v1::GetBacktraceResponse* response) override;
  grpc::ServerUnaryReactor* GetBacktraceSource(grpc::CallbackServerContext* context,
                                               const v1::GetBacktraceSourceRequest* request,
                                               v1::GetBacktraceSourceResponse* response) override;
  grpc::ServerUnaryReactor* Wait(grpc::CallbackServerContext* context,
                                 const v1::WaitRequest* request,
                                 v1::WaitResponse* response) override;
  grpc::ServerWriteReactor<v1::FollowResponse>* Follow(grpc::CallbackServerContext* context,
                                                       const v1::FollowRequest* request) override;

 private:
  api::Service& service_;
};

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
// Owns: the calls of stele.v1.FunctionService and DeploymentService. Life cycle: as the server.
// Thread: grpc++'s. Must hold: nothing waits.
#pragma once

#include <stele/v1/deployment.grpc.pb.h>
#include <stele/v1/function.grpc.pb.h>

#include "api/service.h"

namespace stele::api {

class GrpcFunctionService final : public v1::FunctionService::CallbackService {
 public:
  explicit GrpcFunctionService(api::Service& service) : service_(service) {}
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context,
                                 const v1::ListFunctionsRequest* request,
                                 v1::ListFunctionsResponse* response) override;

 private:
  api::Service& service_;
};

class GrpcDeploymentService final : public v1::DeploymentService::CallbackService {
 public:
  explicit GrpcDeploymentService(api::Service& service) : service_(service) {}
  grpc::ServerUnaryReactor* GetActive(grpc::CallbackServerContext* context,
                                      const v1::GetActiveDeploymentRequest* request,
                                      v1::GetActiveDeploymentResponse* response) override;
  grpc::ServerUnaryReactor* GetCounters(grpc::CallbackServerContext* context,
                                        const v1::GetCountersRequest* request,
                                        v1::GetCountersResponse* response) override;

 private:
  api::Service& service_;
};

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
#include "api/grpc/query_services.h"

#include "api/grpc/convert.h"
#include "api/grpc/status.h"

namespace stele::api {

grpc::ServerUnaryReactor* GrpcFunctionService::List(grpc::CallbackServerContext* context,
                                                    const v1::ListFunctionsRequest* request,
                                                    v1::ListFunctionsResponse* response) {
  for (const FunctionView& each : service_.functions(request->ffqn_prefix())) {
    fill(*response->add_functions(), each);
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* GrpcDeploymentService::GetActive(
    grpc::CallbackServerContext* context, const v1::GetActiveDeploymentRequest* /*request*/,
    v1::GetActiveDeploymentResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (service_.deployment().id) {
    fill(*response, service_.deployment());
    reactor->Finish(grpc::Status::OK);
  } else {
    reactor->Finish(to_status(error(Code::not_found, "no deployment is active")));
  }
  return reactor;
}

grpc::ServerUnaryReactor* GrpcDeploymentService::GetCounters(
    grpc::CallbackServerContext* context, const v1::GetCountersRequest* /*request*/,
    v1::GetCountersResponse* response) {
  for (const auto& [name, value] : service_.counters()) {
    (*response->mutable_counters())[name] = value;
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace stele::api

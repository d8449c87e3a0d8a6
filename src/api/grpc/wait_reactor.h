// SPDX-License-Identifier: Apache-2.0
// Owns: a call of Wait or Run. Life cycle: deletes itself when the call is over. Thread: grpc++'s
// and the
//   engine's. Must hold: exactly one side finishes the call, the engine's answer or the client's
//   leaving.
#pragma once

#include <grpcpp/grpcpp.h>
#include <stele/v1/execution.pb.h>

#include "api/service.h"

namespace stele::api {

grpc::ServerUnaryReactor* start_run(Service& service, grpc::CallbackServerContext& context,
                                    SubmitInput input, v1::WaitResponse& response);
grpc::ServerUnaryReactor* start_wait(Service& service, grpc::CallbackServerContext& context,
                                     const ExecutionId& id, v1::WaitResponse& response);

}  // namespace stele::api

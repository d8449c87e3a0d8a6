// SPDX-License-Identifier: Apache-2.0
// Owns: a call of Follow. Life cycle: deletes itself when the call is over. Thread: grpc++'s; the
//   engine's threads only hand over to them. Must hold: one write at a time; history is read as
//   fast as the client takes it; a client that has gone leaves nothing behind.
#pragma once

#include <grpcpp/grpcpp.h>
#include <stele/v1/execution.pb.h>

#include "api/service.h"

namespace stele::api {

grpc::ServerWriteReactor<v1::FollowResponse>* start_follow(Service& service,
                                                           grpc::CallbackServerContext& context,
                                                           const v1::FollowRequest& request);

}  // namespace stele::api

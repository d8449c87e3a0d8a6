// SPDX-License-Identifier: Apache-2.0
// Owns: how a call of one answer ends. Life cycle: one call. Thread: grpc++'s and the engine's.
// Must hold: each call is finished once; `fill` sees only what succeeded.
#pragma once

#include <grpcpp/grpcpp.h>

#include "api/grpc/status.h"
#include "runtime/engine.h"

namespace stele::api {

using Context = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;

/// Ends a call whose answer is known already.
template <typename T, typename Fill>
Reactor* finish(Context& context, const Result<T>& result, Fill fill_response) {
  Reactor* reactor = context.DefaultReactor();
  if (result) {
    fill_response(*result);
    reactor->Finish(grpc::Status::OK);
  } else {
    reactor->Finish(answer_error(context, result.error()));
  }
  return reactor;
}

/// Ends a call when the engine answers. `reactor` is the context's, which may be asked for only
/// once.
template <typename T, typename Fill>
runtime::Done<T> finish_later(Context& context, Reactor* reactor, Fill fill_response) {
  return [&context, reactor, fill_response](Result<T> result) {
    if (!result) return reactor->Finish(answer_error(context, result.error()));
    fill_response(result);
    reactor->Finish(grpc::Status::OK);
  };
}

}  // namespace stele::api

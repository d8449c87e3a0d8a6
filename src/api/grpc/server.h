// SPDX-License-Identifier: Apache-2.0
// Owns: the gRPC server: its port, its health state and its calls.
// Life cycle: started with a service that outlives it; stop() ends every call, then it may go.
// Thread: any; grpc++ owns the threads. Must hold: no call that waits holds a thread.
#pragma once

#include <memory>
#include <string>

#include "api/service.h"
#include "base/result.h"
#include "base/time.h"

namespace stele::api {

class GrpcServer {
 public:
  virtual ~GrpcServer() = default;
  /// `host:port` with the port that is in use.
  virtual const std::string& address() const = 0;
  /// Tells health checks that no new work is wanted.
  virtual void set_draining() = 0;
  /// Refuses new calls; ends what runs after `grace`. Returns when no call is left.
  virtual void stop(Duration grace) = 0;
};

/// Listens on `address` (`127.0.0.1:5005`, `[::1]:0`, `localhost:5005`; port 0 picks one).
/// Errors: invalid_argument (no address, or not of this machine only), unavailable (port in use).
Result<std::unique_ptr<GrpcServer>> start_grpc_server(Service& service, const std::string& address);

/// `host:port` split and checked: only loopback. Errors: invalid_argument.
Result<void> check_loopback(const std::string& address);

}  // namespace stele::api

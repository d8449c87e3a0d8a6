// SPDX-License-Identifier: Apache-2.0
// Messages of stele.v1 as a client or a server may send them: each call of the services over an
// engine that is played, and each answer as the command line reads it.
#include <grpcpp/test/default_reactor_test_peer.h>

#include <array>

#include "api/fake_engine_for_test.h"
#include "api/grpc/client_convert.h"
#include "api/grpc/execution_service.h"
#include "api/grpc/query_services.h"
#include "fuzz/fuzz.h"

namespace stele::api {
namespace {

/// A server with one execution that has a history.
struct Server {
  Server() {
    const ExecutionId id{Ulid{1, 1}, ""};
    engine.rows[id].row.id = id;
    engine.rows[id].row.key = ExecutionKey{1};
    engine.rows[id].ffqn = "demo:a/b.c";
    const JoinSetOrdinal set{0};
    engine.append(JoinSetCreate{set, JoinSetKind::named, "set"});
    engine.append(ChildRequest{set, 1, ExecutionKey{2}, FunctionId{1}, {}, {}});
    engine.append(DelayRequest{set, 1, {}, Instant{5}});
    engine.append(DelayResponse{1, set, 1, false});
    engine.append(JoinNext{set, FunctionId{1}, false, 1});
    engine.append(Control{Control::Kind::paused, "ada \xff", "because"});
    engine.append(Schedule{ExecutionKey{3}, Ulid{2, 2}, FunctionId{1}, {}, {}, Instant{7}, {}});
    engine.captured = engine.entries;
  }

  FakeEngine engine;
  Service service{{engine, {}, [] { return Ulid{9, 9}; }}};
  GrpcExecutionService executions{service};
  GrpcFunctionService functions{service};
  GrpcDeploymentService deployments{service};
};

/// What is sent must be readable on the other side.
template <typename Message>
void check_readable(const Message& message) {
  Message again;
  CHECK(again.ParseFromString(message.SerializeAsString()));
}

template <typename Handlers, typename Request, typename Response>
void call(Handlers& handlers,
          grpc::ServerUnaryReactor* (Handlers::*method)(grpc::CallbackServerContext*,
                                                        const Request*, Response*),
          std::string_view bytes) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  grpc::CallbackServerContext context;
  grpc::testing::DefaultReactorTestPeer peer(&context);
  Response response;
  (handlers.*method)(&context, &request, &response);
  CHECK(peer.test_status_set());
  const grpc::Status status = peer.test_status();
  CHECK(status.ok() || !status.error_message().empty());
  CHECK(status.error_code() != grpc::StatusCode::INTERNAL);
  check_readable(response);
}

template <auto method>
void execution(Server& server, std::string_view bytes) {
  call(server.executions, method, bytes);
}

/// Follow needs a stream; this is what it reads and sends.
void follow(Server& server, std::string_view bytes) {
  v1::FollowRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const auto id = parse_execution_id(request.execution_id());
  if (!id) return;
  const auto step = server.service.follow(*id, {request.from_position(), false});
  CHECK(step || !step.error().reason.empty());
}

template <typename Message>
void answer(Server& /*server*/, std::string_view bytes) {
  Message message;
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) from_message(message);
}

using Case = void (*)(Server&, std::string_view);
using Calls = GrpcExecutionService;
constexpr std::array<Case, 32> cases{
    execution<&Calls::GenerateExecutionId>,
    execution<&Calls::Submit>,
    execution<&Calls::Get>,
    execution<&Calls::List>,
    execution<&Calls::ListEvents>,
    execution<&Calls::ListResponses>,
    execution<&Calls::ListLogs>,
    execution<&Calls::Cancel>,
    execution<&Calls::Replay>,
    execution<&Calls::Pause>,
    execution<&Calls::Unpause>,
    execution<&Calls::CancelDelay>,
    execution<&Calls::PauseDelay>,
    execution<&Calls::UnpauseDelay>,
    execution<&Calls::CompleteStub>,
    execution<&Calls::Advance>,
    execution<&Calls::Upgrade>,
    execution<&Calls::PersistBacktraces>,
    execution<&Calls::GetBacktrace>,
    execution<&Calls::GetBacktraceSource>,
    follow,
    [](Server& server, std::string_view bytes) {
      call(server.functions, &GrpcFunctionService::List, bytes);
    },
    [](Server& server, std::string_view bytes) {
      call(server.deployments, &GrpcDeploymentService::GetActive, bytes);
    },
    [](Server& server, std::string_view bytes) {
      call(server.deployments, &GrpcDeploymentService::GetCounters, bytes);
    },
    answer<v1::Execution>,
    answer<v1::Event>,
    answer<v1::Response>,
    answer<v1::ReplayResponse>,
    answer<v1::LogLine>,
    answer<v1::Function>,
    answer<v1::FollowResponse>,
    execution<&Calls::Get>,
};

}  // namespace
}  // namespace stele::api

namespace stele {

/// The number of a call, then its request.
void fuzz(std::string_view input) {
  api::Server server;
  fuzz_input::Choices bytes(input);
  api::cases[bytes.below(api::cases.size())](server, bytes.rest());
}

}  // namespace stele

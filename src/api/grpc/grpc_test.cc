// SPDX-License-Identifier: Apache-2.0
// The gRPC server and the client's adapter together, over an engine that the test plays.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <stele/v1/execution.grpc.pb.h>

#include <future>

#include "api/fake_engine_for_test.h"
#include "api/grpc/client.h"
#include "api/grpc/server.h"

namespace stele::api {
namespace {

const ExecutionId execution{Ulid{1, 1}, ""};
const std::string id = to_text(execution);

class GrpcTest : public testing::Test {
 protected:
  GrpcTest() {
    const Lock lock(engine.mutex);
    engine.rows[execution].row.id = execution;
    engine.rows[execution].row.key = ExecutionKey{1};
    engine.rows[execution].ffqn = "demo:a/b.c";
  }
  ~GrpcTest() override { server->stop(Duration()); }

  void finish() { engine.finish(execution, Outcome{OutcomeKind::err, "\"no\"", {}, {}, {}, {}}); }
  void await_waiters(std::size_t count) {
    while (engine.waiting() < count) {
      Lock lock(engine.mutex);
      engine.signal.wait_for(lock, milliseconds(10));
    }
  }

  FakeEngine engine;
  Service service{{engine, {}, [] { return Ulid{9, 9}; }}};
  std::unique_ptr<GrpcServer> server = start_grpc_server(service, "127.0.0.1:0").value();
  std::unique_ptr<cli::ApiClient> client = connect_grpc(server->address()).value();
};

TEST_F(GrpcTest, SubmissionsAndTheirRefusals) {
  cli::Submission submission{id, "demo:a/b.c", "[]", "ada"};
  EXPECT_TRUE(client->submit(submission)->repeated);
  submission = {"", "demo:a/b.x", "[]", "ada"};
  const auto refused = client->submit(submission);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::not_found);
  EXPECT_EQ(refused.error().reason, "no such function; did you mean demo:a/b.c?");
  EXPECT_EQ(refused.error().subject, "demo:a/b.x");
  EXPECT_EQ(client->cancel({id, "ada", "late"}).error().code, Code::failed_precondition);
  EXPECT_EQ(client->get("nonsense").error().code, Code::invalid_argument);
}

TEST_F(GrpcTest, TextThatIsNotUtf8ArrivesMended) {
  engine.append(Control{Control::Kind::paused, "ada \xff", "why \xc5"});
  {
    const Lock lock(engine.mutex);
    engine.rows[execution].row.requester = "bob \xff";
  }
  engine.finish(execution,
                {.kind = OutcomeKind::failure, .reason = "cut \xe2\x82", .detail = "\x80"});
  const auto events = client->events({id, 0, 100});
  ASSERT_TRUE(events) << events.error().reason;
  EXPECT_NE(events->items.at(1).summary.find("ada \ufffd"), std::string::npos)
      << events->items.at(1).summary;
  const auto found = client->get(id);
  ASSERT_TRUE(found) << found.error().reason;
  EXPECT_EQ(found->requester, "bob \ufffd");
  EXPECT_EQ(found->result->failure.reason.substr(0, 4), "cut ");
}

TEST_F(GrpcTest, ReadsArriveWhole) {
  engine.append(Sleep{JoinSetOrdinal{0}, 1, "sleep", {}, Instant{5}});
  engine.append(DelayResponse{1, JoinSetOrdinal{0}, 1, false});
  finish();
  const cli::Execution found = client->get(id).value();
  EXPECT_EQ(found.state, "finished");
  EXPECT_EQ(found.result->kind, cli::ResultKind::err);
  EXPECT_EQ(found.result->json, "\"no\"");
  EXPECT_EQ(client->events({id, 0, 100})->items.size(), 5U);
  EXPECT_EQ(client->responses({id, 0, 100})->items.front().kind, "delay_finished");
  EXPECT_EQ(client->list({})->executions.front().ffqn, "demo:a/b.c");
  EXPECT_EQ(client->logs({id, 0, 10})->lines.front().level, "warn");
  EXPECT_EQ(client->replay(id)->difference, "stored a, asked b");
  EXPECT_EQ(client->counters()->at("steps"), 12U);
  EXPECT_TRUE(client->functions("")->empty());
}

TEST_F(GrpcTest, ControlsArrive) {
  const cli::Control control{id, "ada", "late"};
  EXPECT_TRUE(client->pause(control));
  EXPECT_EQ(client->unpause(control).error().reason, "not paused");
  const std::string delay = delay_id(execution, "n:x", 3);
  EXPECT_TRUE(client->pause({delay, "", ""}));
  EXPECT_TRUE(engine.is_paused(3));
  EXPECT_TRUE(client->unpause({delay, "", ""}));
  EXPECT_FALSE(engine.is_paused(3));
  EXPECT_EQ(client->cancel({delay, "", ""}).error().reason, "over already");
  EXPECT_EQ(client->cancel({"Delay_x", "", ""}).error().code, Code::invalid_argument);
  EXPECT_TRUE(client->stub(control, R"({"ok":1})").value());
  EXPECT_EQ(client->stub(control, "1").error().code, Code::invalid_argument);
  const auto upgraded = client->upgrade(control, true).value();
  EXPECT_TRUE(upgraded.changed);
  EXPECT_EQ(upgraded.digest, "sha256:00");
  cli::Submission submission{"", "demo:a/b.c", "[]", "ada", true};
  const auto submitted = client->submit(submission).value();
  EXPECT_EQ(client->get(submitted.id)->state, "paused");
  cli::ListQuery open;
  open.open_values = true;
  EXPECT_TRUE(client->list(open)->executions.empty());
}

TEST_F(GrpcTest, ReplaysAdvancesAndBacktracesArrive) {
  {
    const Lock lock(engine.mutex);
    engine.captured = {{0, 1, Instant{1}, Persist{}}};
    engine.captured_outcome = Outcome{OutcomeKind::ok, "7", {}, {}, {}, {}};
  }
  const auto replayed = client->replay(id).value();
  EXPECT_EQ(replayed.captured_count, 1U);
  ASSERT_EQ(replayed.captured.size(), 1U);
  EXPECT_EQ(replayed.captured[0].kind, "persist");
  EXPECT_EQ(replayed.captured[0].number, 1U);
  EXPECT_EQ(replayed.version, 1U);
  EXPECT_EQ(replayed.outcome->json, "7");
  cli::Advance advance;
  advance.by = {id, "ada", ""};
  advance.version = 1;
  advance.pause_executions = true;
  EXPECT_EQ(client->advance(advance).value(), UINT32_MAX);
  EXPECT_TRUE(engine.last_advance().pause_children);
  EXPECT_TRUE(engine.last_advance().backtraces);
  EXPECT_EQ(engine.last_advance().by.who, "ada");
  advance.writes_max = 2;
  EXPECT_EQ(client->advance(advance).value(), 2U);
  EXPECT_EQ(client->persist_backtraces(id).value(), 2U);
  const auto found = client->backtrace(id, "5").value();
  EXPECT_EQ(found.version_max, 6U);
  EXPECT_EQ(found.json, R"({"frames":[]})");
  EXPECT_EQ(client->source(id, "a.rs").error().reason, "no such source");
}

TEST_F(GrpcTest, FollowShowsProgressAsItComesAndThenTheEnd) {
  std::vector<std::string> kinds;
  auto following = std::async(std::launch::async, [&] {
    return client->follow(id, 0, [&](const cli::Update& update) {
      kinds.push_back(update.kind == cli::Update::Kind::finished ? "end" : update.item.kind);
    });
  });
  await_waiters(1);
  engine.append(Sleep{JoinSetOrdinal{0}, 1, "sleep", {}, Instant{5}});
  await_waiters(1);
  engine.append(DelayResponse{1, JoinSetOrdinal{0}, 1, false});
  await_waiters(1);
  finish();
  EXPECT_TRUE(following.get());
  EXPECT_EQ(kinds, (std::vector<std::string>{"created", "join_set_create", "join_set_request",
                                             "join_next", "delay_finished", "finished", "end"}));
  const ExecutionId unknown{Ulid{7, 7}, ""};
  const auto missing = client->follow(to_text(unknown), 0, [](const cli::Update&) {});
  EXPECT_EQ(missing.error().code, Code::not_found);
}

class RawWait {
 public:
  explicit RawWait(const std::string& address)
      : stub_(v1::ExecutionService::NewStub(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))) {}
  grpc::Status run(std::int64_t limit_ms) {
    v1::WaitRequest request;
    request.set_execution_id(id);
    grpc::ClientContext context;
    context.set_deadline(
        gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(limit_ms, GPR_TIMESPAN)));
    return stub_->Wait(&context, request, &response);
  }
  v1::WaitResponse response;

 private:
  std::unique_ptr<v1::ExecutionService::Stub> stub_;
};

TEST_F(GrpcTest, WaitAnswersAtTheEndAndLetsGoOfWhoLeft) {
  RawWait impatient(server->address());
  EXPECT_EQ(impatient.run(30).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  RawWait patient(server->address());
  auto waiting = std::async(std::launch::async, [&] { return patient.run(30'000); });
  await_waiters(1);
  finish();
  EXPECT_TRUE(waiting.get().ok());
  EXPECT_EQ(patient.response.execution().result().err_json(), "\"no\"");
}

class RawRun {
 public:
  explicit RawRun(const std::string& address)
      : stub_(v1::ExecutionService::NewStub(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))) {}
  grpc::Status run(const std::string& ffqn, std::int64_t limit_ms = 30'000) {
    v1::SubmitRequest request;
    request.set_ffqn(ffqn);
    request.set_params_json("[]");
    context.set_deadline(
        gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(limit_ms, GPR_TIMESPAN)));
    return stub_->Run(&context, request, &response);
  }
  grpc::ClientContext context;
  v1::WaitResponse response;

 private:
  std::unique_ptr<v1::ExecutionService::Stub> stub_;
};

TEST_F(GrpcTest, RunSubmitsAndAnswersAtTheEnd) {
  const ExecutionId made{Ulid{5, 5}, ""};
  RawRun first(server->address());
  auto waiting = std::async(std::launch::async, [&] { return first.run("demo:a/b.c"); });
  await_waiters(1);
  RawRun impatient(server->address());
  EXPECT_EQ(impatient.run("demo:a/b.c", 30).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  RawRun second(server->address());
  auto repeated = std::async(std::launch::async, [&] { return second.run("demo:a/b.c"); });
  await_waiters(2);
  engine.finish(made, Outcome{OutcomeKind::ok, "7", {}, {}, {}, {}});
  EXPECT_TRUE(waiting.get().ok());
  EXPECT_EQ(first.response.execution().result().ok_json(), "7");
  EXPECT_EQ(first.response.execution().execution_id(), to_text(made));
  EXPECT_FALSE(first.response.repeated());
  EXPECT_TRUE(repeated.get().ok());
  EXPECT_EQ(second.response.execution().result().ok_json(), "7");
  EXPECT_TRUE(second.response.repeated());
  RawRun unknown(server->address());
  EXPECT_EQ(unknown.run("demo:a/b.x").error_code(), grpc::StatusCode::NOT_FOUND);
  RawRun nonsense(server->address());
  EXPECT_EQ(nonsense.run("nonsense").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(GrpcTest, WhoLeavesARunIsForgotten) {
  RawRun impatient(server->address());
  EXPECT_EQ(impatient.run("demo:a/b.c", 30).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  for (;;) {
    Lock lock(engine.mutex);
    if (!engine.left.empty()) break;
    engine.signal.wait_for(lock, milliseconds(10));
  }
  const Lock lock(engine.mutex);
  EXPECT_EQ(engine.left, std::vector<runtime::RunTicket>{7});
}

TEST_F(GrpcTest, WhoIsRefusedIsToldWhenToComeBackAndTheCommandLineDoes) {
  {
    const Lock lock(engine.mutex);
    engine.full = 2;
  }
  RawRun refused(server->address());
  EXPECT_EQ(refused.run("demo:a/b.c").error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto& trailer = refused.context.GetServerTrailingMetadata();
  const auto found = trailer.find("grpc-retry-pushback-ms");
  ASSERT_NE(found, trailer.end());
  EXPECT_EQ(std::string(found->second.data(), found->second.size()), "7");
  const auto submitted = client->submit({"", "demo:a/b.c", "[]", "ada"});
  EXPECT_TRUE(submitted);  // the second time
  const Lock lock(engine.mutex);
  EXPECT_EQ(engine.full, 0U);
}

TEST_F(GrpcTest, StoppingEndsWhatWaits) {
  auto following = std::async(std::launch::async,
                              [&] { return client->follow(id, 0, [](const cli::Update&) {}); });
  await_waiters(1);
  service.hub()->close(error(Code::unavailable, "the server is stopping"));
  server->stop(seconds(1));
  const auto ended = following.get();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::unavailable);
  const auto refused = client->get(id);
  EXPECT_NE(refused.error().reason.find("no server at " + server->address()), std::string::npos);
}

TEST_F(GrpcTest, APortInUseAndForeignAddressesAreRefused) {
  const auto second = start_grpc_server(service, server->address());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  for (const char* address :
       {"0.0.0.0:0", "192.168.1.1:80", "nonsense", "localhost:99999", ":80"}) {
    const auto refused = check_loopback(address);
    ASSERT_FALSE(refused) << address;
    EXPECT_EQ(refused.error().code, Code::invalid_argument);
  }
  for (const char* address : {"127.0.0.1:0", "localhost:80", "[::1]:5005"}) {
    EXPECT_TRUE(check_loopback(address)) << address;
  }
}

}  // namespace
}  // namespace stele::api

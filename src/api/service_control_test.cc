// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/fake_engine_for_test.h"
#include "api/service.h"

namespace stele::api {
namespace {

using nlohmann::json;

const ExecutionId execution{Ulid{1, 1}, ""};
const std::string id = to_text(execution);
const std::string delay = delay_id(execution, "n:wait", 2);

class ServiceControlTest : public testing::Test {
 protected:
  ServiceControlTest() {
    engine.rows[execution].row.id = execution;
    engine.rows[execution].row.key = ExecutionKey{1};
  }

  /// What `call` answers through its Done.
  template <typename T, typename Call>
  static Result<T> answer_of(Call call) {
    std::optional<Result<T>> answer;
    call([&](Result<T> result) { answer = std::move(result); });
    return answer.value();
  }
  Result<bool> stub(const std::string& value) {
    return answer_of<bool>(
        [&](runtime::Done<bool> done) { service.stub(id, value, {}, std::move(done)); });
  }
  Result<ReplayView> replay() {
    return answer_of<ReplayView>(
        [&](runtime::Done<ReplayView> done) { service.replay(id, std::move(done)); });
  }

  FakeEngine engine;
  Service service{{engine, {}, [] { return Ulid{9, 9}; }}};
};

TEST_F(ServiceControlTest, RequestsThatAreNotOfTheFormDoNotReachTheEngine) {
  using Send = void (Service::*)(std::string_view, core::Requester, runtime::Done<void>);
  for (const Send send :
       {&Service::cancel, &Service::pause, &Service::unpause, &Service::cancel_delay}) {
    const auto sent = [&](std::string_view of, core::Requester by) {
      return answer_of<void>(
          [&](runtime::Done<void> done) { (service.*send)(of, std::move(by), std::move(done)); });
    };
    EXPECT_EQ(sent("nonsense", {}).error().code, Code::invalid_argument);
    const std::string_view of = send == &Service::cancel_delay ? delay : id;
    const auto refused = sent(of, {"ada", std::string(256, 'x')});
    EXPECT_EQ(refused.error().reason, "the reason has 256 bytes; at most 255 are accepted");
  }
}

TEST_F(ServiceControlTest, DelaysArePausedByTheirName) {
  const auto pause = [&](bool paused) {
    return answer_of<void>(
        [&](runtime::Done<void> done) { service.pause_delay(delay, paused, {}, std::move(done)); });
  };
  ASSERT_TRUE(pause(true));
  EXPECT_TRUE(engine.is_paused(2));
  ASSERT_TRUE(pause(false));
  EXPECT_FALSE(engine.is_paused(2));
}

TEST_F(ServiceControlTest, ValuesForStubsHaveOneOfTwoForms) {
  for (const char* value : {R"({"ok":null})", R"({"err":{"a":[1]}})"}) {
    EXPECT_TRUE(stub(value).value()) << value;
  }
  for (const char* value : {"7", "{}", R"({"ok":1,"err":2})", R"({"fine":1})", "{\"ok\":"}) {
    const auto refused = stub(value);
    ASSERT_FALSE(refused) << value;
    EXPECT_EQ(refused.error().code, Code::invalid_argument);
    EXPECT_NE(refused.error().reason.find(R"({"ok": value} or {"err": value})"), std::string::npos);
  }
  const auto large = stub(R"({"ok":")" + std::string(4U << 20U, 'x') + "\"}");
  EXPECT_EQ(large.error().reason, "the value has 4194313 bytes; at most 4194304 are accepted");
}

TEST_F(ServiceControlTest, PausedSubmissionsArePassedOn) {
  const auto submitted = answer_of<runtime::Submitted>([&](runtime::Done<runtime::Submitted> done) {
    service.submit({"", "demo:a/b.c", "[]", "", true}, std::move(done));
  });
  const ExecutionDetail detail = service.get(to_text(submitted->id)).value();
  EXPECT_EQ(detail.state, State::paused);
  EXPECT_EQ(json::parse(detail.state_json)["status"], "paused");
}

TEST_F(ServiceControlTest, OnlyOpenStubsAreListedIfAskedFor) {
  EXPECT_TRUE(service.list({.open_values = true})->executions.empty());
  engine.rows[execution].row.stage = Stage::held;
  const ExecutionPage page = service.list({.open_values = true}).value();
  ASSERT_EQ(page.executions.size(), 1U);
  EXPECT_EQ(json::parse(page.executions[0].state_json)["waits_for"], "value");
}

TEST_F(ServiceControlTest, AReplayShowsWhatWouldComeNext) {
  engine.append(JoinSetCreate{JoinSetOrdinal{0}, JoinSetKind::named, "x"});
  engine.captured = {
      {1, 2, Instant{1}, JoinSetCreate{JoinSetOrdinal{1}, JoinSetKind::named, "y"}},
      {2, 3, Instant{1}, ChildRequest{JoinSetOrdinal{1}, 1, {}, FunctionId{1}, {}, {}}},
      {3, 4, Instant{1}, JoinNext{JoinSetOrdinal{0}, {}, true, 2}},
  };
  engine.captured_outcome = Outcome{OutcomeKind::ok, "7", {}, {}, {}, {}};
  const ReplayView view = replay().value();
  EXPECT_EQ(view.version, 2U);
  EXPECT_EQ(view.captured_count, 4U);
  ASSERT_EQ(view.captured.size(), 4U);
  EXPECT_EQ(view.captured[0].version, 2U);
  EXPECT_EQ(view.captured[1].summary, "n:y_1 demo:a/b.c");
  EXPECT_EQ(view.captured[3].summary, "n:x closing");
  EXPECT_EQ(view.captured[3].version, 5U);
  EXPECT_EQ(view.outcome->json, "7");
  // What was only captured is not taken for history.
  EXPECT_EQ(service.events(id, 0, 100)->events.size(), 2U);
}

TEST_F(ServiceControlTest, AReplayShowsABoundedPart) {
  engine.captured = {{0, 1, Instant{1}, JoinNext{JoinSetOrdinal{0}, {}, true, 1'000'000}},
                     {1, 1'000'001, Instant{1}, Persist{}}};
  const ReplayView view = replay().value();
  EXPECT_EQ(view.captured.size(), 1000U);
  EXPECT_EQ(view.captured_count, 1'000'001U);
  const ExecutionId unknown{Ulid{8, 8}, ""};
  const auto missing = answer_of<ReplayView>(
      [&](runtime::Done<ReplayView> done) { service.replay(to_text(unknown), std::move(done)); });
  EXPECT_EQ(missing.error().code, Code::not_found);
}

TEST_F(ServiceControlTest, AdvanceNamesItsExecution) {
  runtime::AdvanceRequest request;
  request.version = 4;
  request.writes_max = 2;
  const auto report = answer_of<runtime::AdvanceReport>(
      [&](auto done) { service.advance(id, request, std::move(done)); });
  EXPECT_EQ(report->written, 2U);
  EXPECT_EQ(engine.last_advance().id, execution);
  EXPECT_EQ(engine.last_advance().version, 4U);
}

TEST_F(ServiceControlTest, BacktracesAreNamedByPlaceOrVersion) {
  EXPECT_EQ(service.backtrace(id, "12")->version_min, 12U);
  for (const char* place : {"", "first", "last"}) EXPECT_TRUE(service.backtrace(id, place));
  for (const char* bad : {"-1", "one", "1x", "99999999999"}) {
    EXPECT_EQ(service.backtrace(id, bad).error().code, Code::invalid_argument) << bad;
  }
  const auto missing = service.backtrace(id, "404");
  EXPECT_EQ(missing.error().subject, id);
  EXPECT_NE(missing.error().reason.find("persist-backtraces"), std::string::npos);
  EXPECT_EQ(service.source(id, "a.rs").error().code, Code::not_found);
}

TEST_F(ServiceControlTest, ParamsOfChildrenAreReadAFewAtATime) {
  for (std::uint32_t i = 0; i < 40; ++i) {
    engine.append(DirectCall{JoinSetOrdinal{i}, i + 1, ExecutionKey{100 + i}, FunctionId{1}, {}});
  }
  const EventPage page = service.events(id, 0, 60).value();
  EXPECT_EQ(engine.params_asked.size(), 32U);
  const json request = json::parse(page.events[2].json)["event"]["history_event"]["event"];
  EXPECT_EQ(request["request"]["params"], json::parse("[1]"));
  engine.params_asked.clear();
  EXPECT_EQ(service.follow(execution, {})->updates.size(), 121U);
  EXPECT_EQ(engine.params_asked.size(), 40U);
}

}  // namespace
}  // namespace stele::api

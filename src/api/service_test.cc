// SPDX-License-Identifier: Apache-2.0
#include "api/service.h"

#include <gtest/gtest.h>

#include "api/fake_engine_for_test.h"

namespace stele::api {
namespace {

const ExecutionId execution{Ulid{1, 1}, ""};
const std::string id = to_text(execution);

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() {
    engine.rows[execution].row.id = execution;
    engine.rows[execution].row.key = ExecutionKey{1};
  }

  Result<runtime::Submitted> submit(SubmitInput input) {
    std::optional<Result<runtime::Submitted>> answer;
    service.submit(std::move(input),
                   [&](Result<runtime::Submitted> result) { answer = std::move(result); });
    return answer.value();
  }
  void finish() { engine.finish(execution, Outcome{OutcomeKind::ok, "7", {}, {}, {}, {}}); }

  FakeEngine engine;
  Service service{{engine, {}, [] { return Ulid{9, 9}; }}};
};

TEST_F(ServiceTest, BadSubmissionsDoNotReachTheEngine) {
  const std::string ffqn = "demo:a/b.c";
  const SubmitInput bad[] = {
      {"E_short", ffqn, "[]", ""},
      {id + ".g:1_1", ffqn, "[]", ""},
      {"", "not a function", "[]", ""},
      {"", ffqn, "[]", std::string(256, 'x')},
  };
  for (const SubmitInput& input : bad) {
    const auto answer = submit(input);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::invalid_argument) << answer.error().reason;
  }
  EXPECT_EQ(engine.rows.size(), 1U);
  EXPECT_EQ(submit({"", "demo:a/b.x", "[]", ""}).error().code, Code::not_found);
  EXPECT_FALSE(submit({"", ffqn, "[]", ""})->repeated);
  EXPECT_TRUE(submit({"", ffqn, "[]", ""})->repeated);
}

TEST_F(ServiceTest, EventsArePagedByVersion) {
  engine.append(DirectCall{JoinSetOrdinal{0}, 1, {}, FunctionId{1}, {}});
  engine.append(DelayResponse{1, JoinSetOrdinal{0}, 1, false});
  engine.append(Ending{});
  finish();
  std::vector<std::uint32_t> versions;
  std::uint32_t from = 0;
  for (bool more = true; more;) {
    const EventPage page = service.events(id, from, 2).value();
    EXPECT_LE(page.events.size(), 2U);
    for (const EventView& event : page.events) versions.push_back(event.version);
    more = page.more;
    from = page.next_version;
  }
  EXPECT_EQ(versions, (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(service.events(id, 2, 1)->events.front().kind, "join_set_request");
  EXPECT_TRUE(service.events(id, 99, 10)->events.empty());
}

TEST_F(ServiceTest, LongHistoriesAreReadFromTheMiddle) {
  for (std::uint32_t i = 0; i < 3000; ++i) {
    engine.append(DirectCall{JoinSetOrdinal{i}, i + 1, {}, FunctionId{1}, {}});
    engine.append(DelayResponse{i + 1, JoinSetOrdinal{i}, 1, false});
  }
  const EventPage page = service.events(id, 6001, 3).value();
  ASSERT_EQ(page.events.size(), 3U);
  EXPECT_EQ(page.events[0].version, 6001U);
  EXPECT_EQ(page.events[0].summary, "o:2001-c");
  EXPECT_TRUE(page.more);
  const ResponsePage responses = service.responses(id, 2999, 10).value();
  ASSERT_EQ(responses.responses.size(), 2U);
  EXPECT_EQ(responses.responses[0].seq, 2999U);
  EXPECT_FALSE(responses.more);
  EXPECT_EQ(responses.next_seq, 3001U);
}

TEST_F(ServiceTest, PagesAreBoundedByBytes) {
  const std::string big(1U << 20U, 'x');
  for (std::uint32_t i = 1; i <= 10; ++i) {
    ChildResponse response{i, JoinSetOrdinal{}, {}, 1, {}};
    response.outcome.value = "\"" + big + "\"";
    engine.append(response);
  }
  const ResponsePage page = service.responses(id, 1, 100).value();
  EXPECT_EQ(page.responses.size(), 3U);
  EXPECT_TRUE(page.more);
  EXPECT_EQ(service.responses(id, page.next_seq, 100)->responses.front().seq, 4U);
}

TEST_F(ServiceTest, GetShowsTheJoinSetThatIsWaitedFor) {
  engine.append(JoinSetCreate{JoinSetOrdinal{0}, JoinSetKind::named, "parts"});
  engine.rows[execution].row.stage = Stage::blocked;
  const ExecutionDetail blocked = service.get(id).value();
  EXPECT_EQ(blocked.state, State::blocked);
  EXPECT_NE(blocked.state_json.find("n:parts"), std::string::npos);
  finish();
  const ExecutionDetail finished = service.get(id).value();
  ASSERT_TRUE(finished.result);
  EXPECT_EQ(finished.result->json, "7");
  EXPECT_EQ(service.get(to_text(ExecutionId{Ulid{8, 8}, ""})).error().code, Code::not_found);
  EXPECT_EQ(service.get("nonsense").error().code, Code::invalid_argument);
}

TEST_F(ServiceTest, ListsLeaveValuesOut) {
  finish();
  const ExecutionPage page = service.list({.limit = 1}).value();
  ASSERT_EQ(page.executions.size(), 1U);
  EXPECT_EQ(page.next_cursor, "1");
  EXPECT_TRUE(page.executions[0].params_json.empty());
  EXPECT_TRUE(page.executions[0].result->json.empty());
  EXPECT_EQ(service.list({.cursor = "-4"}).error().code, Code::invalid_argument);
}

TEST_F(ServiceTest, FollowingGivesEachUpdateOnceAndThenTheEnd) {
  engine.append(Sleep{JoinSetOrdinal{0}, 1, "sleep", {}, Instant{5}});
  FollowStep step = service.follow(execution, {}).value();
  EXPECT_EQ(step.updates.size(), 4U);  // created and the three of the sleep
  EXPECT_EQ(step.next_position, 1U);
  EXPECT_FALSE(step.finished);
  EXPECT_TRUE(service.follow(execution, {1, false})->updates.empty());
  engine.append(DelayResponse{1, JoinSetOrdinal{0}, 1, false});
  finish();
  step = service.follow(execution, {1, false}).value();
  EXPECT_EQ(step.updates.size(), 2U);
  ASSERT_TRUE(step.finished);
  EXPECT_EQ(step.finished->result->json, "7");
}

TEST_F(ServiceTest, ManyWaitersAreOneToTheEngineAndMayLeave) {
  const auto& hub = service.hub();
  int called = 0;
  const auto count = [&](const Result<runtime::ExecutionView>& view) { called += view ? 1 : 100; };
  std::vector<FollowHub::Ticket> tickets;
  for (int i = 0; i < 5; ++i) {
    tickets.push_back(hub->reserve());
    hub->wait_finished(tickets.back(), execution, count);
  }
  EXPECT_EQ(engine.waiting(), 1U);
  EXPECT_TRUE(hub->cancel(tickets[0]));
  EXPECT_FALSE(hub->cancel(tickets[0]));
  const FollowHub::Ticket never = hub->reserve();
  EXPECT_TRUE(hub->cancel(never));
  hub->wait_finished(never, execution, count);
  finish();
  EXPECT_EQ(called, 4);
  EXPECT_FALSE(hub->cancel(tickets[1]));
}

TEST_F(ServiceTest, WhoIsBehindOthersIsCalledAtOnce) {
  engine.append(Ending{});
  const auto& hub = service.hub();
  int called = 0;
  const auto count = [&](const Result<runtime::ExecutionView>& /*view*/) { ++called; };
  hub->wait_progress(hub->reserve(), execution, 1, count);
  hub->wait_progress(hub->reserve(), execution, 0, count);
  EXPECT_EQ(called, 1);
  engine.append(Ending{});
  EXPECT_EQ(called, 2);
}

TEST_F(ServiceTest, AClosedHubTellsEveryone) {
  const auto& hub = service.hub();
  std::vector<Code> codes;
  const auto note = [&](const Result<runtime::ExecutionView>& view) {
    codes.push_back(view.error().code);
  };
  hub->wait_finished(hub->reserve(), execution, note);
  hub->close(error(Code::unavailable, "stopping"));
  hub->wait_finished(hub->reserve(), execution, note);
  EXPECT_EQ(codes, (std::vector{Code::unavailable, Code::unavailable}));
}

}  // namespace
}  // namespace stele::api

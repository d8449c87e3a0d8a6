// SPDX-License-Identifier: Apache-2.0
#include "api/render.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/json_text.h"

namespace stele::api {
namespace {

using nlohmann::json;

const ExecutionId owner{Ulid{1, 2}, ".g:1_4"};

std::string name_of(FunctionId id) { return id.value == 7 ? "demo:pay/card@1.0.0.charge" : ""; }

Entry entry_of(std::uint32_t position, std::uint32_t version, EntryBody body) {
  return {position, version, Instant{1'700'000'000'250'000}, std::move(body)};
}

/// A short history, with the entries given as (version, body).
std::vector<json> events_of(const std::vector<std::pair<std::uint32_t, EntryBody>>& bodies) {
  HistoryIndex index;
  std::vector<json> events;
  std::uint32_t position = 0;
  for (const auto& [version, body] : bodies) {
    const Entry entry = entry_of(position++, version, body);
    index.add(entry);
    for (const EventView& event : render_events(entry, {owner, index, name_of})) {
      events.push_back(json::parse(event.json));
      EXPECT_EQ(events.back()["version"], event.version);
    }
  }
  return events;
}

json only_event(EntryBody body) {
  const auto events = events_of({{1, std::move(body)}});
  EXPECT_EQ(events.size(), 1U);
  return events.empty() ? json() : events.front();
}

struct Case {
  const char* name;
  EntryBody body;
  const char* event;  ///< the `event` member, as JSON
};

class OneEntryOneEvent : public testing::TestWithParam<Case> {};

TEST_P(OneEntryOneEvent, IsRendered) {
  const json event = only_event(GetParam().body);
  EXPECT_EQ(event["event"], json::parse(GetParam().event)) << event.dump();
  EXPECT_EQ(event["created_at"], "2023-11-14T22:13:20.25Z");
}

const Case cases[] = {
    {"RandomNumber", Persist{Persist::Kind::random_u64, 1, 9, Bytes("\0\0\0\0\0\0\1\2", 8)},
     R"({"history_event":{"event":{"type":"persist","value":258,
         "kind":{"type":"random_u64","min":1,"max_exclusive":9}}}})"},
    {"RandomText", Persist{Persist::Kind::random_string, 2, 3, "aZ"},
     R"({"history_event":{"event":{"type":"persist","value":"aZ",
         "kind":{"type":"random_string","min_length":2,"max_length_exclusive":3}}}})"},
    {"NamedSet", JoinSetCreate{JoinSetOrdinal{0}, JoinSetKind::named, "x"},
     R"({"history_event":{"event":{"type":"join_set_create","join_set_id":"n:x"}}})"},
    {"TryPending", JoinNextTry{JoinSetOrdinal{9}, JoinNextTry::Result::pending},
     R"({"history_event":{"event":{"type":"join_next_try","join_set_id":"#9",
         "outcome":"pending"}}})"},
    {"TooMany", JoinNextTooMany{JoinSetOrdinal{9}, FunctionId{7}},
     R"({"history_event":{"event":{"type":"join_next_too_many","join_set_id":"#9",
         "requested_ffqn":"demo:pay/card@1.0.0.charge"}}})"},
    {"TryFound", JoinNextTry{JoinSetOrdinal{9}, JoinNextTry::Result::found},
     R"({"history_event":{"event":{"type":"join_next_try","join_set_id":"#9",
         "outcome":"found"}}})"},
    {"OpenNext", JoinNext{JoinSetOrdinal{9}, FunctionId{7}, false, 1},
     R"({"history_event":{"event":{"type":"join_next","join_set_id":"#9",
         "requested_ffqn":"demo:pay/card@1.0.0.charge","closing":false}}})"},
    {"PausedDelay",
     DelayRequest{JoinSetOrdinal{9}, 2, {ScheduleAt::Kind::at, Instant{1}, {}}, Instant{1}, true},
     R"({"history_event":{"event":{"type":"join_set_request","join_set_id":"#9","request":{
         "type":"delay_request","delay_id":"Delay_0000000000000G000000000002.g:1_4.#9_2",
         "expires_at":"1970-01-01T00:00:00.000001Z",
         "schedule_at":{"at":"1970-01-01T00:00:00.000001Z"},"paused":true}}}})"},
    {"RefusedChild",
     ChildRequest{JoinSetOrdinal{9},
                  3,
                  {},
                  {},
                  {},
                  {Refused::Kind::function_not_found, "", "demo:no/such.thing"}},
     R"({"history_event":{"event":{"type":"join_set_request","join_set_id":"#9","request":{
         "type":"child_execution_request",
         "child_execution_id":"E_0000000000000G000000000002.g:1_4.#9_3",
         "target_ffqn":"demo:no/such.thing","params":null,
         "result":{"err":"function_not_found"}}}}})"},
    {"Schedule", Schedule{ExecutionKey{3}, Ulid{3, 4}, FunctionId{7}, {}, {}, Instant{1}, {}},
     R"({"history_event":{"event":{"type":"schedule",
         "execution_id":"E_0000000000001G000000000004","schedule_at":"now",
         "ffqn":"demo:pay/card@1.0.0.charge","result":{"ok":null}}}})"},
    {"RefusedSchedule",
     Schedule{{},
              Ulid{3, 4},
              FunctionId{7},
              {},
              {},
              Instant{1},
              {Refused::Kind::type_check, "not \"u8\"", ""}},
     R"({"history_event":{"event":{"type":"schedule",
         "execution_id":"E_0000000000001G000000000004","schedule_at":"now",
         "ffqn":"demo:pay/card@1.0.0.charge",
         "result":{"err":{"type_check_error":"not \"u8\""}}}}})"},
    {"Stub", Stub{owner, Hash128{{0xab}}, {}},
     R"({"history_event":{"event":{"type":"stub",
         "target_execution_id":"E_0000000000000G000000000002.g:1_4",
         "value_hash":"ab000000000000000000000000000000","result":{"ok":null}}}})"},
    {"StubConflict", Stub{owner, {}, {Refused::Kind::conflict, "", ""}},
     R"({"history_event":{"event":{"type":"stub",
         "target_execution_id":"E_0000000000000G000000000002.g:1_4",
         "value_hash":"00000000000000000000000000000000","result":{"err":"conflict"}}}})"},
    {"StubOfNothing", Stub{owner, {}, {Refused::Kind::execution_not_found, "", ""}},
     R"({"history_event":{"event":{"type":"stub",
         "target_execution_id":"E_0000000000000G000000000002.g:1_4",
         "value_hash":"00000000000000000000000000000000",
         "result":{"err":"execution_not_found"}}}})"},
    {"AutomaticUpgrade",
     ComponentUpgrade{"sha256:1", DeploymentId{4}, ComponentUpgrade::Result::automatic, ""},
     R"({"component_upgrade_finished":{"component_digest":"sha256:1","deployment_id":"Dep_4",
         "outcome":{"type":"success","reason":{"type":"auto"}}}})"},
    {"ManualUpgrade",
     ComponentUpgrade{"sha256:1", DeploymentId{4}, ComponentUpgrade::Result::manual, ""},
     R"({"component_upgrade_finished":{"component_digest":"sha256:1","deployment_id":"Dep_4",
         "outcome":{"type":"success","reason":{"type":"manual","force":false}}}})"},
    {"ForcedUpgrade",
     ComponentUpgrade{"sha256:1", DeploymentId{4}, ComponentUpgrade::Result::forced, ""},
     R"({"component_upgrade_finished":{"component_digest":"sha256:1","deployment_id":"Dep_4",
         "outcome":{"type":"success","reason":{"type":"manual","force":true}}}})"},
    {"FailedUpgrade",
     ComponentUpgrade{"sha256:1", DeploymentId{4}, ComponentUpgrade::Result::failed, "a | b"},
     R"({"component_upgrade_finished":{"component_digest":"sha256:1","deployment_id":"Dep_4",
         "outcome":{"type":"failed","reason":"a | b"}}})"},
    {"Failed", AttemptFailed{1, false, Instant{1'000'000}, "no \"luck\"", ""},
     R"({"temporarily_failed":{"backoff_expires_at":"1970-01-01T00:00:01Z",
         "reason":"no \"luck\"","detail":null}})"},
    {"TimedOut", AttemptFailed{1, true, Instant{1'000'000}, "", ""},
     R"({"temporarily_timed_out":{"backoff_expires_at":"1970-01-01T00:00:01Z"}})"},
    {"Cancelled", Control{Control::Kind::cancellation_requested, "ada", "late"},
     R"({"cancellation_requested":{"requester":"ada","reason":"late"}})"},
    {"Paused", Control{Control::Kind::paused, "ada", ""},
     R"({"paused":{"requester":"ada","reason":null}})"},
    {"Unpaused", Control{Control::Kind::unpaused, "", ""},
     R"({"unpaused":{"requester":null,"reason":null}})"},
};
INSTANTIATE_TEST_SUITE_P(Render, OneEntryOneEvent, testing::ValuesIn(cases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Render, DirectCallIsThreeEventsOfAOneOffSet) {
  const auto events = events_of({{5, DirectCall{JoinSetOrdinal{0}, 3, {}, FunctionId{7}, {}}}});
  ASSERT_EQ(events.size(), 3U);
  const auto event = [&](std::size_t i) { return events[i]["event"]["history_event"]["event"]; };
  EXPECT_EQ(event(0)["type"], "join_set_create");
  EXPECT_EQ(event(0)["join_set_id"], "o:3-charge");
  EXPECT_EQ(event(1)["request"]["type"], "child_execution_request");
  EXPECT_EQ(event(1)["request"]["child_execution_id"], to_text(owner) + ".o:3-charge_1");
  EXPECT_EQ(event(1)["request"]["target_ffqn"], "demo:pay/card@1.0.0.charge");
  EXPECT_EQ(event(2)["type"], "join_next");
  EXPECT_EQ(event(2)["closing"], false);
  EXPECT_EQ(events[0]["version"], 5);
  EXPECT_EQ(events[2]["version"], 7);
}

TEST(Render, ChildrenShowTheirParamsWhereTheyAreKnown) {
  const Entry entry = entry_of(0, 1, DirectCall{JoinSetOrdinal{0}, 1, ExecutionKey{8}, {}, {}});
  HistoryIndex index;
  index.add(entry);
  const std::map<ExecutionKey, Bytes> params{{ExecutionKey{8}, R"([{"$float":"inf"},2])"}};
  const auto shown = [&](const RenderContext& context) {
    const json event = json::parse(render_events(entry, context)[1].json)["event"];
    return event["history_event"]["event"]["request"]["params"];
  };
  EXPECT_EQ(shown({owner, index, name_of, 0, 9, &params}), json::parse("[null,2]"));
  EXPECT_EQ(shown({owner, index, name_of}), nullptr);
  EXPECT_EQ(child_of(entry), ExecutionKey{8});
}

TEST(Render, SleepIsThreeEventsWithItsDelay) {
  const ScheduleAt in{ScheduleAt::Kind::in, {}, milliseconds(1500)};
  const auto events =
      events_of({{1, Sleep{JoinSetOrdinal{0}, 1, "sleep", in, Instant{2'000'000}}}});
  ASSERT_EQ(events.size(), 3U);
  const json request = events[1]["event"]["history_event"]["event"]["request"];
  EXPECT_EQ(request["delay_id"], delay_id(owner, "o:1-sleep", 1));
  EXPECT_EQ(request["expires_at"], "1970-01-01T00:00:02Z");
  EXPECT_EQ(request["schedule_at"], json::parse(R"({"in":{"milliseconds":1500}})"));
}

TEST(Render, ClosingCountsItsEventsAndInternalEntriesAreHidden) {
  const auto events = events_of({{1, JoinSetCreate{JoinSetOrdinal{0}, JoinSetKind::generated, "1"}},
                                 {2, Ending{}},
                                 {2, JoinNext{JoinSetOrdinal{0}, {}, true, 3}}});
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[3]["version"], 4);
  EXPECT_EQ(events[3]["event"]["history_event"]["event"]["join_set_id"], "g:1");
  EXPECT_EQ(events[3]["event"]["history_event"]["event"]["closing"], true);
}

TEST(Render, OfVeryManyEventsOnlyTheWindowIsRendered) {
  HistoryIndex index;
  const Entry entry = entry_of(0, 10, JoinNext{JoinSetOrdinal{0}, {}, true, 1'000'000});
  index.add(entry);
  const auto events = render_events(entry, {owner, index, name_of, 500'010, 20});
  ASSERT_EQ(events.size(), 20U);
  EXPECT_EQ(events.front().version, 500'010U);
}

TEST(Render, ResponsesNameTheirChildOrDelay) {
  HistoryIndex index;
  index.add(entry_of(0, 1, JoinSetCreate{JoinSetOrdinal{0}, JoinSetKind::named, "all"}));
  index.add(
      entry_of(1, 2, ChildRequest{JoinSetOrdinal{0}, 6, ExecutionKey{40}, FunctionId{7}, {}}));
  const RenderContext context{owner, index, name_of};
  ChildResponse child{1, JoinSetOrdinal{0}, ExecutionKey{40}, 3, {}};
  child.outcome.value = R"({"a":[1,{"$float":"nan"},{"$some":null}]})";
  const json first = json::parse(render_response(entry_of(2, 3, child), context).json);
  EXPECT_EQ(first["seq"], 1);
  EXPECT_EQ(first["event"]["join_set_id"], "n:all");
  EXPECT_EQ(first["event"]["event"]["child_execution_id"], to_text(owner) + ".n:all_6");
  EXPECT_EQ(first["event"]["event"]["result"], json::parse(R"({"ok":{"a":[1,null,null]}})"));
  const DelayResponse delay{2, JoinSetOrdinal{0}, 1, true};
  const json second = json::parse(render_response(entry_of(3, 3, delay), context).json);
  EXPECT_EQ(second["event"]["event"]["delay_id"], delay_id(owner, "n:all", 1));
  EXPECT_EQ(second["event"]["event"]["result"], json::parse(R"({"err":null})"));
}

TEST(Render, ResultsHaveThreeForms) {
  Outcome outcome;
  EXPECT_EQ(render_result(outcome), R"({"ok":null})");
  outcome.kind = OutcomeKind::err;
  outcome.value = "\"no\"";
  EXPECT_EQ(render_result(outcome), R"({"err":"no"})");
  outcome = {OutcomeKind::failure, {}, FailureKind::timed_out, "too slow", "", {}};
  EXPECT_EQ(render_result(outcome),
            R"({"execution_failed":{"kind":"timed_out","reason":"too slow","detail":null}})");
}

runtime::ExecutionView view_of(Stage stage, Lifecycle lifecycle) {
  runtime::ExecutionView view;
  view.row.id = ExecutionId{Ulid{1, 2}, ""};
  view.row.stage = stage;
  view.row.lifecycle = lifecycle;
  view.row.scheduled = Instant{1'000'000};
  view.row.finished_version = 9;
  view.row.finished = Instant{3'000'000};
  view.row.outcome_kind = OutcomeKind::failure;
  view.row.failure = FailureKind::cancelled;
  view.ffqn = "demo:a/b.c";
  return view;
}

TEST(Render, StatesAreTaggedByStatus) {
  HistoryIndex index;
  index.add(entry_of(0, 1, JoinSetCreate{JoinSetOrdinal{0}, JoinSetKind::named, "x"}));
  const auto state = [&](Stage stage, Lifecycle lifecycle) {
    return json::parse(render_state(view_of(stage, lifecycle), &index, name_of));
  };
  EXPECT_EQ(state(Stage::ready, Lifecycle::active),
            json::parse(R"({"status":"pending_at","scheduled_at":"1970-01-01T00:00:01Z"})"));
  EXPECT_EQ(state(Stage::held, Lifecycle::active),
            json::parse(R"({"status":"pending_at","scheduled_at":"1970-01-01T00:00:01Z",
                            "waits_for":"value"})"));
  EXPECT_EQ(state(Stage::ready, Lifecycle::paused), json::parse(R"({"status":"paused",
                            "pending_at":{"scheduled_at":"1970-01-01T00:00:01Z"}})"));
  EXPECT_EQ(state(Stage::blocked, Lifecycle::active),
            json::parse(R"({"status":"blocked_by_join_set","join_set_id":"n:x","closing":false})"));
  EXPECT_EQ(state(Stage::blocked, Lifecycle::paused)["blocked_by_join_set"]["join_set_id"], "n:x");
  EXPECT_EQ(state(Stage::closing, Lifecycle::cancelling),
            json::parse(R"({"status":"cancelling","blocked_by_join_set":{"closing":true}})"));
  EXPECT_EQ(state(Stage::finished, Lifecycle::active),
            json::parse(R"({"status":"finished","version":9,"finished_at":"1970-01-01T00:00:03Z",
                            "result_kind":{"execution_failed":"cancelled"}})"));
}

TEST(Render, ABlockedWorkflowWaitsForTheSetItAskedLast) {
  HistoryIndex index;  // the stored row is not written again while it stays blocked
  index.add(entry_of(0, 1, JoinSetCreate{JoinSetOrdinal{0}, JoinSetKind::named, "x"}));
  index.add(entry_of(1, 2, JoinSetCreate{JoinSetOrdinal{1}, JoinSetKind::named, "y"}));
  index.add(entry_of(2, 3, JoinNext{.join_set = JoinSetOrdinal{1}}));
  const auto state =
      json::parse(render_state(view_of(Stage::blocked, Lifecycle::active), &index, name_of));
  EXPECT_EQ(state["join_set_id"], "n:y");
}

TEST(Render, CreatedAndFinishedFrameTheHistory) {
  runtime::ExecutionView view = view_of(Stage::finished, Lifecycle::active);
  view.row.params = "[1]";
  view.row.deployment = DeploymentId{3};
  view.row.scheduled_by = "E_x";
  view.outcome = Outcome{};
  const json created = json::parse(render_created(view).json);
  EXPECT_EQ(created["version"], 0);
  EXPECT_EQ(created["event"]["created"]["params"], json::parse("[1]"));
  EXPECT_EQ(created["event"]["created"]["parent"], nullptr);
  EXPECT_EQ(created["event"]["created"]["deployment_id"], "Dep_3");
  EXPECT_EQ(created["event"]["created"]["scheduled_by"], "E_x");
  EXPECT_EQ(created["event"]["created"]["requester"], nullptr);
  const json finished = json::parse(render_finished(view).json);
  EXPECT_EQ(finished["version"], 9);
  EXPECT_EQ(finished["event"]["finished"]["retval"], json::parse(R"({"ok":null})"));
  view.row.id = owner;
  EXPECT_EQ(json::parse(render_created(view).json)["event"]["created"]["parent"][1], "g:1");
}

TEST(JsonText, AnyBytesMakeJson) {
  EXPECT_TRUE(json::accept(json_string("a\xff\x00\"\\b")));
  EXPECT_EQ(valid_utf8("ok ü"), "ok ü");
  EXPECT_NE(valid_utf8("\xff"), "\xff");
}

struct UserForm {
  const char* stored;
  const char* shown;
};
TEST(JsonText, StoredEscapesAreHiddenFromUsers) {
  const UserForm forms[] = {
      {"", "null"},
      {"42", "42"},
      {R"("$float")", R"("$float")"},
      {R"({"$float":"inf"})", "null"},
      {R"([{"$float":"-inf"},1])", "[null,1]"},
      {R"({"$some":{"$some":null}})", "null"},
      {R"({"a":{"$some":{"b":"}"}},"c":"\"$some\":"})", R"({"a":{"b":"}"},"c":"\"$some\":"})"},
      {R"({"$some":)", ""},
      {R"({"$float":)", "null"},
  };
  for (const UserForm& form : forms) EXPECT_EQ(user_form(form.stored), form.shown) << form.stored;
}

TEST(HistoryIndex, FindsWhereVersionsAndResponsesBegin) {
  HistoryIndex index;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const bool response = i % 2 == 1;
    if (response) {
      index.add(entry_of(i, i / 2 * 3 + 4, DelayResponse{i / 2 + 1, JoinSetOrdinal{}, 1, false}));
    } else {
      index.add(entry_of(i, i / 2 * 3 + 1, DirectCall{JoinSetOrdinal{i / 2}, i, {}, {}, {}}));
    }
  }
  EXPECT_EQ(index.position_of_version(0), 0U);
  EXPECT_EQ(index.position_of_version(1501), 768U);
  EXPECT_LE(index.position_of_response(600), 1199U);
  EXPECT_GE(index.position_of_response(600), 1199U - 256U);
  EXPECT_EQ(index.next_position(), 2000U);
}

}  // namespace
}  // namespace stele::api

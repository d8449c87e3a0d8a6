// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include <nlohmann/json.hpp>

#include "cli/fixture_for_test.h"
#include "cli/json_out.h"
#include "cli/params.h"

namespace stele::cli {
namespace {

using nlohmann::json;

TEST_F(CliTest, UsageErrorsAreTwoAndHelpIsZero) {
  EXPECT_EQ(stele({}), 2);
  EXPECT_EQ(stele({"execution"}), 2);
  EXPECT_EQ(stele({"execution", "submit"}), 2);
  EXPECT_EQ(stele({"nonsense"}), 2);
  EXPECT_EQ(stele({"server", "run", "-d", "x", "--log-format", "xml"}), 2);
  EXPECT_TRUE(out.str().empty());
  EXPECT_EQ(stele({"--version"}), 0);
  EXPECT_EQ(out.str(), "stele 1.2.3\n");
  EXPECT_EQ(stele({"execution", "submit", "--help"}), 0);
  EXPECT_NE(out.str().find("Examples:"), std::string::npos);
}

TEST_F(CliTest, ErrorsOfTheServerBecomeExitCodes) {
  const std::pair<Code, int> codes[] = {
      {Code::not_found, 3},        {Code::already_exists, 4},    {Code::failed_precondition, 4},
      {Code::unavailable, 5},      {Code::deadline_exceeded, 5}, {Code::resource_exhausted, 5},
      {Code::invalid_argument, 6},
  };
  for (const auto& [code, exit] : codes) {
    client.error = error(code, "because", "E_1");
    EXPECT_EQ(stele({"execution", "cancel", "E_1"}), exit);
    EXPECT_EQ(err.str(), "error: E_1: because\n");
  }
}

TEST_F(CliTest, TheResultOfAnExecutionIsTheExitCode) {
  for (const auto& [kind, exit] : {std::pair{ResultKind::ok, 0}, std::pair{ResultKind::err, 1},
                                   std::pair{ResultKind::failure, 1}}) {
    client.kind = kind;
    EXPECT_EQ(stele({"execution", "get", "E_1"}), exit);
    EXPECT_EQ(stele({"execution", "status", "E_1", "-f"}), exit);
    EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c", "-f"}), exit);
    EXPECT_EQ(stele({"execution", "replay", "E_1"}), kind == ResultKind::ok ? 0 : 1);
  }
}

TEST_F(CliTest, ParamsAreAnArrayAFileOrSeparateValues) {
  EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c", R"(["x", 1])"}), 0);
  EXPECT_EQ(current->submitted.params, R"(["x", 1])");
  EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c", "--", "-5", R"({"a":[]})"}), 0);
  EXPECT_EQ(current->submitted.params, R"([-5,{"a":[]}])");
  EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c"}), 0);
  EXPECT_EQ(current->submitted.params, "[]");
  EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c", "--", "Ada"}), 6);
  EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c", "5"}), 6);
  EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c", "[1"}), 6);
  EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c", "@/no/such/file"}), 3);
  EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c", "[1]", "--", "2"}), 6);
}

TEST_F(CliTest, ShortNamesMatchExactlyOneFunction) {
  EXPECT_EQ(stele({"execution", "submit", ".../b.c"}), 0);
  EXPECT_EQ(current->submitted.ffqn, "demo:a/b@1.0.0.c");
  EXPECT_EQ(err.str(), "Matched demo:a/b@1.0.0.c\n");
  EXPECT_EQ(stele({"execution", "submit", ".../bb.c"}), 3);
  EXPECT_NE(err.str().find("did you mean .../b.c?"), std::string::npos) << err.str();
  const std::vector<std::string> twice{"x:a/i.f", "x:b/i.f"};
  EXPECT_EQ(resolve_ffqn(".../i.f", twice).error().code, Code::invalid_argument);
}

TEST_F(CliTest, TheAddressComesFromOptionThenEnvironment) {
  stele({"execution", "list"});
  EXPECT_EQ(connected, "127.0.0.1:5005");
  environment["STELE_API_URL"] = "http://127.0.0.1:7/";
  stele({"execution", "list"});
  EXPECT_EQ(connected, "127.0.0.1:7");
  stele({"execution", "list", "-a", "127.0.0.1:8", "--limit", "3", "--hide-finished"});
  EXPECT_EQ(connected, "127.0.0.1:8");
  EXPECT_EQ(current->listed.limit, 3U);
  EXPECT_TRUE(current->listed.hide_finished);
}

TEST_F(CliTest, JsonIsJsonEverywhere) {
  const std::vector<std::vector<std::string>> commands{
      {"execution", "submit", "demo:a/b.c"},
      {"execution", "get", "E_1"},
      {"execution", "list"},
      {"execution", "events", "E_1"},
      {"execution", "responses", "E_1"},
      {"execution", "logs", "E_1"},
      {"execution", "cancel", "E_1"},
      {"execution", "pause", "E_1"},
      {"execution", "unpause", "Delay_1"},
      {"execution", "stub", "E_1", "{\"ok\":1}"},
      {"execution", "upgrade", "E_1"},
      {"execution", "replay", "E_1"},
      {"execution", "advance", "E_1"},
      {"execution", "persist-backtraces", "E_1"},
      {"execution", "backtrace", "E_1"},
      {"execution", "source", "E_1", "--file", "a.rs"},
      {"execution", "list", "--open-stubs"},
      {"generate", "wit-support", "activity"},
      {"function", "list"},
      {"server", "counters"},
      {"generate", "execution-id"}};
  for (auto words : commands) {
    words.emplace_back("--json");
    EXPECT_EQ(stele(words), 0);
    EXPECT_TRUE(json::accept(out.str())) << out.str();
  }
  stele({"execution", "get", "E_1", "-j"});
  EXPECT_EQ(json::parse(out.str())["result"], json::parse(R"({"ok":7})"));
}

TEST_F(CliTest, PagesAreReadUntilTheLimit) {
  EXPECT_EQ(stele({"execution", "events", "E_1", "--json"}), 0);
  EXPECT_EQ(json::parse(out.str())["events"], json::parse("[0,1,2,3,4]"));
  EXPECT_EQ(stele({"execution", "events", "E_1", "--json", "--from", "1", "--limit", "3"}), 0);
  EXPECT_EQ(json::parse(out.str()), json::parse(R"({"events":[1,2,3],"more":true,"next":4})"));
}

TEST_F(CliTest, FollowGoesOnAfterABrokenConnection) {
  client.breaks = true;
  EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c", "--follow"}), 0);
  EXPECT_EQ(current->followed, (std::vector<std::uint32_t>{0, 4}));
  EXPECT_NE(out.str().find("first"), std::string::npos);
  EXPECT_NE(out.str().find("ok 7"), std::string::npos);
  EXPECT_NE(err.str().find("Connected again."), std::string::npos);
  client = FakeClient();
  client.breaks = true;
  EXPECT_EQ(stele({"execution", "submit", "demo:a/b.c", "--follow", "--no-reconnect"}), 5);
}

TEST_F(CliTest, ServerOptionsAreHandedOver) {
  EXPECT_EQ(stele({"server", "run", "-d", "x.toml", "--data-dir", "d", "--listen", "127.0.0.1:0",
                   "--memory-budget", "64", "--queue-max", "500", "--log-format", "json", "--fuel",
                   "5000000000", "--profile", "p.json"}),
            0);
  EXPECT_EQ(server.fuel, 5'000'000'000U);
  EXPECT_EQ(server.deployment, "x.toml");
  EXPECT_EQ(server.data_dir, "d");
  EXPECT_EQ(server.profile, "p.json");
  EXPECT_EQ(server.memory_budget_mib, 64U);
  EXPECT_EQ(server.queue_max, 500U);
  EXPECT_EQ(stele({"server", "run"}), 2);
}

TEST_F(CliTest, CompletionKnowsEveryCommand) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(stele({"completion", shell}), 0);
    EXPECT_NE(out.str().find("stele complete --"), std::string::npos);
  }
  EXPECT_EQ(stele({"complete", "--", "execution"}), 0);
  EXPECT_NE(out.str().find("replay\n"), std::string::npos);
  EXPECT_EQ(stele({"complete", "--", "execution", "submit"}), 0);
  EXPECT_NE(out.str().find("--follow\n"), std::string::npos);
  EXPECT_EQ(stele({"complete", "--"}), 0);
  EXPECT_EQ(out.str().find("complete\n"), std::string::npos);
}

TEST_F(CliTest, TablesAlignByCharactersNotBytes) {
  Table table({"A", "B"});
  table.add({"ü", "x"});
  table.add({"long", "y"});
  table.print(Console({out, err}));
  EXPECT_EQ(out.str(), "A     B\nü     x\nlong  y\n");
}

TEST_F(CliTest, StatesAndTimesReadWell) {
  Execution execution = finished_execution(ResultKind::failure);
  EXPECT_EQ(state_text(execution), "Finished: Execution failure (timed_out)");
  execution.state = "blocked";
  execution.state_json = R"({"join_set_id":"n:x","closing":true})";
  EXPECT_EQ(state_text(execution), "BlockedByJoinSet n:x (closing)");
  execution.state = "pending";
  execution.state_json = R"({"status":"pending_at","scheduled_at":"x","waits_for":"value"})";
  EXPECT_EQ(state_text(execution), "Waits for a value");
  execution.state_json = "broken";
  EXPECT_EQ(state_text(execution), "Pending");
  EXPECT_EQ(duration_text(milliseconds(12)), "12 ms");
  EXPECT_EQ(duration_text(milliseconds(61'004)), "61.004 s");
}

}  // namespace
}  // namespace stele::cli

// SPDX-License-Identifier: Apache-2.0
// The commands that change an execution or run its code again.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/fixture_for_test.h"

namespace stele::cli {
namespace {

using nlohmann::json;

class ControlTest : public CliTest {
 protected:
  ControlTest() { environment["USER"] = "ada"; }
  json answer() const { return json::parse(out.str()); }
};

TEST_F(ControlTest, RequestsCarryWhoAsksAndWhy) {
  EXPECT_EQ(stele({"execution", "pause", "E_1", "--reason", "late"}), 0);
  EXPECT_EQ(current->control, "pause E_1 by ada: late");
  EXPECT_EQ(out.str(), "Paused\n");
  EXPECT_EQ(stele({"execution", "unpause", "Delay_1.n:x_1"}), 0);
  EXPECT_EQ(current->control, "unpause Delay_1.n:x_1 by ada");
  EXPECT_EQ(out.str(), "Unpaused\n");
  EXPECT_EQ(stele({"execution", "cancel", "Delay_1.n:x_1", "-j"}), 0);
  EXPECT_EQ(answer(), json::parse(R"({"ok":"cancellation requested"})"));
  EXPECT_EQ(stele({"execution", "pause"}), 2);
}

TEST_F(ControlTest, RefusalsBecomeExitCodes) {
  const std::vector<std::vector<std::string>> commands{
      {"execution", "pause", "E_1"},     {"execution", "unpause", "E_1"},
      {"execution", "upgrade", "E_1"},   {"execution", "stub", "E_1", R"({"ok":1})"},
      {"execution", "backtrace", "E_1"}, {"execution", "persist-backtraces", "E_1"}};
  for (const auto& words : commands) {
    client.error = error(Code::failed_precondition, "not now", "E_1");
    EXPECT_EQ(stele(words), 4) << words[1];
    EXPECT_EQ(err.str(), "error: E_1: not now\n");
    client.error = error(Code::not_found, "no such execution", "E_1");
    EXPECT_EQ(stele(words), 3) << words[1];
    EXPECT_TRUE(out.str().empty());
  }
}

TEST_F(ControlTest, SubmissionsMayBeginPaused) {
  EXPECT_EQ(stele({"execution", "submit", "--paused", "demo:a/b.c"}), 0);
  EXPECT_TRUE(current->submitted.paused);
  EXPECT_EQ(stele({"execution", "list", "--open-stubs"}), 0);
  EXPECT_TRUE(current->listed.open_values);
}

TEST_F(ControlTest, AStubsValueIsJsonOrAFile) {
  EXPECT_EQ(stele({"execution", "stub", "E_1.n:x_1", R"({"ok":[1]})"}), 0);
  EXPECT_EQ(current->value, R"({"ok":[1]})");
  EXPECT_EQ(current->control, "stub E_1.n:x_1 by ada");
  EXPECT_TRUE(out.str().empty());
  const std::string path = testing::TempDir() + "stub_value.json";
  std::ofstream(path) << R"({"err":null})";
  EXPECT_EQ(stele({"execution", "stub", "E_1.n:x_1", "@" + path, "-j"}), 0);
  EXPECT_EQ(current->value, R"({"err":null})");
  EXPECT_EQ(answer(), json::parse(R"({"repeated":false})"));
  EXPECT_EQ(stele({"execution", "stub", "E_1.n:x_1", "yes"}), 6);
  EXPECT_NE(err.str().find(R"('{"ok": 42}')"), std::string::npos) << err.str();
  EXPECT_EQ(stele({"execution", "stub", "E_1.n:x_1", "@/no/such/file"}), 3);
  EXPECT_EQ(stele({"execution", "stub", "E_1.n:x_1"}), 2);
}

TEST_F(ControlTest, UpgradeSaysWhereTheExecutionIsNow) {
  EXPECT_EQ(stele({"execution", "upgrade", "E_1"}), 0);
  EXPECT_EQ(out.str(), "moved to sha256:1\n");
  EXPECT_EQ(stele({"execution", "upgrade", "E_1", "--skip-determinism-check", "-j"}), 0);
  EXPECT_TRUE(current->skip_check);
  EXPECT_EQ(answer(), json::parse(R"({"changed":false,"component_digest":"sha256:1"})"));
}

ReplayAnswer advanceable() {
  ReplayAnswer answer{.equal = true,
                      .difference = {},
                      .events = 3,
                      .state = "advanceable",
                      .version = 4,
                      .captured = {{4, Instant{1}, "persist", "7", R"({"version":4})"}},
                      .captured_count = 3,
                      .outcome = {}};
  answer.outcome = ExecutionResult{ResultKind::ok, "7", {}};
  return answer;
}

TEST_F(ControlTest, ReplayShowsWhatWouldComeNext) {
  client.replayed = advanceable();
  EXPECT_EQ(stele({"execution", "replay", "E_1"}), 0);
  EXPECT_EQ(out.str(),
            "equal: 3 events matched, then advanceable\n"
            "NEXT  KIND     DETAILS\n"
            "4     persist  7\n"
            "… and 2 more\n"
            "then it ends: ok 7\n");
  EXPECT_EQ(stele({"execution", "replay", "E_1", "-j"}), 0);
  EXPECT_EQ(answer(), json::parse(R"({"type":"advanceable","equal":true,"events":3,
      "state":"advanceable","difference":null,"retval":{"ok":7},"version":4,"captured_count":3,
      "captured_writes":[{"version":4}]})"));
  client.replayed->equal = false;
  client.replayed->difference = "a | b";
  EXPECT_EQ(stele({"execution", "replay", "E_1", "-j"}), 1);
  EXPECT_EQ(answer()["type"], "replay_failed");
  EXPECT_EQ(answer()["error"], "a | b");
}

TEST_F(ControlTest, AdvanceGoesOnFromTheReplayThatItMade) {
  client.replayed = advanceable();
  client.found = finished_execution(ResultKind::ok);
  client.found->result.reset();
  client.found->state = "paused";
  client.found->state_json = R"({"status":"paused"})";
  EXPECT_EQ(stele({"execution", "advance", "E_1", "--trim", "2", "-p", "-j"}), 0);
  EXPECT_EQ(current->control, "advance E_1 by ada");
  EXPECT_EQ(current->advanced.version, 4U);
  EXPECT_EQ(current->advanced.writes_max, 2U);
  EXPECT_TRUE(current->advanced.pause_executions && current->advanced.pause_delays);
  EXPECT_EQ(answer(), json::parse(R"({"type":"in_progress","pending_state":{"status":"paused"},
                                      "written":2})"));
  client.found.reset();
  EXPECT_EQ(stele({"execution", "advance", "E_1", "--pause-delays", "-j"}), 0);
  EXPECT_FALSE(current->advanced.pause_executions);
  EXPECT_EQ(current->advanced.writes_max, 0U);
  EXPECT_EQ(answer(), json::parse(R"({"type":"finished","value":{"ok":7},"written":2})"));
  EXPECT_EQ(stele({"execution", "advance", "E_1"}), 0);
  EXPECT_EQ(out.str().substr(0, 17), "2 events written\n");
  EXPECT_EQ(stele({"execution", "advance", "E_1", "--trim", "0"}), 2);
}

TEST_F(ControlTest, AdvanceNeedsForceForADifferenceAndSomethingToWrite) {
  client.replayed = advanceable();
  client.replayed->equal = false;
  client.replayed->difference = "stored a | asked b";
  EXPECT_EQ(stele({"execution", "advance", "E_1"}), 4);
  EXPECT_NE(err.str().find("--force"), std::string::npos);
  EXPECT_NE(err.str().find("stored a | asked b"), std::string::npos);
  EXPECT_TRUE(current->control.empty());
  EXPECT_EQ(stele({"execution", "advance", "E_1", "--force"}), 0);
  EXPECT_TRUE(current->advanced.force);
  current->control.clear();
  client.replayed = advanceable();
  client.replayed->captured_count = 0;
  client.replayed->captured.clear();
  client.replayed->outcome.reset();
  EXPECT_EQ(stele({"execution", "advance", "E_1", "-j"}), 0);
  EXPECT_TRUE(current->control.empty());
  EXPECT_EQ(answer()["written"], 0);
}

TEST_F(ControlTest, BacktracesAreFramesWithTheirPlaces) {
  EXPECT_EQ(stele({"execution", "persist-backtraces", "E_1"}), 0);
  EXPECT_EQ(out.str(), "Persisted 3 backtraces\n");
  EXPECT_EQ(stele({"execution", "backtrace", "E_1"}), 0);
  EXPECT_EQ(current->version, "last");
  EXPECT_EQ(out.str(), "versions 4 to 6\n#0   f (w)\n       at a.rs:3:5  w::f\n");
  EXPECT_EQ(stele({"execution", "backtrace", "E_1", "--version", "first", "-j"}), 0);
  EXPECT_EQ(current->version, "first");
  EXPECT_EQ(answer()["version_max_excluding"], 7);
  EXPECT_EQ(answer()["wasm_backtrace"]["frames"][0]["module"], "w");
  client.frames = "broken";
  EXPECT_EQ(stele({"execution", "backtrace", "E_1"}), 0);
  EXPECT_EQ(out.str(), "versions 4 to 6\nbroken\n");
  client.frames = R"({"frames":[7,{"module":null,"func_name":null,"symbols":[{"file":null}]}]})";
  EXPECT_EQ(stele({"execution", "backtrace", "E_1"}), 0);
  EXPECT_EQ(out.str(), "versions 4 to 6\n#0   ?\n");
}

TEST_F(ControlTest, SourcesArePrinted) {
  EXPECT_EQ(stele({"execution", "source", "E_1", "--file", "a.rs"}), 0);
  EXPECT_EQ(out.str(), "fn main() {}\n");
  EXPECT_EQ(stele({"execution", "source", "E_1", "--file", "b.rs"}), 3);
  EXPECT_EQ(stele({"execution", "source", "E_1"}), 2);
}

class GenerateTest : public CliTest {
 protected:
  GenerateTest() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder + "/" + name) << text;
  }
  std::vector<std::string> statuses() const {
    std::vector<std::string> found;
    for (const auto& each : json::parse(out.str())) found.push_back(each["status"]);
    return found;
  }

  const std::string folder = testing::TempDir() + "stele_generate_test";
  const std::string to = folder + "/out";
};

TEST_F(GenerateTest, SupportIsPrintedOrWritten) {
  EXPECT_EQ(stele({"generate", "wit-support", "workflow_wasm"}), 0);
  EXPECT_EQ(toolchain.kind, wasm::ComponentKind::workflow);
  EXPECT_EQ(out.str().substr(0, 31), "// obelisk_log@1.0.0/log.wit\nl\n");
  EXPECT_EQ(stele({"generate", "wit-support", "activity", to, "-j"}), 0);
  EXPECT_EQ(toolchain.kind, wasm::ComponentKind::activity);
  EXPECT_EQ(statuses(), (std::vector<std::string>{"generated", "generated"}));
  EXPECT_EQ(json::parse(out.str())[0]["path"], to + "/obelisk_log@1.0.0/log.wit");
  EXPECT_EQ(stele({"generate", "wit-support", "activity", to, "-j"}), 0);
  EXPECT_EQ(statuses(), (std::vector<std::string>{"up_to_date", "up_to_date"}));
  EXPECT_EQ(stele({"generate", "wit-support", "nonsense"}), 2);
}

TEST_F(GenerateTest, OtherContentIsKeptUnlessForced) {
  toolchain.support_text = "new\n";
  ASSERT_EQ(stele({"generate", "wit-support", "stub", to}), 0);
  toolchain.support_text = "newer\n";
  EXPECT_EQ(stele({"generate", "wit-support", "stub", to}), 4);
  EXPECT_NE(err.str().find("--force"), std::string::npos);
  EXPECT_NE(err.str().find(to + "/obelisk_log@1.0.0/log.wit"), std::string::npos);
  EXPECT_EQ(stele({"generate", "wit-support", "stub", to, "-f", "-j"}), 0);
  EXPECT_EQ(statuses(), (std::vector<std::string>{"created_or_updated", "up_to_date"}));
}

TEST_F(GenerateTest, ExtensionsAreMadeOfAFolder) {
  write("a.wit", "package a:b;\n");
  EXPECT_EQ(stele({"generate", "wit-extensions", "activity_external", folder, to, "-j"}), 0);
  EXPECT_EQ(toolchain.kind, wasm::ComponentKind::external);
  EXPECT_EQ(statuses(), std::vector<std::string>{"generated"});
  write("a.wit", "bad");
  EXPECT_EQ(stele({"generate", "wit-extensions", "stub", folder + "/a.wit", to}), 6);
  EXPECT_NE(err.str().find("no WIT at line 1"), std::string::npos);
  EXPECT_EQ(stele({"generate", "wit-extensions", "stub", folder + "/none", to}), 3);
  EXPECT_EQ(stele({"generate", "wit-extensions", "stub", folder}), 2);
}

TEST_F(GenerateTest, DependenciesAreThoseOfADeployment) {
  EXPECT_EQ(stele({"generate", "wit-deps", "-d", "d.toml", to, "--json"}), 0);
  EXPECT_EQ(statuses(), std::vector<std::string>{"generated"});
  EXPECT_TRUE(std::filesystem::exists(to + "/a_b@1.0.0/a.wit"));
  EXPECT_EQ(stele({"generate", "wit-deps", "-d", "none.toml", to}), 3);
  EXPECT_EQ(stele({"generate", "wit-deps", to}), 2);
}

}  // namespace
}  // namespace stele::cli

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "journal/hash.h"
#include "wasm/scripted/engines.h"
#include "wasm/scripted/types.h"
#include "wasm/scripted/words.h"

namespace stele::wasm::scripted {
namespace {

/// Answers from a list; keeps what was asked.
class Host final : public HostCalls, public Wakes {
 public:
  HostAnswer call(const HostCall& call) noexcept override {
    const std::string params = call.params->render().value_or("?");
    EXPECT_EQ(call.params_hash, blake2b_128(params));
    asked.push_back({call.import, call.handle, params});
    if (next == answers.size()) return {};
    return answers[next++];
  }
  void log(std::uint8_t level, std::string_view message) noexcept override {
    lines.push_back(std::to_string(level) + " " + std::string(message));
  }
  void stream(std::uint8_t which, BytesView bytes) noexcept override {
    lines.push_back("stream " + std::to_string(which) + " " + std::string(bytes));
  }
  void woken(std::uint64_t guest_id) noexcept override { wakes.push_back(guest_id); }

  struct Asked {
    ImportIndex import;
    std::uint32_t handle;
    std::string params;
  };
  std::vector<Asked> asked;
  std::vector<HostAnswer> answers;
  std::size_t next = 0;
  std::vector<std::string> lines;
  std::vector<std::uint64_t> wakes;
};

class ScriptedTest : public ::testing::Test {
 protected:
  std::unique_ptr<Guest> start(const std::string& text, const std::string& params = "[]") {
    ScriptedEngines engines(world_);
    auto compiled =
        engines.compile({.kind = ComponentKind::workflow, .name = "test", .bytes = text});
    EXPECT_TRUE(compiled.has_value()) << (compiled ? "" : compiled.error().reason);
    component_ = *compiled;
    const std::string function = component_->description().exports.front().ffqn();
    auto guest = component_->instantiate(
        {.guest_id = 7, .function = function, .params = params, .calls = &host_, .wakes = &host_});
    EXPECT_TRUE(guest.has_value());
    return std::move(*guest);
  }
  static std::string program(const std::string& body, const std::string& signature = "()") {
    return "interface t:wf/flow@1.0.0\nfn main" + signature + " -> result<string, string>\n" +
           body + "\nend\n";
  }
  void answer(std::string text) { host_.answers.push_back({AnswerKind::answer, std::move(text)}); }

  World world_;
  Host host_;
  std::shared_ptr<Component> component_;
};

TEST_F(ScriptedTest, DescribesExportsAndImports) {
  start(program("call t:act/step@1.0.0.add [1]\njoin s\nsubmit s t:act/step@1.0.0.add [1]\n"
                "await s t:act/step@1.0.0.add\nnext s\nset-id s",
                "(a: u32, b: record{x:u8,y:list<u8>})"),
        R"([1,{"x":1,"y":[]}])");
  const Description& description = component_->description();
  ASSERT_EQ(description.exports.size(), 1U);
  EXPECT_EQ(description.exports[0].ffqn(), "t:wf/flow@1.0.0.main");
  ASSERT_EQ(description.exports[0].params.size(), 2U);
  EXPECT_EQ(description.exports[0].params[1].type, "record{x:u8,y:list<u8>}");
  std::vector<std::string> imports;
  for (const Function& import : description.imports) imports.push_back(import.ffqn());
  EXPECT_EQ(
      imports,
      (std::vector<std::string>{
          "t:act/step@1.0.0.add", "obelisk:workflow/workflow-support@6.0.0.join-set-create",
          "t:act-obelisk-ext/step@1.0.0.add-submit", "t:act-obelisk-ext/step@1.0.0.add-await-next",
          "obelisk:workflow/workflow-support@6.0.0.join-next",
          "obelisk:types/join-set@5.0.0.[method]join-set.id"}));
  EXPECT_TRUE(description.digest.starts_with("sha256:"));
}

TEST_F(ScriptedTest, ParksAndResumes) {
  const auto guest =
      start(program("call t:act/step.add [$0, 2] as x\nreturn ok $x.ok.deep", "(a: u32)"), "[1]");
  EXPECT_EQ(guest->poll().state, PollState::parked);
  ASSERT_EQ(host_.asked.size(), 1U);
  EXPECT_EQ(host_.asked[0].params, "[1,2]");
  EXPECT_EQ(host_.asked[0].handle, no_handle);
  guest->resume({AnswerKind::answer, R"({"ok":{"deep":"yes"}})"});
  const PollResult result = guest->poll();
  EXPECT_EQ(result.state, PollState::finished);
  EXPECT_TRUE(result.finished.ok);
  EXPECT_EQ(result.finished.value, "\"yes\"");
}

TEST_F(ScriptedTest, KeepsHandlesAndDropsThem) {
  answer("4");
  answer(R"({"ok":6})");
  answer(R"({"err":"conflict"})");
  answer("null");
  answer("null");
  const auto guest =
      start(program("join a\njoin b named x/y\njoin c named x/y as r\nnext b\ndrop a\ncheck r"));
  const PollResult result = guest->poll();
  EXPECT_EQ(result.state, PollState::finished);
  EXPECT_FALSE(result.finished.ok);
  EXPECT_EQ(result.finished.value, "\"conflict\"");
  ASSERT_EQ(host_.asked.size(), 5U);
  EXPECT_EQ(host_.asked[1].params, R"(["x/y"])");
  EXPECT_EQ(host_.asked[3].handle, 6U);
  EXPECT_EQ(host_.asked[4].handle, 4U);
  EXPECT_EQ(host_.asked[4].import, import_drop_join_set);
}

TEST_F(ScriptedTest, LoopsCountAndLog) {
  const auto guest =
      start(program("loop 2 as i\nloop 2 as j\nlog info $i/$j\nend\nend\nprint done"));
  EXPECT_EQ(guest->poll().state, PollState::finished);
  EXPECT_EQ(host_.lines,
            (std::vector<std::string>{"3 0/0", "3 0/1", "3 1/0", "3 1/1", "stream 1 done\n"}));
}

TEST_F(ScriptedTest, AttemptsAreCountedInTheWorld) {
  const std::string text = program("fail 1 \"no\"\ntrap-first 2 oops\nreturn ok \"yes\"");
  EXPECT_EQ(start(text)->poll().finished.value, "\"no\"");
  const PollResult second = start(text)->poll();
  EXPECT_EQ(second.state, PollState::failed);
  EXPECT_EQ(second.failure.kind, FailureKind::trap);
  EXPECT_EQ(second.failure.reason, "oops");
  EXPECT_EQ(start(text)->poll().finished.value, "\"yes\"");
  EXPECT_EQ(world_.attempts("t:wf/flow@1.0.0.main []"), 3U);
}

TEST_F(ScriptedTest, SpinYieldsUntilInterrupted) {
  const auto guest = start(program("spin"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(guest->poll().state, PollState::yielded);
  guest->interrupt();
  EXPECT_EQ(guest->poll().failure.kind, FailureKind::interrupted);
}

TEST_F(ScriptedTest, GatesWakeWhoWaits) {
  const auto guest = start(program("wait door"));
  EXPECT_EQ(guest->poll().state, PollState::waiting);
  world_.open("door");
  EXPECT_EQ(host_.wakes, std::vector<std::uint64_t>{7});
  EXPECT_EQ(guest->poll().state, PollState::finished);
}

TEST_F(ScriptedTest, PermanentIsReadFromVariantsOnly) {
  const std::string text =
      "interface t:a/b\nfn f() -> result<_, variant{permanent-x,execution-failed}>\n"
      "return err \"permanent_x\"\nend\n";
  EXPECT_TRUE(start(text)->poll().finished.permanent);
  EXPECT_FALSE(start(program("return err \"permanent_x\""))->poll().finished.permanent);
}

TEST_F(ScriptedTest, RefusesWithTheLine) {
  ScriptedEngines engines(world_);
  struct Row {
    const char* text;
    const char* reason;
  };
  for (const Row& row :
       {Row{"fn f() -> result\nfly\nend", "line 2: unknown verb 'fly'"},
        Row{"call x", "line 1: expected interface"}, Row{"fn f()", "line 1: expected fn name"},
        Row{"fn f() -> result\nloop x\nend", "line 2: expected a number"},
        Row{"fn f() -> result\nsleep soon\nend", "line 2: 'soon' is no time"},
        Row{"fn f() -> result", "the last function has no end"}}) {
    const auto refused = engines.compile({.name = "bad", .bytes = row.text});
    ASSERT_FALSE(refused.has_value()) << row.text;
    EXPECT_NE(refused.error().reason.find(row.reason), std::string::npos) << refused.error().reason;
  }
}

TEST_F(ScriptedTest, CallsWhatTheContractHas) {
  struct Row {
    const char* line;
    const char* import;
    const char* params;
  };
  const std::string support = "obelisk:workflow/workflow-support@6.0.0.";
  for (const Row& row : {
           Row{"last-oneoff", "last-oneoff-id", "[]"},
           Row{"get t:a/b.f E_1", "t:a-obelisk-ext/b.f-get", R"([{"id":"E_1"}])"},
           Row{"get-json $0", "get-result-json", R"([{"id":"E_2"}])"},
           Row{R"(failure-kind {"id":$0.id})", "get-execution-failure-kind", R"([{"id":"E_2"}])"},
           Row{"submit-json s t:a/b@1.0.0.f [$1, 2]", "submit-json",
               R"([{"interface_name":"t:a/b@1.0.0","function_name":"f"},"[3, 2]"])"},
           Row{"call-json nothing \"x", "call-json",
               R"([{"interface_name":"nothing","function_name":""},"\"x"])"},
           Row{"schedule t:a/b.f 5s [1, $1]", "t:a-obelisk-schedule/b.f-schedule",
               R"([{"in":{"seconds":5}},1,3])"},
           Row{"schedule t:a/b.f now", "t:a-obelisk-schedule/b.f-schedule", R"(["now"])"},
           Row{"schedule-json $0 now t:a/b.f []", "schedule-json",
               R"([{"id":"E_2"},"now",{"interface_name":"t:a/b","function_name":"f"},"[]"])"},
           Row{R"(stub t:a/b.f $0 {"ok":[1]})", "t:a-obelisk-stub/b.f-stub",
               R"([{"id":"E_2"},{"ok":[1]}])"},
           Row{R"(stub-json E_1 {"ok": $1})", "stub-json", R"([{"id":"E_1"},"{\"ok\": 3}"])"},
       }) {
    host_.asked.clear();
    host_.answers = {{AnswerKind::answer, "1"}};
    host_.next = 0;
    const auto guest =
        start(program("join s\n" + std::string(row.line), "(a: a, n: u32)"), R"([{"id":"E_2"},3])");
    guest->poll();
    ASSERT_EQ(host_.asked.size(), 2U) << row.line;
    EXPECT_EQ(host_.asked[1].params, canonical(row.params)) << row.line;
    const std::string ffqn = component_->description().imports[host_.asked[1].import].ffqn();
    const std::string expected = row.import;
    EXPECT_EQ(ffqn, expected.contains('/') ? expected : support + expected);
  }
}

TEST_F(ScriptedTest, ChecksTypes) {
  struct Row {
    const char* type;
    const char* json;
    const char* error;  ///< null: it fits
  };
  for (const Row& row : {
           Row{"u8", "255", nullptr},
           Row{"u8", "256", R"(invalid value: integer `256`, expected value matching "u8")"},
           Row{"s8", "-128", nullptr},
           Row{"u8", "-1", R"(invalid value: integer `-1`, expected value matching "u8")"},
           Row{"u64", "18446744073709551615", nullptr},
           Row{"u8", R"("42")", R"(invalid type: string "42", expected value matching "u8")"},
           Row{"string", "true",
               R"(invalid type: boolean `true`, expected value matching "string")"},
           Row{"bool", "null", R"(invalid type: null, expected value matching "bool")"},
           Row{"f64", "1.5", nullptr},
           Row{"list<u8>", "[1,2]", nullptr},
           Row{"list<u8>", "{}", R"(invalid type: map, expected value matching "list<u8>")"},
           Row{"option<u8>", "null", nullptr},
           Row{"option<u8>", "[]", R"(invalid type: sequence, expected value matching "u8")"},
           Row{"tuple<u8,string>", R"([1,"x"])", nullptr},
           Row{"tuple<u8,string>", "[1]",
               R"(invalid length, expected 2 elements matching "tuple<u8,string>")"},
           Row{"record{a:u8}", "{}", nullptr},
           Row{"result", R"({"ok":null})", nullptr},
           Row{"result", R"({"ok":1})", "invalid result value, expected null"},
           Row{"result<_, string>", R"({"err":"x"})", nullptr},
           Row{"result<u8, string>", R"({"err":1})",
               R"(invalid type: integer `1`, expected value matching "string")"},
           Row{"result<u8>", "{}", "a result needs the key `ok` or `err`"},
           Row{"result<u8>", R"({"okay":1})", "a result needs the key `ok` or `err`, not `okay`"},
       }) {
    const Result<void> fits = check_type(row.type, row.json);
    EXPECT_EQ(fits.has_value(), row.error == nullptr) << row.type << ' ' << row.json;
    if (!fits && row.error != nullptr) {
      EXPECT_EQ(fits.error().reason, row.error);
    }
  }
}

TEST_F(ScriptedTest, ChecksParams) {
  start(program("return ok", "(a: u32)"), "[1]");
  const auto checked = component_->check_params("t:wf/flow@1.0.0.main", "[ 1 ]");
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->text, "[1]");
  EXPECT_EQ(component_->check_params("t:wf/flow@1.0.0.main", "[]").error().reason,
            "parameter cardinality mismatch, expected: 1, specified: 0");
  EXPECT_EQ(component_->check_params("t:wf/flow@1.0.0.main", R"(["x"])").error().reason,
            "parameters cannot be deserialized: cannot parse 1-th parameter - "
            "`invalid type: string \"x\", expected value matching \"u32\"`");
  EXPECT_EQ(component_->check_params("t:wf/flow@1.0.0.main", "{").error().code,
            Code::invalid_argument);
  EXPECT_EQ(component_->check_params("t:wf/flow@1.0.0.none", "[]").error().code, Code::not_found);
}

}  // namespace
}  // namespace stele::wasm::scripted

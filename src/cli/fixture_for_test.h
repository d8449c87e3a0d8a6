// SPDX-License-Identifier: Apache-2.0
// Owns: a command line whose server and toolchain are a few fields. Life cycle: one test.
// Thread: the test's. Must hold: every run of a command sees what the test has set.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "cli/cli.h"

namespace stele::cli {

inline Execution finished_execution(ResultKind kind) {
  Execution execution;
  execution.id = "E_1";
  execution.ffqn = "demo:a/b@1.0.0.c";
  execution.state = "finished";
  execution.state_json = R"({"status":"finished"})";
  execution.params = "[1]";
  execution.finished = Instant{1'500'000};
  execution.result =
      ExecutionResult{kind, kind == ResultKind::failure ? "" : "7", {"timed_out", "too slow", ""}};
  return execution;
}

/// What a client was asked.
struct Seen {
  Submission submitted;
  ListQuery listed;
  std::vector<std::uint32_t> followed;
  std::string control;  ///< `pause E_1 by ada: late`
  std::string value;    ///< of a stub
  bool skip_check = false;
  Advance advanced;
  std::string version;  ///< of a backtrace
};

/// A server that is a few fields.
class FakeClient final : public ApiClient {
 public:
  Result<SubmitAnswer> submit(const Submission& submission) override {
    seen->submitted = submission;
    if (error) return std::unexpected(*error);
    return SubmitAnswer{"E_1", false};
  }
  Result<Execution> get(const std::string& /*id*/) override {
    if (error) return std::unexpected(*error);
    return found ? *found : finished_execution(kind);
  }
  Result<ExecutionPage> list(const ListQuery& query) override {
    seen->listed = query;
    return ExecutionPage{{finished_execution(kind)}, ""};
  }
  Result<ItemPage> events(const PageQuery& query) override {
    ItemPage page;
    for (auto at = query.from; at < 5 && page.items.size() < std::min(query.limit, 2U); ++at) {
      const auto number = static_cast<std::uint32_t>(at);
      page.items.push_back({number, Instant{1}, "persist", "x", std::to_string(number)});
    }
    page.next = static_cast<std::uint32_t>(query.from + page.items.size());
    page.more = page.next < 5;
    return page;
  }
  Result<ItemPage> responses(const PageQuery& query) override { return events(query); }
  Result<LogPage> logs(const PageQuery& query) override {
    LogPage page{{}, 1};
    if (query.from == 0) page.lines.push_back({Instant{1}, 1, "info", "", "hello"});
    return page;
  }
  Result<void> cancel(const Control& control) override { return note("cancel", control); }
  Result<void> pause(const Control& control) override { return note("pause", control); }
  Result<void> unpause(const Control& control) override { return note("unpause", control); }
  Result<bool> stub(const Control& control, const std::string& value) override {
    seen->value = value;
    TRY(note("stub", control));
    return false;
  }
  Result<UpgradeAnswer> upgrade(const Control& control, bool skip_check) override {
    seen->skip_check = skip_check;
    TRY(note("upgrade", control));
    return UpgradeAnswer{!skip_check, "sha256:1"};
  }
  Result<ReplayAnswer> replay(const std::string& /*id*/) override {
    if (replayed) return *replayed;
    return ReplayAnswer{kind == ResultKind::ok, "a | b", 3, "finished", 4, {}, 0, {}};
  }
  Result<std::uint32_t> advance(const Advance& advance) override {
    seen->advanced = advance;
    TRY(note("advance", advance.by));
    return 2;
  }
  Result<std::uint32_t> persist_backtraces(const std::string& id) override {
    TRY(note("persist", {id, "", ""}));
    return 3;
  }
  Result<Backtrace> backtrace(const std::string& id, const std::string& version) override {
    seen->version = version;
    TRY(note("backtrace", {id, "", ""}));
    return Backtrace{4, 7, frames};
  }
  Result<std::string> source(const std::string& /*id*/, const std::string& file) override {
    if (file != "a.rs") return fail(Code::not_found, "no such source", file);
    return "fn main() {}\n";
  }
  Result<void> follow(const std::string& /*id*/, std::uint32_t position,
                      const std::function<void(const Update&)>& take) override {
    seen->followed.push_back(position);
    if (seen->followed.size() == 1 && breaks) {
      take({Update::Kind::event, {1, Instant{1}, "persist", "first", "{}"}, {}, 4});
      return fail(Code::unavailable, "gone");
    }
    take({Update::Kind::event, {5, Instant{1}, "temporarily_failed", "again", "{}"}, {}, 5});
    take({Update::Kind::finished, {}, finished_execution(kind), 5});
    return {};
  }
  Result<std::vector<FunctionInfo>> functions(const std::string& /*prefix*/) override {
    return std::vector<FunctionInfo>{
        {"demo:a/b@1.0.0.c", "workflow", "w", {{"n", "u8"}}, "result<u8>"},
        {"demo:a/other.c", "activity", "a", {}, ""}};
  }
  Result<std::map<std::string, std::uint64_t>> counters() override {
    return std::map<std::string, std::uint64_t>{{"steps", 3}};
  }

  std::shared_ptr<Seen> seen = std::make_shared<Seen>();
  ResultKind kind = ResultKind::ok;
  std::optional<Error> error;
  bool breaks = false;
  std::optional<ReplayAnswer> replayed;
  std::optional<Execution> found;
  std::string frames = R"({"frames":[{"module":"w","func_name":"f","symbols":[
      {"func_name":"w::f","file":"a.rs","line":3,"col":5},{"func_name":null}]}]})";

 private:
  Result<void> note(std::string_view what, const Control& control) {
    if (error) return std::unexpected(*error);
    seen->control = std::string(what).append(" ").append(control.id);
    if (!control.requester.empty()) seen->control.append(" by ").append(control.requester);
    if (!control.reason.empty()) seen->control.append(": ").append(control.reason);
    return {};
  }
};

/// Answers with a file or two.
class FakeToolchain : public wasm::Toolchain {
 public:
  Result<wasm::Description> inspect(std::string_view) override { return wasm::Description(); }
  Result<std::string> wit(std::string_view) override { return "package a:b;\n"; }
  Result<std::string> print_wit(std::span<const wasm::SourceFile>) override { return ""; }
  Result<std::string> new_component(const wasm::NewComponent&) override { return ""; }
  Result<std::vector<wasm::SourceFile>> bindings(wasm::BindingsLanguage,
                                                 std::span<const wasm::SourceFile>,
                                                 std::string_view) override {
    return std::vector<wasm::SourceFile>();
  }
  Result<std::string> types_only(std::span<const wasm::Function>) override { return ""; }
  Result<wasm::Description> describe_wit(std::span<const wasm::SourceFile>) override {
    return wasm::Description();
  }
  std::vector<wasm::SourceFile> support_wit(wasm::ComponentKind asked) override {
    kind = asked;
    return {{"obelisk_log@1.0.0/log.wit", support_text}, {"obelisk_types@5.0.0/types.wit", "t\n"}};
  }
  Result<std::vector<wasm::SourceFile>> extension_wit(
      wasm::ComponentKind asked, std::span<const wasm::SourceFile> sources) override {
    kind = asked;
    if (sources[0].text == "bad") return fail(Code::invalid_argument, "no WIT at line 1");
    return std::vector<wasm::SourceFile>{{"a_b-obelisk-ext/a.wit", sources[0].text}};
  }
  Result<std::vector<wasm::SourceFile>> dependency_wit(std::span<const wasm::Exporter>) override {
    return std::vector<wasm::SourceFile>();
  }
  std::vector<wasm::LinkProblem> check_links(std::span<const wasm::LinkParty>) override {
    return {};
  }

  std::string support_text = "l\n";
  wasm::ComponentKind kind = wasm::ComponentKind::stub;
};

class CliTest : public testing::Test {
 protected:
  int stele(const std::vector<std::string>& words) {
    out.str("");
    err.str("");
    Ports ports{
        .console = Console({out, err}),
        .version = "1.2.3",
        .connect = [this](const std::string& address) -> Result<std::unique_ptr<ApiClient>> {
          connected = address;
          auto made = std::make_unique<FakeClient>(client);
          current = made->seen;
          return std::unique_ptr<ApiClient>(std::move(made));
        },
        .toolchain = [this]() -> Result<wasm::Toolchain*> { return &toolchain; },
        .new_execution_id = [] { return "E_new"; },
        .run_server =
            [this](const ServerOptions& options) {
              server = options;
              return 0;
            },
        .environment = [this](const char* name) -> std::optional<std::string> {
          const auto found = environment.find(name);
          return found == environment.end() ? std::nullopt : std::optional(found->second);
        },
        .deployment_wit = [](const std::string& path) -> Result<std::vector<wasm::SourceFile>> {
          if (path != "d.toml") return fail(Code::not_found, "no such file", path);
          return std::vector<wasm::SourceFile>{{"a_b@1.0.0/a.wit", "package a:b@1.0.0;\n"}};
        },
    };
    return run(words, ports);
  }

  std::ostringstream out;
  std::ostringstream err;
  FakeClient client;
  FakeToolchain toolchain;
  std::shared_ptr<Seen> current;
  std::string connected;
  ServerOptions server;
  std::map<std::string, std::string> environment;
};

}  // namespace stele::cli

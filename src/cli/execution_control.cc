// SPDX-License-Identifier: Apache-2.0
// Commands that change an execution: cancel, pause, unpause, stub, upgrade.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "cli/json_out.h"
#include "cli/session.h"

namespace stele::cli {
namespace {

int say(Session& session, std::string_view text) {
  session.console().line(session.json() ? fmt::format("{{\"ok\":{}}}", json_string(text))
                                        : std::string(text));
  return number(Exit::ok);
}

std::shared_ptr<Control> add_control_options(CLI::App& command, Session& session,
                                             const char* id_text) {
  auto control = std::make_shared<Control>();
  control->requester = session.ports().environment("USER").value_or("");
  command.add_option("id", control->id, id_text)->required();
  command.add_option("--reason", control->reason, "Stored with the request");
  session.add_client_options(command);
  return control;
}

struct ControlCommand {
  const char* name;
  const char* help;
  const char* id_text;
  const char* footer;
  Result<void> (ApiClient::*send)(const Control&);
  const char* done;
};

constexpr ControlCommand control_commands[] = {
    {"cancel", "Ask an execution to end, or end a delay before its time", "E_… or Delay_…",
     "Activities and delays can always be cancelled; workflows only if their name ends in\n"
     "`-cancellable`.\n"
     "Example:\n  stele execution cancel E_01K8X5M1J3QZ0V9T7RB2C4D6EF --reason 'wrong order'",
     &ApiClient::cancel, "cancellation requested"},
    {"pause", "Stop an execution or a delay until it is unpaused", "E_… or Delay_…",
     "A running activity cannot be paused, only cancelled.\n"
     "Example:\n  stele execution pause E_01K8X5M1J3QZ0V9T7RB2C4D6EF",
     &ApiClient::pause, "Paused"},
    {"unpause", "Let a paused execution or delay go on", "E_… or Delay_…",
     "A delay that is overdue fires at once.\n"
     "Example:\n  stele execution unpause Delay_01K8X5M1J3QZ0V9T7RB2C4D6EF.o:1-sleep_1",
     &ApiClient::unpause, "Unpaused"},
};

void add_control(CLI::App& group, Session& session, const ControlCommand& each) {
  CLI::App& command = *group.add_subcommand(each.name, each.help);
  const auto control = add_control_options(command, session, each.id_text);
  command.footer(each.footer);
  session.on_server(command, [control, &each](Session& s, ApiClient& client) {
    const auto done = (client.*each.send)(*control);
    return done ? say(s, each.done) : s.console().fail(done.error());
  });
}

Result<std::string> read_value(const std::string& word) {
  const bool named = word.starts_with('@');
  std::string value = named ? TRY(read_file(word.substr(1))) : word;
  if (nlohmann::json::accept(value)) return value;
  return fail(Code::invalid_argument,
              "the value is not JSON; write for instance '{\"ok\": 42}' or '{\"err\": \"why\"}'",
              named ? word.substr(1) : value);
}

int stub(Session& session, ApiClient& client, const Control& control, const std::string& word) {
  const auto value = read_value(word);
  if (!value) return session.console().fail(value.error());
  const auto repeated = client.stub(control, *value);
  if (!repeated) return session.console().fail(repeated.error());
  if (session.json()) session.console().line(fmt::format(R"({{"repeated":{}}})", *repeated));
  return number(Exit::ok);
}

void add_stub(CLI::App& group, Session& session) {
  CLI::App& command = *group.add_subcommand("stub", "Give a stub or external activity its value");
  const auto control = add_control_options(command, session, "E_… of the stub");
  const auto value = std::make_shared<std::string>();
  command
      .add_option("value", *value,
                  R"({"ok": value} or {"err": value} as the function's type says, or @file)")
      ->required();
  command.footer(
      "`stele execution list --open-stubs` shows what waits for a value. The same value again is\n"
      "no error; another one is a conflict.\n"
      "Example:\n"
      "  stele execution stub E_01K8X5M1J3QZ0V9T7RB2C4D6EF.n:approval_1 '{\"ok\": \"yes\"}'");
  session.on_server(command, [control, value](Session& s, ApiClient& client) {
    return stub(s, client, *control, *value);
  });
}

int upgrade(Session& session, ApiClient& client, const Control& control, bool skip_check) {
  const auto answer = client.upgrade(control, skip_check);
  if (!answer) return session.console().fail(answer.error());
  if (session.json()) {
    session.console().line(fmt::format(R"({{"changed":{},"component_digest":{}}})", answer->changed,
                                       json_string(answer->digest)));
    return number(Exit::ok);
  }
  session.console().line(
      fmt::format("{} {}", answer->changed ? "moved to" : "was already on", answer->digest));
  return number(Exit::ok);
}

void add_upgrade(CLI::App& group, Session& session) {
  CLI::App& command =
      *group.add_subcommand("upgrade", "Move a workflow to the component that is deployed now");
  const auto control = add_control_options(command, session, "E_…");
  const auto skip_check = std::make_shared<bool>(false);
  command.add_flag("--skip-determinism-check", *skip_check,
                   "Do not replay its history on the new component first");
  command.footer(
      "If the new code asks for something else than what is stored, nothing changes, and both\n"
      "calls are shown.\n"
      "Example:\n  stele execution upgrade E_01K8X5M1J3QZ0V9T7RB2C4D6EF");
  session.on_server(command, [control, skip_check](Session& s, ApiClient& client) {
    return upgrade(s, client, *control, *skip_check);
  });
}

}  // namespace

void add_execution_control(CLI::App& group, Session& session) {
  for (const ControlCommand& each : control_commands) add_control(group, session, each);
  add_stub(group, session);
  add_upgrade(group, session);
}

}  // namespace stele::cli

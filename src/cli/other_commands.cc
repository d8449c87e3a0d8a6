// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/json_out.h"
#include "cli/session.h"

namespace stele::cli {
namespace {

int list_functions(Session& session, ApiClient& client, const std::string& prefix) {
  const auto functions = client.functions(prefix);
  if (!functions) return session.console().fail(functions.error());
  if (session.json()) {
    std::vector<std::string> items;
    for (const FunctionInfo& each : *functions) items.push_back(to_json(each));
    session.console().line(array_of(items));
    return number(Exit::ok);
  }
  Table table({"FUNCTION", "KIND", "COMPONENT", "SIGNATURE"});
  for (const FunctionInfo& each : *functions) {
    table.add({each.ffqn, each.kind, each.component, signature_text(each)});
  }
  table.print(session.console());
  return number(Exit::ok);
}

int show_counters(Session& session, ApiClient& client) {
  const auto counters = client.counters();
  if (!counters) return session.console().fail(counters.error());
  std::vector<std::string> items;
  Table table({"COUNTER", "VALUE"});
  for (const auto& [name, value] : *counters) {
    items.push_back(fmt::format("{}:{}", json_string(name), value));
    table.add({name, std::to_string(value)});
  }
  if (session.json()) {
    session.console().line(fmt::format("{{{}}}", fmt::join(items, ",")));
  } else {
    table.print(session.console());
  }
  return number(Exit::ok);
}

void add_run(CLI::App& group, Session& session) {
  const auto options = std::make_shared<ServerOptions>();
  CLI::App& command = *group.add_subcommand("run", "Run the server until it is told to stop");
  command.add_option("-d,--deployment", options->deployment, "deployment.toml: what to run")
      ->required();
  command.add_option("--data-dir", options->data_dir,
                     "Where everything is stored ($XDG_DATA_HOME/stele)");
  command.add_option("--listen", options->listen,
                     "Address of this machine to listen on (127.0.0.1:5005); port 0 picks one");
  command
      .add_option("--memory-budget", options->memory_budget_mib,
                  "MiB for workflows kept in memory (256)")
      ->check(CLI::Range(16U, 1U << 20U));
  command
      .add_option("--queue-max", options->queue_max,
                  "Executions that wait to begin (128); submissions beyond are refused for a while")
      ->check(CLI::Range(1U, 1U << 20U));
  command.add_option("--fuel", options->fuel,
                     "Instructions that one run of a guest may take (without limit)");
  command.add_option("--log-format", options->log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command.add_option(
      "--profile", options->profile,
      "Write what each thread did to this file at the end, in Chrome's trace format");
  command.footer(
      "The first line on stdout is {\"ready\":true,\"address\":\"…\"}. SIGTERM and SIGINT finish\n"
      "what runs; a second one stops at once, which is as safe as a crash.\n"
      "Example:\n  stele server run -d deployment.toml --data-dir ./data");
  session.on(command, [options](Session& s) { return s.ports().run_server(*options); });
}

}  // namespace

void add_server_commands(CLI::App& app, Session& session) {
  CLI::App& group = *app.add_subcommand("server", "Run a server and look at it");
  group.require_subcommand(1);
  add_run(group, session);
  CLI::App& counters = *group.add_subcommand("counters", "Show figures since the server started");
  session.add_client_options(counters);
  session.on_server(counters, show_counters);
}

void add_function_commands(CLI::App& app, Session& session) {
  CLI::App& group = *app.add_subcommand("function", "What can be submitted");
  group.require_subcommand(1);
  const auto prefix = std::make_shared<std::string>();
  CLI::App& command = *group.add_subcommand("list", "List the functions of the active deployment");
  command.add_option("--ffqn", *prefix, "Only functions whose name starts so");
  session.add_client_options(command);
  command.footer("Example:\n  stele function list --ffqn demo:");
  session.on_server(command, [prefix](Session& s, ApiClient& client) {
    return list_functions(s, client, *prefix);
  });
}

}  // namespace stele::cli

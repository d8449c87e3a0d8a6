// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "cli/follow.h"
#include "cli/json_out.h"
#include "cli/params.h"
#include "cli/session.h"

namespace stele::cli {
namespace {

struct SubmitOptions {
  std::string ffqn;
  std::string params;
  std::string id;
  bool follow = false;
  bool no_reconnect = false;
  bool paused = false;
};

Result<std::string> full_name(const std::string& name, Session& session, ApiClient& client) {
  if (!is_short_ffqn(name)) return name;
  std::vector<std::string> known;
  for (const FunctionInfo& each : TRY(client.functions(""))) known.push_back(each.ffqn);
  std::string ffqn = TRY(resolve_ffqn(name, known));
  if (!session.json()) session.console().notice("Matched " + ffqn);
  return ffqn;
}

Result<std::string> submit_params(const SubmitOptions& options, const Session& session) {
  ParamWords words{session.separate_words(), session.has_separate_words()};
  if (!options.params.empty()) {
    if (words.separate) {
      return fail(Code::invalid_argument, "write the params before or after `--`, not both");
    }
    words.words.push_back(options.params);
  }
  return read_params(words);
}

Result<SubmitAnswer> send(Session& session, ApiClient& client, const SubmitOptions& options) {
  // Locals: gcc does not destroy the members that a brace has made when a later TRY leaves it.
  std::string ffqn = TRY(full_name(options.ffqn, session, client));
  std::string params = TRY(submit_params(options, session));
  const Submission submission{.id = options.id,
                              .ffqn = std::move(ffqn),
                              .params = std::move(params),
                              .requester = session.ports().environment("USER").value_or(""),
                              .paused = options.paused};
  return client.submit(submission);
}

int submit(Session& session, ApiClient& client, const SubmitOptions& options) {
  const auto answer = send(session, client, options);
  if (!answer) return session.console().fail(answer.error());
  if (session.json()) {
    session.console().line(fmt::format(R"({{"execution_id":{},"repeated":{}}})",
                                       json_string(answer->id), answer->repeated));
  } else {
    session.console().line(answer->id);
    if (answer->repeated) session.console().notice("This request had been accepted before.");
  }
  session.console().flush();
  if (!options.follow) return number(Exit::ok);
  return follow(session, client, {.id = answer->id, .reconnect = !options.no_reconnect});
}

void add_submit(CLI::App& group, Session& session) {
  const auto options = std::make_shared<SubmitOptions>();
  CLI::App& command = *group.add_subcommand("submit", "Start an execution and print its id");
  command.add_option("function", options->ffqn, "ns:pkg/ifc@version.function, or .../ifc.function")
      ->required();
  command.add_option("params", options->params,
                     "JSON array, or @file with one; or one JSON value each after `--`");
  command.add_option("-e,--execution-id", options->id,
                     "Id chosen by you: the same submission may then be repeated safely");
  command.add_flag("-f,--follow", options->follow, "Show progress until it is finished");
  command.add_flag("--no-reconnect", options->no_reconnect,
                   "With --follow: give up when the connection breaks");
  command.add_flag("--paused", options->paused, "Nothing of it runs before `execution unpause`");
  session.add_client_options(command);
  command.footer(
      "Examples:\n"
      "  stele execution submit 'demo:greeter/greet.hello' '[\"Ada\"]'\n"
      "  stele execution submit -f .../greet.hello -- '\"Ada\"'\n"
      "  stele execution submit -e $(stele generate execution-id) .../greet.hello @params.json");
  session.on_server(
      command, [options](Session& s, ApiClient& client) { return submit(s, client, *options); });
}

struct GetOptions {
  std::string id;
  bool follow = false;
};

int get(Session& session, ApiClient& client, const GetOptions& options) {
  if (options.follow) return follow(session, client, {.id = options.id});
  const auto execution = client.get(options.id);
  if (!execution) return session.console().fail(execution.error());
  return show(session, *execution);
}

void add_get(CLI::App& group, Session& session) {
  const auto options = std::make_shared<GetOptions>();
  CLI::App& command = *group.add_subcommand("get", "Show an execution's state and result");
  command.alias("status");
  command.add_option("id", options->id, "E_…")->required();
  command.add_flag("-f,--follow", options->follow, "Show progress until it is finished");
  session.add_client_options(command);
  command.footer(
      "The exit code is 1 if the execution has failed.\n"
      "Example:\n  stele execution get E_01K8X5M1J3QZ0V9T7RB2C4D6EF --json");
  session.on_server(command,
                    [options](Session& s, ApiClient& client) { return get(s, client, *options); });
}

}  // namespace

void add_execution_commands(CLI::App& app, Session& session) {
  CLI::App& group = *app.add_subcommand("execution", "Start, watch and end executions");
  group.alias("exec");
  group.require_subcommand(1);
  add_submit(group, session);
  add_get(group, session);
  add_execution_reads(group, session);
  add_execution_control(group, session);
  add_execution_replay(group, session);
}

}  // namespace stele::cli

// SPDX-License-Identifier: Apache-2.0
// Commands that run an execution's code again: replay, advance, and the backtraces of both.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/follow.h"
#include "cli/json_out.h"
#include "cli/session.h"

namespace stele::cli {
namespace {

void print_captured(const Console& console, const ReplayAnswer& answer) {
  if (answer.captured_count > 0) {
    Table table({"NEXT", "KIND", "DETAILS"});
    for (const Item& item : answer.captured) {
      table.add({std::to_string(item.number), item.kind, item.summary});
    }
    table.print(console);
  }
  const std::size_t hidden = answer.captured_count - answer.captured.size();
  if (hidden > 0) console.line(fmt::format("… and {} more", hidden));
  if (answer.outcome) console.line("then it ends: " + result_text(*answer.outcome));
}

void print_replay(const Console& console, const ReplayAnswer& answer) {
  if (answer.equal) {
    console.line(fmt::format("equal: {} events matched, then {}", answer.events, answer.state));
  } else {
    console.line(fmt::format("different after {} events", answer.events));
    console.line(answer.difference);
  }
  print_captured(console, answer);
}

int replay(Session& session, ApiClient& client, const std::string& id) {
  if (session.ports().interactive) session.console().notice("Replaying " + id + " …");
  const auto answer = client.replay(id);
  if (!answer) return session.console().fail(answer.error());
  if (session.json()) {
    session.console().line(to_json(*answer));
  } else {
    print_replay(session.console(), *answer);
  }
  return number(answer->equal ? Exit::ok : Exit::execution_failed);
}

void add_replay(CLI::App& group, Session& session) {
  const auto id = std::make_shared<std::string>();
  CLI::App& command = *group.add_subcommand(
      "replay", "Run the deployed code against the stored history; nothing is written");
  command.add_option("id", *id, "E_…")->required();
  session.add_client_options(command);
  command.footer(
      "Says `equal` and what the code would do next, or shows what is stored and what the code\n"
      "asked for (exit code 1).\n"
      "Example:\n  stele execution replay E_01K8X5M1J3QZ0V9T7RB2C4D6EF");
  session.on_server(command,
                    [id](Session& s, ApiClient& client) { return replay(s, client, *id); });
}

struct AdvanceOptions {
  Advance advance;
  bool pause_all = false;
};

/// What the execution is like after `written` events.
int show_advanced(Session& session, ApiClient& client, const std::string& id,
                  std::uint32_t written) {
  const auto execution = client.get(id);
  if (!execution) return session.console().fail(execution.error());
  if (!session.json()) {
    session.console().line(fmt::format("{} events written", written));
    return show(session, *execution);
  }
  const std::string end =
      execution->result
          ? fmt::format(R"("type":"finished","value":{})", result_json(execution->result))
          : fmt::format(R"("type":"in_progress","pending_state":{})", execution->state_json);
  session.console().line(fmt::format(R"({{{},"written":{}}})", end, written));
  return number(Exit::ok);
}

int advance(Session& session, ApiClient& client, const AdvanceOptions& options) {
  Advance request = options.advance;
  request.pause_executions = request.pause_executions || options.pause_all;
  request.pause_delays = request.pause_delays || options.pause_all;
  if (session.ports().interactive) session.console().notice("Replaying " + request.by.id + " …");
  const auto replayed = client.replay(request.by.id);
  if (!replayed) return session.console().fail(replayed.error());
  if (!replayed->equal && !request.force) {
    return session.console().fail(
        error(Code::failed_precondition,
              fmt::format("the code asks for something else than what is stored; with --force, "
                          "what it did before that is written\n{}",
                          replayed->difference),
              request.by.id));
  }
  const bool nothing = replayed->captured_count == 0 && !replayed->outcome;
  if (nothing || replayed->state == "finished") {
    return show_advanced(session, client, request.by.id, 0);
  }
  request.version = replayed->version;
  const auto written = client.advance(request);
  if (!written) return session.console().fail(written.error());
  return show_advanced(session, client, request.by.id, *written);
}

void add_advance(CLI::App& group, Session& session) {
  const auto options = std::make_shared<AdvanceOptions>();
  Advance& request = options->advance;
  request.by.requester = session.ports().environment("USER").value_or("");
  CLI::App& command =
      *group.add_subcommand("advance", "Replay a workflow, and store what its code goes on with");
  command.add_option("id", request.by.id, "E_…")->required();
  command
      .add_option("--trim", request.writes_max,
                  "Only the first so many captured events; a direct call is written whole")
      ->check(CLI::Range(1U, UINT32_MAX));
  command.add_flag("-p,--pause-all", options->pause_all,
                   "As --pause-submitted-executions and --pause-delays");
  command.add_flag("--pause-submitted-executions", request.pause_executions,
                   "Executions that it starts begin paused");
  command.add_flag("--pause-delays", request.pause_delays, "Delays that it starts are paused");
  command.add_flag("--force", request.force,
                   "Also what the code did before it differs from what is stored");
  command.add_option("--reason", request.by.reason, "Stored with the request");
  session.add_client_options(command);
  command.footer(
      "For looking at a paused workflow step by step; see `stele execution replay` first.\n"
      "Example:\n  stele execution advance E_01K8X5M1J3QZ0V9T7RB2C4D6EF --trim 1 -p");
  session.on_server(
      command, [options](Session& s, ApiClient& client) { return advance(s, client, *options); });
}

void add_persist(CLI::App& group, Session& session) {
  const auto id = std::make_shared<std::string>();
  CLI::App& command = *group.add_subcommand(
      "persist-backtraces", "Replay, and keep where in the code each request was made");
  command.add_option("id", *id, "E_…")->required();
  session.add_client_options(command);
  command.footer("Example:\n  stele execution persist-backtraces E_01K8X5M1J3QZ0V9T7RB2C4D6EF");
  session.on_server(command, [id](Session& s, ApiClient& client) {
    const auto count = client.persist_backtraces(*id);
    if (!count) return s.console().fail(count.error());
    s.console().line(s.json() ? fmt::format(R"({{"persisted_backtrace_count":{}}})", *count)
                              : fmt::format("Persisted {} backtraces", *count));
    return number(Exit::ok);
  });
}

std::string text_member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

/// `file:line:col`, as far as it is known.
std::string place_text(const nlohmann::json& symbol) {
  std::string place = text_member(symbol, "file");
  for (const char* key : {"line", "col"}) {
    const std::string number = text_member(symbol, key);
    if (!place.empty() && !number.empty()) place.append(":").append(number);
  }
  return place;
}

void print_frame(const Console& console, std::size_t index, const nlohmann::json& frame) {
  const std::string name = text_member(frame, "func_name");
  const std::string module = text_member(frame, "module");
  console.line(fmt::format("#{:<3} {}{}", index, name.empty() ? "?" : name,
                           module.empty() ? "" : fmt::format(" ({})", module)));
  for (const auto& symbol : frame.value("symbols", nlohmann::json::array())) {
    const std::string function = text_member(symbol, "func_name");
    const std::string place = place_text(symbol);
    if (!function.empty() || !place.empty()) {
      console.line(fmt::format("       at {}  {}", place, function));
    }
  }
}

void print_frames(const Console& console, const Backtrace& backtrace) {
  console.line(fmt::format("versions {} to {}", backtrace.version_min, backtrace.version_max - 1));
  const auto parsed = nlohmann::json::parse(backtrace.json, nullptr, false);
  if (!parsed.is_object()) return console.line(backtrace.json);
  std::size_t index = 0;
  for (const auto& frame : parsed.value("frames", nlohmann::json::array())) {
    if (frame.is_object()) print_frame(console, index++, frame);
  }
}

struct BacktraceOptions {
  std::string id;
  std::string version = "last";
};

int show_backtrace(Session& session, ApiClient& client, const BacktraceOptions& options) {
  const auto found = client.backtrace(options.id, options.version);
  if (!found) return session.console().fail(found.error());
  if (!session.json()) {
    print_frames(session.console(), *found);
    return number(Exit::ok);
  }
  session.console().line(
      fmt::format(R"({{"execution_id":{},"version_min_including":{},"version_max_excluding":{},)"
                  R"("wasm_backtrace":{}}})",
                  json_string(options.id), found->version_min, found->version_max, found->json));
  return number(Exit::ok);
}

void add_backtrace(CLI::App& group, Session& session) {
  const auto options = std::make_shared<BacktraceOptions>();
  CLI::App& command =
      *group.add_subcommand("backtrace", "Show where in the code a request was made");
  command.add_option("id", options->id, "E_…")->required();
  command.add_option("--version", options->version, "first, last (default) or an event's version");
  session.add_client_options(command);
  command.footer(
      "Backtraces are kept by `execution persist-backtraces` and `execution advance`.\n"
      "Example:\n  stele execution backtrace E_01K8X5M1J3QZ0V9T7RB2C4D6EF --version 4");
  session.on_server(command, [options](Session& s, ApiClient& client) {
    return show_backtrace(s, client, *options);
  });
}

struct SourceOptions {
  std::string id;
  std::string file;
};

void add_source(CLI::App& group, Session& session) {
  const auto options = std::make_shared<SourceOptions>();
  CLI::App& command = *group.add_subcommand("source", "Print a source file that a backtrace names");
  command.add_option("id", options->id, "E_…")->required();
  command.add_option("--file", options->file, "As the backtrace names it")->required();
  session.add_client_options(command);
  command.footer(
      "The deployment file says where the sources are: `backtrace.sources` of the component.\n"
      "Example:\n"
      "  stele execution source E_01K8X5M1J3QZ0V9T7RB2C4D6EF --file /build/src/lib.rs");
  session.on_server(command, [options](Session& s, ApiClient& client) {
    auto text = client.source(options->id, options->file);
    if (!text) return s.console().fail(text.error());
    if (text->ends_with('\n')) text->pop_back();
    s.console().line(s.json() ? json_string(*text) : *text);
    return number(Exit::ok);
  });
}

}  // namespace

void add_execution_replay(CLI::App& group, Session& session) {
  add_replay(group, session);
  add_advance(group, session);
  add_persist(group, session);
  add_backtrace(group, session);
  add_source(group, session);
}

}  // namespace stele::cli

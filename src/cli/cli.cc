// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "cli/session.h"

namespace stele::cli {
namespace {

constexpr const char* exit_codes_text =
    "Exit codes: 0 ok, 1 the execution failed, 2 usage, 3 not found, 4 conflict, 5 unavailable,\n"
    "6 input refused.\n\n"
    "Examples:\n"
    "  stele server run -d deployment.toml\n"
    "  stele execution submit -f .../greeter.greet '[\"Ada\"]'\n"
    "  stele execution list --hide-finished";

/// CLI11 tells by exceptions how parsing ended; they stop here.
int parse(CLI::App& app, std::vector<std::string> words, const Console& console) {
  std::ranges::reverse(words);
  try {
    app.parse(words);
    return 0;
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err);
    std::string text = out.str() + err.str();
    while (text.ends_with('\n')) text.pop_back();
    if (code == 0) {
      console.line(text);
      return -1;
    }
    console.notice(text);
    return number(Exit::usage);
  }
}

}  // namespace

int run(const std::vector<std::string>& words, const Ports& ports) {
  Session session(ports);
  CLI::App app("Stele runs durable workflows made of WASM components.", "stele");
  app.set_version_flag("--version", "stele " + ports.version);
  app.set_help_all_flag("--help-all", "Print the help of every command");
  app.require_subcommand(1);
  app.footer(exit_codes_text);
  add_server_commands(app, session);
  add_execution_commands(app, session);
  add_function_commands(app, session);
  add_component_commands(app, session);
  add_generate_commands(app, session);
  add_completion_command(app, session);

  const auto separator = std::ranges::find(words, "--");
  if (separator != words.end()) session.set_separate_words({separator + 1, words.end()});
  const int parsed = parse(app, {words.begin(), separator}, ports.console);
  if (parsed != 0) return std::max(parsed, 0);
  const int code = session.act();
  ports.console.flush();
  return code;
}

}  // namespace stele::cli

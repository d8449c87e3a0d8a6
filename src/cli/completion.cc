// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/session.h"

namespace stele::cli {
namespace {

/// Names and options that may follow `words`, one a line; what the shells' scripts ask for.
std::vector<std::string> candidates(const CLI::App& root, const std::vector<std::string>& words) {
  const CLI::App* at = &root;
  for (const std::string& word : words) {
    const auto named =
        at->get_subcommands([&](const CLI::App* command) { return command->check_name(word); });
    if (!named.empty()) at = named.front();
  }
  std::vector<std::string> found;
  for (const CLI::App* command : at->get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) found.push_back(command->get_name());
  }
  for (const CLI::Option* option : at->get_options()) {
    for (const std::string& name : option->get_lnames()) found.push_back("--" + name);
  }
  return found;
}

constexpr std::string_view bash_script =
    R"sh(# stele completion for bash:  source <(stele completion bash)
_stele() {
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$(stele complete -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" \
    -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _stele stele)sh";

constexpr std::string_view zsh_script = R"sh(#compdef stele
# stele completion for zsh:  source <(stele completion zsh)
_stele() {
  local -a found
  found=("${(@f)$(stele complete -- "${(@)words[2,CURRENT-1]}" 2>/dev/null)}")
  compadd -a found || _files
}
compdef _stele stele)sh";

constexpr std::string_view fish_script =
    R"sh(# stele completion for fish:  stele completion fish | source
complete -c stele -a '(stele complete -- (commandline -opc)[2..] 2>/dev/null)')sh";

std::string_view script_of(const std::string& shell) {
  if (shell == "bash") return bash_script;
  return shell == "zsh" ? zsh_script : fish_script;
}

}  // namespace

void add_completion_command(CLI::App& app, Session& session) {
  const auto shell = std::make_shared<std::string>();
  CLI::App& command = *app.add_subcommand("completion", "Print a shell's completion script");
  command.add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command.footer("Example:\n  source <(stele completion bash)");
  session.on(command, [shell](Session& s) {
    s.console().line(script_of(*shell));
    return number(Exit::ok);
  });

  CLI::App& complete = *app.add_subcommand("complete", "Used by the completion scripts");
  complete.group("");
  session.on(complete, [&app](Session& s) {
    for (const std::string& each : candidates(app, s.separate_words())) s.console().line(each);
    return number(Exit::ok);
  });
}

}  // namespace stele::cli

// SPDX-License-Identifier: Apache-2.0
// Owns: what the commands of one run share: ports, common options and the action that was chosen.
// Life cycle: one run of the program. Thread: the main thread. Must hold: exactly one action is
// chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/cli.h"

namespace stele::cli {

class Session {
 public:
  explicit Session(const Ports& ports) : ports_(ports) {}

  const Ports& ports() const { return ports_; }
  const Console& console() const { return ports_.console; }
  bool json() const { return json_; }
  const std::vector<std::string>& separate_words() const { return separate_words_; }
  bool has_separate_words() const { return has_separate_words_; }
  const std::string& address();

  /// Options of every command that talks to a server.
  void add_client_options(CLI::App& command);
  void add_json_option(CLI::App& command);
  /// Runs `action` if `command` is the one that was given.
  void on(CLI::App& command, std::function<int(Session&)> action);
  /// As `on`, with a connection.
  void on_server(CLI::App& command, std::function<int(Session&, ApiClient&)> action);

  void set_separate_words(std::vector<std::string> words);
  int act() { return action_ ? action_(*this) : number(Exit::usage); }

 private:
  const Ports& ports_;
  std::string address_;
  bool json_ = false;
  std::vector<std::string> separate_words_;
  bool has_separate_words_ = false;
  std::function<int(Session&)> action_;
};

void add_server_commands(CLI::App& app, Session& session);
void add_execution_commands(CLI::App& app, Session& session);
void add_execution_reads(CLI::App& group, Session& session);
void add_execution_control(CLI::App& group, Session& session);
void add_execution_replay(CLI::App& group, Session& session);
void add_function_commands(CLI::App& app, Session& session);
void add_component_commands(CLI::App& app, Session& session);
void add_generate_commands(CLI::App& app, Session& session);
void add_completion_command(CLI::App& app, Session& session);

}  // namespace stele::cli

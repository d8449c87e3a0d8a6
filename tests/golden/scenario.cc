// SPDX-License-Identifier: Apache-2.0
#include "golden/scenario.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <fstream>

namespace stele::golden {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::int64_t number(const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); }

class Reader {
 public:
  Result<Scenario> read(std::ifstream& file) {
    for (std::string line; std::getline(file, line);) {
      ++line_;
      TRY(take(line));
    }
    if (in_block_) return refuse("events without end");
    keep_component();
    return std::move(scenario_);
  }

 private:
  std::unexpected<Error> refuse(const std::string& reason) const {
    return fail(Code::invalid_argument, fmt::format("line {}: {}", line_, reason));
  }

  Result<void> take(const std::string& line) {
    const std::string text = trimmed(line);
    if (text.starts_with("== ")) return begin_section(text.substr(3));
    if (!in_run_) {
      component_.text += line + '\n';
      return {};
    }
    if (in_block_) {
      if (text == "end")
        in_block_ = false;
      else
        scenario_.commands.back().block.push_back(text);
      return {};
    }
    if (text.empty() || text.front() == '#') return {};
    std::string rest = text;
    Command command{.line = line_, .verb = next_word(rest), .text = {}};
    command.text = rest;
    in_block_ = command.verb == "events" || command.verb == "captured";
    scenario_.commands.push_back(std::move(command));
    return {};
  }

  Result<void> begin_section(std::string header) {
    keep_component();
    const std::string kind = next_word(header);
    if (kind == "run") return begin_run(header);
    component_ = {};
    version_.clear();
    named_ = true;
    component_.kind = wasm::ComponentKind::activity;
    if (kind == "workflow") component_.kind = wasm::ComponentKind::workflow;
    if (kind == "stub") component_.kind = wasm::ComponentKind::stub;
    if (kind == "external") component_.kind = wasm::ComponentKind::external;
    component_.name = next_word(header);
    while (!header.empty()) {
      const std::string option = next_word(header);
      const std::size_t equals = option.find('=');
      if (equals == option.npos) return refuse("expected key=value");
      TRY(set(option.substr(0, equals), option.substr(equals + 1)));
    }
    return {};
  }

  Result<void> set(const std::string& key, const std::string& value) {
    if (key == "retries")
      component_.retry.max_retries = static_cast<std::uint32_t>(number(value));
    else if (key == "backoff")
      component_.retry.backoff = milliseconds(number(value));
    else if (key == "expiry")
      component_.lock_expiry = milliseconds(number(value));
    else if (key == "jitter")
      component_.retry.jitter_percent = static_cast<std::uint32_t>(number(value));
    else if (key == "backoff-max")
      component_.retry.backoff_max = milliseconds(number(value));
    else if (key == "keepalive")
      component_.keepalive = value == "yes";
    else if (key == "instances")
      component_.instances_max = static_cast<std::uint32_t>(number(value));
    else if (key == "upgrade")
      component_.upgrade = value == "function"    ? core::UpgradeRule::by_function
                           : value == "component" ? core::UpgradeRule::by_component
                                                  : core::UpgradeRule::automatic;
    else if (key == "version")
      version_ = value;
    else
      return refuse("unknown key " + key);
    return {};
  }

  Result<void> begin_run(std::string options) {
    in_run_ = true;
    while (!options.empty()) {
      const std::string option = next_word(options);
      if (option == "plain-only")
        scenario_.plain_only = true;
      else if (option == "patient")
        scenario_.patient = true;
      else if (option == "no-replay")
        scenario_.replay = false;
      else if (option.starts_with("hot="))
        scenario_.hot_guests = static_cast<std::uint32_t>(number(option.substr(4)));
      else
        return refuse("unknown option " + option);
    }
    return {};
  }

  void keep_component() {
    if (!named_) return;
    named_ = false;
    if (version_.empty())
      scenario_.components.push_back(component_);
    else
      scenario_.versions[component_.name + ' ' + version_] = component_;
  }

  Scenario scenario_;
  ComponentText component_;
  std::string version_;
  bool named_ = false;
  bool in_run_ = false;
  bool in_block_ = false;
  int line_ = 0;
};

}  // namespace

Result<Scenario> read_scenario(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(Code::not_found, path + " cannot be read");
  return Reader().read(file);
}

std::string next_word(std::string& text) {
  const std::string whole = trimmed(text);
  const std::size_t end = std::min(whole.find(' '), whole.size());
  text = trimmed(whole.substr(end));
  return whole.substr(0, end);
}

}  // namespace stele::golden

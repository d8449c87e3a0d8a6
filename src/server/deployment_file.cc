// SPDX-License-Identifier: Apache-2.0
#include "server/deployment_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "server/deployment_section.h"
#include "server/toml_text.h"

namespace stele::server {
namespace {

constexpr std::array<std::string_view, 4> section_names{"activity_wasm", "workflow_wasm",
                                                        "activity_stub", "activity_external"};
constexpr std::array<std::string_view, 8> later_sections{
    "activity_js",         "activity_exec", "workflow_js", "webhook_endpoint_wasm",
    "webhook_endpoint_js", "cron",          "http_server", "secrets"};
constexpr std::array<std::string_view, 6> level_names{"off",  "trace", "debug",
                                                      "info", "warn",  "error"};
constexpr std::array<std::string_view, 4> stream_names{"db", "none", "stdout", "stderr"};

/// Where a component stands.
struct Place {
  SectionKind kind;
  const std::string& path;
  Variable variable;
};

struct Found {
  DeploymentFile file;
  std::set<std::string, std::less<>> names;
  std::vector<std::string> problems;
};

Result<runtime::StreamTarget> read_stream(Section& section, std::string_view key) {
  const auto index = TRY(section.reader.choice(key, stream_names));
  return static_cast<runtime::StreamTarget>(index.value_or(0));
}

Result<void> read_variable(Section& section, const toml::node& node) {
  auto& variables = section.settings.environment.variables;
  if (const auto name = node.value_exact<std::string>()) {
    const auto value = section.variable(*name);
    if (!value)
      return section.reader.refuse(node,
                                   fmt::format("the environment variable {} of component `{}` is "
                                               "not set; set it or give {{key, value}}",
                                               *name, section.settings.name));
    variables.emplace_back(*name, *value);
    return {};
  }
  if (!node.is_table())
    return section.reader.refuse(node, "an entry of `env_vars` must be \"NAME\" or {key, value}");
  TomlReader entry(*node.as_table(), section.reader.path(), "an entry of `env_vars`");
  const auto key = TRY(entry.text("key"));
  const auto value = TRY(entry.text("value"));
  TRY(entry.finish());
  if (!key || !value)
    return entry.refuse(node, "an entry of `env_vars` needs both `key` and `value`");
  auto text = interpolate(*value, section.variable);
  if (!text) return entry.refuse(node, text.error().reason);
  variables.emplace_back(*key, *text);
  return {};
}

Result<void> read_methods(const toml::node& node, TomlReader& entry, wasm::AllowedHost& host) {
  if (node.value_exact<std::string>() == "*") return {};
  if (!node.is_array()) return entry.refuse(node, "`methods` must be \"*\" or a list of methods");
  for (const toml::node& method : *node.as_array()) {
    const auto name = method.value_exact<std::string>();
    if (!name || name->empty() || *name == "*")
      return entry.refuse(method, "`methods` must be \"*\" or a list like [\"GET\", \"POST\"]");
    host.methods.push_back(*name);
  }
  return {};
}

Result<void> read_host(Section& section, const toml::node& node) {
  if (!node.is_table())
    return section.reader.refuse(node, "`allowed_host` must be a list of tables");
  TomlReader entry(*node.as_table(), section.reader.path(),
                   "`allowed_host` of " + section.reader.where());
  const auto pattern = TRY(entry.text("pattern"));
  if (!pattern) return entry.refuse(node, "an entry of `allowed_host` has no `pattern`");
  for (const std::string_view later : {"request_url_regex", "secrets", "replace_in"})
    if (const toml::node* found = entry.find(later))
      return entry.refuse(*found, fmt::format("`{}` is not supported in this version", later));
  auto text = interpolate(*pattern, section.variable);
  if (!text) return entry.refuse(node, text.error().reason);
  wasm::AllowedHost host{.pattern = *text, .methods = {}};
  const toml::node* methods = entry.find("methods");
  TRY(entry.finish());
  if (methods != nullptr) TRY(read_methods(*methods, entry, host));
  const bool inert = methods == nullptr || (methods->is_array() && methods->as_array()->empty());
  if (inert) {
    note(section, "allowed_host", fmt::format("the entry for \"{}\" names no methods", *pattern));
    return {};
  }
  section.settings.environment.allowed_hosts.push_back(std::move(host));
  return {};
}

Result<void> read_activity_keys(Section& section) {
  section.settings.output.out = TRY(read_stream(section, "forward_stdout"));
  section.settings.output.err = TRY(read_stream(section, "forward_stderr"));
  if (const toml::array* variables = TRY(section.reader.array("env_vars")))
    for (const toml::node& node : *variables) TRY(read_variable(section, node));
  if (const toml::array* hosts = TRY(section.reader.array("allowed_host")))
    for (const toml::node& node : *hosts) TRY(read_host(section, node));
  return {};
}

/// What is set for something that never runs here.
Result<void> read_idle_keys(Section& section) {
  for (const std::string_view key :
       {"exec", "max_retries", "retry_exp_backoff", "logs_store_min_level"})
    if (section.reader.find(key) != nullptr)
      note(section, key, "its value comes from outside; nothing of it runs here");
  return {};
}

Result<void> read_running_keys(Section& section) {
  TRY(read_exec(section));
  TRY(read_retry(section));
  const auto level = TRY(section.reader.choice("logs_store_min_level", level_names));
  if (level)
    section.settings.output.log_level_min = *level == 0 ? 6 : static_cast<std::uint8_t>(*level);
  const bool workflow = section.settings.kind == SectionKind::workflow_wasm;
  return workflow ? read_workflow_keys(section) : read_activity_keys(section);
}

Result<ComponentSettings> read_component(Place place, const toml::table& table,
                                         DeploymentFile& file) {
  ComponentSettings settings;
  settings.kind = place.kind;
  settings.line = table.source().begin.line;
  TomlReader reader(table, place.path, fmt::format("[[{}]]", section_name(place.kind)));
  Section section{reader, settings, file.notes, place.variable};
  const bool runs =
      place.kind == SectionKind::activity_wasm || place.kind == SectionKind::workflow_wasm;
  if (!runs && table.contains("ffqn")) {
    TRY(read_inline(section));
  } else {
    TRY(read_file_keys(section));
  }
  TRY(runs ? read_running_keys(section) : read_idle_keys(section));
  TRY(reader.finish());
  return settings;
}

/// All sections of one kind; what is wrong with one does not hide what is wrong with the next.
Result<void> read_kind(Place place, const toml::array& sections, Found& found) {
  for (const toml::node& node : sections) {
    const std::string at = position(place.path, node);
    if (!node.is_table()) {
      found.problems.push_back(
          fmt::format("{}write [[{}]] with two brackets", at, section_name(place.kind)));
      continue;
    }
    auto settings = read_component(place, *node.as_table(), found.file);
    if (!settings) {
      found.problems.push_back(settings.error().reason);
      continue;
    }
    if (!found.names.insert(settings->name).second) {
      found.problems.push_back(
          fmt::format("{}the component name `{}` is used twice", at, settings->name));
    }
    found.file.components.push_back(std::move(*settings));
  }
  return {};
}

Result<void> read_sections(const toml::table& root, const std::string& path, Variable variable,
                           Found& found) {
  TomlReader reader(root, path, "the deployment file");
  reader.find("obelisk-version");
  for (const std::string_view later : later_sections)
    if (const toml::node* section = reader.find(later))
      return reader.refuse(*section,
                           fmt::format("section `{}` is not supported in this version", later));
  for (std::size_t i = 0; i < section_names.size(); ++i) {
    const toml::array* sections = TRY(reader.array(section_names[i]));
    if (sections == nullptr) continue;
    TRY(read_kind({static_cast<SectionKind>(i), path, variable}, *sections, found));
  }
  return reader.finish();
}

}  // namespace

std::string_view section_name(SectionKind kind) {
  return section_names[static_cast<std::size_t>(kind)];
}

Result<DeploymentFile> parse_deployment(std::string_view text, const std::string& path,
                                        Variable variable) {
  const toml::table table = TRY(parse_toml(text, path));
  Found found;
  const Result<void> read = read_sections(table, path, variable, found);
  if (!read) found.problems.push_back(read.error().reason);
  if (found.problems.empty()) return std::move(found.file);
  return fail(Code::invalid_argument, fmt::format("{}", fmt::join(found.problems, "\n")), path);
}

}  // namespace stele::server

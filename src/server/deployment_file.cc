// SPDX-License-Identifier: Apache-2.0
#include "server/deployment_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "server/toml_reader.h"

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
constexpr std::array<std::string_view, 3> strategies{"by_ffqns", "by_component_digest", "auto"};

struct Section {
  TomlReader& reader;
  ComponentSettings& settings;
  std::vector<std::string>& notes;
  Variable variable;
};

void note(Section& section, std::string_view key, std::string_view why) {
  section.notes.push_back(fmt::format("{}: `{}` of component `{}` has no effect: {}",
                                      section.reader.path(), key, section.settings.name, why));
}

Result<void> read_location(Section& section) {
  const auto location = TRY(section.reader.text("location"));
  const toml::table& raw = section.reader.raw();
  if (!location)
    return section.reader.refuse(
        raw, fmt::format("component `{}` has no `location`", section.settings.name));
  std::string path = *location;
  if (path.starts_with("oci://"))
    return section.reader.refuse(
        *raw.get("location"),
        "`location` in a registry (oci://) is not supported in this version; "
        "put the file beside the deployment file");
  constexpr std::string_view prefix = "${DEPLOYMENT_DIR}/";
  if (path.starts_with(prefix)) path.erase(0, prefix.size());
  const bool climbs = path == ".." || path.starts_with("../") ||
                      path.find("/../") != std::string::npos || path.ends_with("/..");
  if (path.empty() || path.front() == '/' || climbs)
    return section.reader.refuse(
        *raw.get("location"), fmt::format("`location` must be a path below the deployment file's "
                                          "folder, found \"{}\"",
                                          *location));
  section.settings.location = path;
  return {};
}

Result<void> read_name(Section& section) {
  const auto name = TRY(section.reader.text("name"));
  if (!name)
    return section.reader.refuse(section.reader.raw(),
                                 fmt::format("{} has no `name`", section.reader.where()));
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  if (name->empty() || name->size() > 255 || !std::ranges::all_of(*name, fits))
    return section.reader.refuse(
        *section.reader.raw().get("name"),
        fmt::format("`name` must be 1 to 255 letters, digits, `_`, `.` or `-`, "
                    "found \"{}\"",
                    *name));
  section.settings.name = *name;
  return {};
}

Result<void> read_exec(Section& section) {
  const toml::table* table = TRY(section.reader.table("exec"));
  if (table == nullptr) return {};
  TomlReader exec(*table, section.reader.path(), "`exec` of " + section.reader.where());
  if (TRY(exec.integer("batch_size", 1, UINT32_MAX)))
    note(section, "exec.batch_size", "work is pulled one by one as soon as it is ready");
  if (TRY(exec.duration("tick_sleep"))) note(section, "exec.tick_sleep", "nothing polls here");
  if (const auto expiry = TRY(exec.duration("lock_expiry"))) {
    if (expiry->us <= 0)
      return exec.refuse(*table->get("lock_expiry"), "`exec.lock_expiry` must be longer than 0");
    section.settings.lock_expiry = *expiry;
  }
  if (TRY(exec.choice("locking_strategy", strategies)))
    note(section, "exec.locking_strategy", "executions are owned by their partition, not locked");
  if (const toml::node* limiter = exec.find("instance_limiter")) {
    const bool fits = limiter->value_exact<std::string>() == "unlimited" ||
                      limiter->value_exact<std::int64_t>().value_or(0) > 0;
    if (!fits)
      return exec.refuse(*limiter,
                         "`exec.instance_limiter` must be a positive integer or \"unlimited\"");
    if (limiter->is_integer())
      note(section, "exec.instance_limiter",
           "limits of one component are not supported in this version");
  }
  return exec.finish();
}

Result<void> read_retry(Section& section) {
  const bool activity = section.settings.kind != SectionKind::workflow_wasm;
  core::RetryRule& retry = section.settings.retry;
  if (!activity) retry.max_retries.reset();
  if (activity)
    if (const auto retries = TRY(section.reader.integer("max_retries", 0, UINT32_MAX)))
      retry.max_retries = static_cast<std::uint32_t>(*retries);
  if (const auto backoff = TRY(section.reader.duration("retry_exp_backoff"))) {
    if (!activity && backoff->us <= 0)
      return section.reader.refuse(*section.reader.raw().get("retry_exp_backoff"),
                                   "`retry_exp_backoff` of a workflow must be longer than 0");
    retry.backoff = *backoff;
  }
  return {};
}

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

Result<void> read_blocking_strategy(Section& section) {
  const toml::node* node = section.reader.find("blocking_strategy");
  if (node == nullptr) return {};
  const auto name = node->value_exact<std::string>();
  if (name && *name != "await" && *name != "interrupt")
    return section.reader.refuse(*node,
                                 "`blocking_strategy` must be \"await\", \"interrupt\" or a table");
  if (!name) {
    if (!node->is_table())
      return section.reader.refuse(
          *node, "`blocking_strategy` must be \"await\", \"interrupt\" or a table");
    TomlReader inner(*node->as_table(), section.reader.path(), "`blocking_strategy`");
    constexpr std::array<std::string_view, 2> kinds{"await", "interrupt"};
    TRY(inner.choice("kind", kinds));
    TRY(inner.integer("non_blocking_event_batching", 0, UINT32_MAX));
    TRY(inner.finish());
  }
  note(section, "blocking_strategy",
       "a waiting workflow stays in memory while there is room and is "
       "rebuilt from its history otherwise");
  return {};
}

Result<void> read_workflow_keys(Section& section) {
  TRY(read_blocking_strategy(section));
  if (TRY(section.reader.boolean("lock_extension")))
    note(section, "lock_extension", "a workflow is owned until it ends");
  if (TRY(section.reader.duration("lock_extension_leeway")))
    note(section, "lock_extension_leeway", "a workflow is owned until it ends");
  if (const toml::table* backtrace = TRY(section.reader.table("backtrace"))) {
    TomlReader inner(*backtrace, section.reader.path(), "`backtrace` of " + section.reader.where());
    TRY(inner.table("sources"));
    TRY(inner.finish());
    note(section, "backtrace.sources", "source lookup is not supported in this version");
  }
  section.settings.stub_wasi = TRY(section.reader.boolean("stub_wasi"))
  .value_or(false);
  return {};
}

Result<ComponentSettings> read_component(SectionKind kind, const toml::table& table,
                                         const std::string& path, DeploymentFile& file,
                                         Variable variable) {
  ComponentSettings settings;
  settings.kind = kind;
  settings.line = table.source().begin.line;
  TomlReader reader(table, path, fmt::format("[[{}]]", section_name(kind)));
  Section section{reader, settings, file.notes, variable};
  if (const toml::node* inline_form = reader.find("ffqn"))
    return reader.refuse(*inline_form,
                         fmt::format("the inline form of {} (`ffqn`) is not supported in "
                                     "this version; give `name` and `location`",
                                     reader.where()));
  TRY(read_name(section));
  TRY(read_location(section));
  settings.content_digest = TRY(reader.text("content_digest"))
  .value_or("");
  for (const std::string_view key : {"component_files", "component_digest"})
    if (reader.find(key) != nullptr) note(section, key, "the file itself is what counts");
  if (kind != SectionKind::activity_stub) {
    TRY(read_exec(section));
    TRY(read_retry(section));
    const auto level = TRY(reader.choice("logs_store_min_level", level_names));
    if (level) settings.output.log_level_min = *level == 0 ? 6 : static_cast<std::uint8_t>(*level);
  }
  if (kind == SectionKind::activity_wasm) TRY(read_activity_keys(section));
  if (kind == SectionKind::workflow_wasm) TRY(read_workflow_keys(section));
  TRY(reader.finish());
  return settings;
}

Result<void> read_sections(const toml::table& root, const std::string& path, DeploymentFile& file,
                           Variable variable) {
  TomlReader reader(root, path, "the deployment file");
  reader.find("obelisk-version");
  for (const std::string_view later : later_sections)
    if (const toml::node* found = reader.find(later))
      return reader.refuse(*found,
                           fmt::format("section `{}` is not supported in this version", later));
  std::set<std::string, std::less<>> names;
  for (std::size_t i = 0; i < section_names.size(); ++i) {
    const toml::array* sections = TRY(reader.array(section_names[i]));
    if (sections == nullptr) continue;
    for (const toml::node& node : *sections) {
      if (!node.is_table())
        return reader.refuse(node, fmt::format("write [[{}]] with two brackets", section_names[i]));
      auto settings =
          TRY(read_component(static_cast<SectionKind>(i), *node.as_table(), path, file, variable));
      if (!names.insert(settings.name).second)
        return reader.refuse(node,
                             fmt::format("the component name `{}` is used twice", settings.name));
      file.components.push_back(std::move(settings));
    }
  }
  return reader.finish();
}

}  // namespace

std::string_view section_name(SectionKind kind) {
  return section_names[static_cast<std::size_t>(kind)];
}

Result<DeploymentFile> parse_deployment(std::string_view text, const std::string& path,
                                        Variable variable) {
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    const toml::source_position at = parsed.error().source().begin;
    return fail(Code::invalid_argument,
                fmt::format("{}:{}:{}: {}", path, at.line, at.column, parsed.error().description()),
                path);
  }
  DeploymentFile file;
  TRY(read_sections(parsed.table(), path, file, variable));
  return file;
}

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
// How a deployment is stored, and made again from what is stored. The settings are JSON to which
// keys are only ever added; a key that is not there has its default.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "server/deployment.h"

namespace stele::server {
namespace {

std::string params_json(const wasm::Function& function) {
  auto params = nlohmann::json::array();
  for (const wasm::Param& param : function.params)
    params.push_back({{"name", param.name}, {"type", param.type}});
  return params.dump();
}

std::string config_json(const DeployedComponent& deployed) {
  const ComponentSettings& settings = deployed.settings;
  nlohmann::json config{
      {"lock_expiry_us", settings.lock_expiry.us},
      {"retry_exp_backoff_us", settings.retry.backoff.us},
      {"retry_backoff_max_us", settings.retry.backoff_max.us},
      {"retry_jitter_percent", settings.retry.jitter_percent},
      {"stub_wasi", settings.stub_wasi},
      {"keepalive", settings.keepalive},
      {"upgrade", static_cast<int>(settings.upgrade)},
      {"log_level_min", settings.output.log_level_min},
      {"forward_stdout", static_cast<int>(settings.output.out)},
      {"forward_stderr", static_cast<int>(settings.output.err)},
      {"origin", static_cast<int>(deployed.origin)},
  };
  if (settings.retry.max_retries) config["max_retries"] = *settings.retry.max_retries;
  if (settings.instances_max != UINT32_MAX) config["instances_max"] = settings.instances_max;
  if (settings.inline_function) config["ffqn"] = settings.inline_function->ffqn;
  for (const auto& [frame, text] : deployed.sources) config["sources"][frame] = sha256(text);
  return config.dump();
}

/// Numbers of a stored setting, within what the program knows.
class StoredConfig {
 public:
  explicit StoredConfig(const std::string& text)
      : json_(nlohmann::json::parse(text, nullptr, false)) {}

  bool sound() const { return json_.is_object(); }
  std::int64_t number(const char* key, std::int64_t fallback) const {
    const auto at = json_.find(key);
    return at != json_.end() && at->is_number_integer() ? at->get<std::int64_t>() : fallback;
  }
  std::int64_t number(const char* key, std::int64_t fallback, std::int64_t most) const {
    const std::int64_t found = number(key, fallback);
    return found < 0 || found > most ? fallback : found;
  }
  bool flag(const char* key) const {
    const auto at = json_.find(key);
    return at != json_.end() && at->is_boolean() && at->get<bool>();
  }
  bool has(const char* key) const { return json_.contains(key); }
  /// Frame path to digest.
  std::map<std::string, std::string> sources() const {
    std::map<std::string, std::string> found;
    const auto at = json_.find("sources");
    if (at == json_.end() || !at->is_object()) return found;
    for (const auto& [frame, digest] : at->items())
      if (digest.is_string()) found.emplace(frame, digest.get<std::string>());
    return found;
  }

 private:
  nlohmann::json json_;
};

runtime::StreamTarget stream(const StoredConfig& config, const char* key) {
  return static_cast<runtime::StreamTarget>(config.number(key, 0, 3));
}

void read_config(const StoredConfig& config, ComponentSettings& settings) {
  settings.lock_expiry = microseconds(config.number("lock_expiry_us", settings.lock_expiry.us));
  core::RetryRule& retry = settings.retry;
  retry.backoff = microseconds(config.number("retry_exp_backoff_us", retry.backoff.us));
  retry.backoff_max = microseconds(config.number("retry_backoff_max_us", retry.backoff_max.us));
  retry.jitter_percent =
      static_cast<std::uint32_t>(config.number("retry_jitter_percent", retry.jitter_percent, 100));
  retry.max_retries.reset();
  if (config.has("max_retries"))
    retry.max_retries = static_cast<std::uint32_t>(config.number("max_retries", 5, UINT32_MAX));
  settings.stub_wasi = config.flag("stub_wasi");
  settings.keepalive = config.flag("keepalive");
  settings.upgrade = static_cast<core::UpgradeRule>(config.number("upgrade", 0, 2));
  settings.instances_max =
      static_cast<std::uint32_t>(config.number("instances_max", UINT32_MAX, UINT32_MAX));
  settings.output.log_level_min = static_cast<std::uint8_t>(config.number("log_level_min", 2, 6));
  settings.output.out = stream(config, "forward_stdout");
  settings.output.err = stream(config, "forward_stderr");
}

std::string stored_kind(SectionKind kind) {
  switch (kind) {
    case SectionKind::activity_wasm: return "activity";
    case SectionKind::workflow_wasm: return "workflow";
    case SectionKind::activity_external: return "activity_external";
    case SectionKind::activity_stub: break;
  }
  return "activity_stub";
}

Result<SectionKind> section_kind(const std::string& stored) {
  for (const SectionKind kind : {SectionKind::activity_wasm, SectionKind::workflow_wasm,
                                 SectionKind::activity_stub, SectionKind::activity_external})
    if (stored_kind(kind) == stored) return kind;
  return fail(Code::data_loss, fmt::format("a stored component has the unknown kind {}", stored));
}

Result<DeployedComponent> former_component(Store& store, wasm::Engines& engines,
                                           const ComponentRow& row) {
  const StoredConfig config(row.config);
  if (!config.sound())
    return fail(Code::data_loss,
                fmt::format("the stored settings of component {} are damaged", row.name), row.name);
  DeployedComponent former;
  former.settings.kind = TRY(section_kind(row.kind));
  former.settings.name = row.name;
  read_config(config, former.settings);
  former.digest = row.digest;
  former.origin = static_cast<wasm::WitOrigin>(config.number("origin", 1, 3));
  former.bytes = TRY(store.read_blob(row.digest));
  for (const auto& [frame, digest] : config.sources())
    former.sources.emplace(frame, TRY(store.read_blob(digest)));
  former.component = TRY(engines.compile({.kind = wasm_kind(former.settings.kind),
                                          .name = row.name,
                                          .bytes = former.bytes,
                                          .stub_wasi = former.settings.stub_wasi}));
  return former;
}

}  // namespace

Store::NewDeployment to_store(const Deployment& deployment, Instant now) {
  Store::NewDeployment stored;
  std::string content = deployment.source;
  for (const DeployedComponent& deployed : deployment.components) {
    const wasm::Description& description = deployed.component->description();
    ComponentRow row{.name = deployed.settings.name,
                     .kind = stored_kind(deployed.settings.kind),
                     .digest = deployed.digest,
                     .config = config_json(deployed),
                     .functions = {}};
    for (const wasm::Function& function : description.exports) {
      if (!function.extendable) continue;
      row.functions.push_back({.id = {},
                               .ffqn = function.ffqn(),
                               .params = params_json(function),
                               .result = function.result});
    }
    content += '\n' + row.digest;
    stored.blobs.emplace_back(row.digest, deployed.bytes);
    for (const auto& [frame, text] : deployed.sources) {
      stored.blobs.emplace_back(sha256(text), text);
      content += '\n' + stored.blobs.back().first;
    }
    stored.row.components.push_back(std::move(row));
  }
  stored.row.created = now;
  stored.row.digest = sha256(content);
  stored.row.source = deployment.source;
  return stored;
}

runtime::DeployedPtr make_deployed(const Deployment& deployment, const DeploymentRow& row) {
  auto deployed = std::make_shared<runtime::Deployed>();
  deployed->catalog = make_catalog(deployment, row);
  for (const DeployedComponent& each : deployment.components) {
    deployed->components.push_back({.component = each.component,
                                    .environment = each.settings.environment,
                                    .output = each.settings.output,
                                    .sources = {each.sources.begin(), each.sources.end()}});
  }
  return deployed;
}

Result<runtime::DeployedPtr> former_deployment(Store& store, wasm::Engines& engines,
                                               DeploymentId id) {
  const DeploymentRow row = TRY(store.read_deployment(id));
  Deployment former;
  former.source = row.source;
  for (const ComponentRow& component : row.components)
    former.components.push_back(TRY(former_component(store, engines, component)));
  return make_deployed(former, row);
}

}  // namespace stele::server

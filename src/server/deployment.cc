// SPDX-License-Identifier: Apache-2.0
#include "server/deployment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sodium.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

namespace stele::server {
namespace {

constexpr std::size_t component_bytes_max = 20U << 20U;

Result<std::string> read_file(const std::string& path, const std::string& what) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return fail(Code::not_found,
                fmt::format("{} {} cannot be read: {}", what, path, std::strerror(errno)), path);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad())
    return fail(Code::not_found, fmt::format("{} {} cannot be read", what, path), path);
  return bytes;
}

std::string sha256(std::string_view bytes) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return "sha256:" + to_hex(digest);
}

wasm::ComponentKind wasm_kind(SectionKind kind) {
  switch (kind) {
    case SectionKind::activity_wasm: return wasm::ComponentKind::activity;
    case SectionKind::workflow_wasm: return wasm::ComponentKind::workflow;
    case SectionKind::activity_external: return wasm::ComponentKind::external;
    case SectionKind::activity_stub: break;
  }
  return wasm::ComponentKind::stub;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

Result<std::string> read_component(const std::string& path, const ComponentSettings& settings) {
  const std::string file = folder_of(path) + settings.location;
  std::string bytes =
      TRY(read_file(file, fmt::format("the file of component `{}`", settings.name)));
  if (bytes.size() > component_bytes_max)
    return fail(Code::invalid_argument,
                fmt::format("{} has {} bytes; a component may have {} at most", file, bytes.size(),
                            component_bytes_max),
                file);
  const std::string digest = sha256(bytes);
  if (!settings.content_digest.empty() && settings.content_digest != digest)
    return fail(
        Code::invalid_argument,
        fmt::format("{} has the digest {}, but the deployment file says {}; build it again or "
                    "correct `content_digest`",
                    file, digest, settings.content_digest),
        file);
  return bytes;
}

Result<DeployedComponent> load_component(const std::string& path, ComponentSettings settings,
                                         wasm::Engines& engines) {
  DeployedComponent deployed;
  deployed.bytes = TRY(read_component(path, settings));
  auto compiled = engines.compile({.kind = wasm_kind(settings.kind),
                                   .name = settings.name,
                                   .bytes = deployed.bytes,
                                   .stub_wasi = settings.stub_wasi});
  if (!compiled)
    return fail(compiled.error().code,
                fmt::format("{}:{}: component `{}` ({}): {}", path, settings.line, settings.name,
                            settings.location, compiled.error().reason),
                settings.name);
  deployed.component = std::move(*compiled);
  deployed.settings = std::move(settings);
  return deployed;
}

std::vector<std::string> link_problems(const Deployment& deployment, wasm::Toolchain& toolchain) {
  std::vector<wasm::LinkParty> parties;
  for (const DeployedComponent& deployed : deployment.components)
    parties.push_back({.component = deployed.settings.name,
                       .kind = wasm_kind(deployed.settings.kind),
                       .description = &deployed.component->description()});
  std::vector<std::string> problems;
  for (const wasm::LinkProblem& problem : toolchain.check_links(parties))
    problems.push_back(fmt::format("component `{}`, function {}: {}", problem.component,
                                   problem.function, problem.reason));
  return problems;
}

std::vector<std::string> equal_digests(const Deployment& deployment) {
  std::map<std::string, std::string> seen;
  std::vector<std::string> problems;
  for (const DeployedComponent& deployed : deployment.components) {
    const auto [at, fresh] =
        seen.emplace(deployed.component->description().digest, deployed.settings.name);
    if (!fresh)
      problems.push_back(
          fmt::format("components `{}` and `{}` are the same file; remove one of them", at->second,
                      deployed.settings.name));
  }
  return problems;
}

std::string params_json(const wasm::Function& function) {
  auto params = nlohmann::json::array();
  for (const wasm::Param& param : function.params)
    params.push_back({{"name", param.name}, {"type", param.type}});
  return params.dump();
}

std::string config_json(const ComponentSettings& settings) {
  nlohmann::json config{{"lock_expiry_us", settings.lock_expiry.us},
                        {"retry_exp_backoff_us", settings.retry.backoff.us},
                        {"stub_wasi", settings.stub_wasi}};
  if (settings.retry.max_retries) config["max_retries"] = *settings.retry.max_retries;
  return config.dump();
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

}  // namespace

Result<Deployment> load_deployment(const std::string& path, wasm::Engines& engines,
                                   wasm::Toolchain& toolchain, Variable variable) {
  Deployment deployment;
  deployment.path = path;
  deployment.source = TRY(read_file(path, "the deployment file"));
  DeploymentFile file = TRY(parse_deployment(deployment.source, path, variable));
  deployment.notes = std::move(file.notes);
  std::vector<std::string> problems;
  Code code = Code::invalid_argument;
  for (ComponentSettings& settings : file.components) {
    auto deployed = load_component(path, std::move(settings), engines);
    if (deployed) {
      deployment.components.push_back(std::move(*deployed));
      continue;
    }
    problems.push_back(deployed.error().reason);
    code = deployed.error().code;
  }
  if (problems.empty()) problems = link_problems(deployment, toolchain);
  if (problems.empty()) problems = equal_digests(deployment);
  if (problems.empty()) return deployment;
  if (problems.size() > 1) code = Code::invalid_argument;
  return fail(code, fmt::format("{}", fmt::join(problems, "\n")), path);
}

Store::NewDeployment to_store(const Deployment& deployment, Instant now) {
  Store::NewDeployment stored;
  std::string content = deployment.source;
  for (const DeployedComponent& deployed : deployment.components) {
    const wasm::Description& description = deployed.component->description();
    ComponentRow row{.name = deployed.settings.name,
                     .kind = stored_kind(deployed.settings.kind),
                     .digest = description.digest,
                     .config = config_json(deployed.settings),
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
    stored.row.components.push_back(std::move(row));
  }
  stored.row.created = now;
  stored.row.digest = sha256(content);
  stored.row.source = deployment.source;
  return stored;
}

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value =
      std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): read at start only
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace stele::server

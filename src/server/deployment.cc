// SPDX-License-Identifier: Apache-2.0
#include "server/deployment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

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

constexpr std::size_t sources_bytes_max = 20U << 20U;

/// All .wit files below the folder, by path.
Result<std::vector<wasm::SourceFile>> read_wit(const std::string& folder) {
  std::error_code code;
  std::vector<wasm::SourceFile> files;
  std::filesystem::recursive_directory_iterator at(folder, code);
  for (; !code && at != std::filesystem::recursive_directory_iterator(); at.increment(code)) {
    if (at->path().extension() != ".wit" || !at->is_regular_file(code)) continue;
    std::string text = TRY(read_file(at->path().string(), "the WIT file"));
    files.push_back(
        {.path = at->path().lexically_relative(folder).string(), .text = std::move(text)});
  }
  if (code || files.empty())
    return fail(Code::not_found, fmt::format("there are no .wit files in the folder {}", folder),
                folder);
  std::ranges::sort(files, {}, &wasm::SourceFile::path);
  return files;
}

/// The function with the types that are written in the settings or in the WIT folder.
Result<wasm::Function> inline_types(const std::string& folder, const InlineFunction& function,
                                    wasm::Toolchain& toolchain, std::string& wit) {
  const std::size_t dot = function.ffqn.rfind('.');
  if (function.wit.empty())
    return wasm::Function{.interface = function.ffqn.substr(0, dot),
                          .name = function.ffqn.substr(dot + 1),
                          .params = function.params,
                          .result = function.result,
                          .extendable = true};
  const std::vector<wasm::SourceFile> files = TRY(read_wit(folder + function.wit));
  for (const wasm::SourceFile& file : files) wit += file.path + '\0' + file.text + '\0';
  const wasm::Description description = TRY(toolchain.describe_wit(files));
  for (const wasm::Function& found : description.exports)
    if (found.ffqn() == function.ffqn) return found;
  return fail(Code::invalid_argument, fmt::format("the WIT folder {} has no function {}",
                                                  folder + function.wit, function.ffqn));
}

std::string inline_digest(SectionKind kind, const wasm::Function& function,
                          const std::string& wit) {
  std::string content =
      kind == SectionKind::activity_stub ? "activity_stub_inline:" : "activity_external_inline:";
  content += function.ffqn();
  for (const wasm::Param& param : function.params) content += param.type;
  return sha256(content + function.result + wit);
}

Result<DeployedComponent> make_inline(const std::string& folder, const ComponentSettings& settings,
                                      wasm::Toolchain& toolchain) {
  DeployedComponent made;
  std::string wit;
  const std::array functions {
    TRY(inline_types(folder, *settings.inline_function, toolchain, wit))
  };
  made.bytes = TRY(toolchain.types_only(functions));
  made.digest = inline_digest(settings.kind, functions[0], wit);
  made.origin = wit.empty() ? wasm::WitOrigin::synthesised : wasm::WitOrigin::authored;
  return made;
}

Result<DeployedComponent> read_deployed(const std::string& path, const ComponentSettings& settings,
                                        wasm::Toolchain& toolchain) {
  if (settings.inline_function) return make_inline(folder_of(path), settings, toolchain);
  DeployedComponent read;
  read.bytes = TRY(read_component(path, settings));
  read.digest = sha256(read.bytes);
  return read;
}

/// `path:line: component …: reason`
std::unexpected<Error> at_component(const std::string& path, const ComponentSettings& settings,
                                    const Error& error) {
  const std::string& what =
      settings.inline_function ? settings.inline_function->ffqn : settings.location;
  return fail(error.code,
              fmt::format("{}:{}: component `{}` ({}): {}", path, settings.line, settings.name,
                          what, error.reason),
              settings.name);
}

Result<void> read_sources(const std::string& path, DeployedComponent& deployed) {
  for (const auto& [frame, place] : deployed.settings.sources) {
    deployed.sources.emplace(frame, TRY(read_file(folder_of(path) + place, "the source file")));
  }
  return {};
}

Result<DeployedComponent> load_component(const std::string& path, ComponentSettings settings,
                                         wasm::Engines& engines, wasm::Toolchain& toolchain) {
  auto deployed = read_deployed(path, settings, toolchain);
  if (!deployed && !settings.inline_function) return deployed;
  if (!deployed) return at_component(path, settings, deployed.error());
  auto compiled = engines.compile({.kind = wasm_kind(settings.kind),
                                   .name = settings.name,
                                   .bytes = deployed->bytes,
                                   .stub_wasi = settings.stub_wasi});
  if (!compiled) return at_component(path, settings, compiled.error());
  deployed->component = std::move(*compiled);
  deployed->settings = std::move(settings);
  const Result<void> sources = read_sources(path, *deployed);
  if (!sources) return at_component(path, deployed->settings, sources.error());
  if (!deployed->settings.inline_function) return deployed;
  for (const wasm::Function& function : deployed->component->description().exports)
    if (!function.extendable)
      return at_component(path, deployed->settings,
                          error(Code::invalid_argument,
                                fmt::format("the return type `{}` is not `result` whose error is "
                                            "none, `string` or a variant with the case "
                                            "`execution-failed`",
                                            function.result)));
  return deployed;
}

std::vector<std::string> too_many_sources(const Deployment& deployment) {
  std::size_t bytes = 0;
  for (const DeployedComponent& deployed : deployment.components)
    for (const auto& [frame, text] : deployed.sources) bytes += text.size();
  if (bytes <= sources_bytes_max) return {};
  return {fmt::format("the files of `backtrace.sources` have {} bytes; {} are the most in all",
                      bytes, sources_bytes_max)};
}

std::vector<std::string> link_problems(const Deployment& deployment, wasm::Toolchain& toolchain) {
  std::vector<wasm::LinkParty> parties;
  for (const DeployedComponent& deployed : deployment.components)
    parties.push_back({.component = deployed.settings.name,
                       .kind = wasm_kind(deployed.settings.kind),
                       .description = &deployed.component->description(),
                       .origin = deployed.origin});
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
    const auto [at, fresh] = seen.emplace(deployed.digest, deployed.settings.name);
    if (!fresh)
      problems.push_back(
          fmt::format("components `{}` and `{}` are the same file; remove one of them", at->second,
                      deployed.settings.name));
  }
  return problems;
}

}  // namespace

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
    auto deployed = load_component(path, std::move(settings), engines, toolchain);
    if (deployed) {
      deployment.components.push_back(std::move(*deployed));
      continue;
    }
    problems.push_back(deployed.error().reason);
    code = deployed.error().code;
  }
  const auto add = [&](const std::vector<std::string>& more) {
    problems.insert(problems.end(), more.begin(), more.end());
  };
  // Without all components every import of a missing one would be a problem of its own.
  if (problems.empty()) add(link_problems(deployment, toolchain));
  add(equal_digests(deployment));
  add(too_many_sources(deployment));
  if (problems.empty()) return deployment;
  if (problems.size() > 1) code = Code::invalid_argument;
  return fail(code, fmt::format("{}", fmt::join(problems, "\n")), path);
}

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value =
      std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): read at start only
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
#include "server/wit_deps.h"

#include <fmt/format.h>

#include "cli/files.h"
#include "journal/ids.h"

namespace stele::server {
namespace {

wasm::ComponentKind wit_kind(SectionKind kind) {
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

/// Types of a function that is written in the deployment file, or in a WIT folder beside it.
Result<wasm::Function> inline_function(const InlineFunction& given, const std::string& folder,
                                       wasm::Toolchain& toolchain) {
  const Ffqn name = TRY(parse_ffqn(given.ffqn));
  if (given.wit.empty()) {
    return wasm::Function{.interface = name.interface,
                          .name = name.function,
                          .params = given.params,
                          .result = given.result,
                          .extendable = true};
  }
  std::vector<wasm::SourceFile> sources;
  for (cli::NamedFile& file : TRY(cli::read_wit(folder + given.wit))) {
    sources.push_back({std::move(file.path), std::move(file.text)});
  }
  const wasm::Description found = TRY(toolchain.describe_wit(sources));
  for (const wasm::Function& each : found.exports) {
    if (each.ffqn() == given.ffqn) return each;
  }
  return fail(Code::not_found,
              fmt::format("there is no function {} in {}", given.ffqn, folder + given.wit));
}

/// The components of a deployment file, as far as their types go.
class Exporters {
 public:
  Exporters(std::string folder, wasm::Toolchain& toolchain)
      : folder_(std::move(folder)), toolchain_(toolchain) {}

  Result<void> add(const ComponentSettings& settings) {
    const wasm::ComponentKind kind = wit_kind(settings.kind);
    if (settings.inline_function) {
      auto& functions = kind == wasm::ComponentKind::external ? externals_ : stubs_;
      functions.push_back(TRY(inline_function(*settings.inline_function, folder_, toolchain_)));
      return {};
    }
    components_.emplace_back(kind, TRY(cli::read_file(folder_ + settings.location)));
    return {};
  }

  Result<std::vector<wasm::SourceFile>> wit() {
    TRY(add_inline(wasm::ComponentKind::stub, stubs_));
    TRY(add_inline(wasm::ComponentKind::external, externals_));
    std::vector<wasm::Exporter> exporters;
    for (const auto& [kind, bytes] : components_) exporters.push_back({kind, bytes});
    return toolchain_.dependency_wit(exporters);
  }

 private:
  Result<void> add_inline(wasm::ComponentKind kind, const std::vector<wasm::Function>& functions) {
    if (functions.empty()) return {};
    components_.emplace_back(kind, TRY(toolchain_.types_only(functions)));
    return {};
  }

  const std::string folder_;
  wasm::Toolchain& toolchain_;
  std::vector<std::pair<wasm::ComponentKind, std::string>> components_;
  std::vector<wasm::Function> stubs_;
  std::vector<wasm::Function> externals_;
};

}  // namespace

Result<std::vector<wasm::SourceFile>> deployment_wit(const DeploymentFile& file,
                                                     const std::string& path,
                                                     wasm::Toolchain& toolchain) {
  Exporters exporters(folder_of(path), toolchain);
  for (const ComponentSettings& settings : file.components) {
    auto added = exporters.add(settings);
    if (added) continue;
    added.error().reason = fmt::format("{}:{}: component `{}`: {}", path, settings.line,
                                       settings.name, added.error().reason);
    return std::unexpected(std::move(added.error()));
  }
  return exporters.wit();
}

Result<std::vector<wasm::SourceFile>> deployment_wit(const std::string& path,
                                                     wasm::Toolchain& toolchain,
                                                     Variable variable) {
  const std::string text = TRY(cli::read_file(path));
  const DeploymentFile file = TRY(parse_deployment(text, path, variable));
  return deployment_wit(file, path, toolchain);
}

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
// Owns: the port to the tools that look at, check and make components; no guest runs.
// Life cycle: stateless. Thread: any. Must hold: input bytes are never trusted; every refusal names
//   the function, type or position it is about.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/description.h"

namespace stele::wasm {

/// How a component came by its WIT; components share an interface only if it is the same way.
enum class WitOrigin : std::uint8_t {
  parsed = 1,       ///< from the component's binary
  synthesised = 2,  ///< from names and types of its configuration
  authored = 3,     ///< from a WIT folder of the deployment
};

/// One component of a deployment, for the check of all imports against all exports.
struct LinkParty {
  std::string component{};  ///< its name in the deployment
  ComponentKind kind = ComponentKind::activity;
  const Description* description = nullptr;
  WitOrigin origin = WitOrigin::parsed;
};

struct LinkProblem {
  std::string component{};
  std::string function{};  ///< FFQN that is imported, or exported twice
  std::string reason{};    ///< both sides and the nearest match, ready to be shown
};

struct NewComponent {
  std::string_view core_module{};  ///< with embedded WIT metadata, or `wit` + `world` given
  std::string_view wit{};          ///< WIT text; empty: use what is embedded
  std::string_view world{};        ///< empty: the only world
};

struct SourceFile {
  std::string path{};  ///< relative
  std::string text{};
};

/// A component whose exports others may import.
struct Exporter {
  ComponentKind kind = ComponentKind::activity;
  std::string_view component{};  ///< bytes
};

enum class BindingsLanguage : std::uint8_t { c, cpp };

class Toolchain {
 public:
  virtual ~Toolchain() = default;
  /// What a component exports and imports. Errors: invalid_argument (not a component, damaged).
  virtual Result<Description> inspect(std::string_view component) = 0;
  /// The component's WIT as text.
  virtual Result<std::string> wit(std::string_view component) = 0;
  /// Parses WIT sources (dependencies included, any order) and prints them normalised.
  virtual Result<std::string> print_wit(std::span<const SourceFile> sources) = 0;
  /// A component from a core module, with the preview1 adapter where it is needed.
  virtual Result<std::string> new_component(const NewComponent& request) = 0;
  /// Guest bindings for `world` of the WIT sources.
  virtual Result<std::vector<SourceFile>> bindings(BindingsLanguage language,
                                                   std::span<const SourceFile> sources,
                                                   std::string_view world) = 0;
  /// A type-only component (encoded WIT package) that exports `functions`, whose types are written
  /// in the grammar of contract section 3; for inline stubs and externals.
  virtual Result<std::string> types_only(std::span<const Function> functions) = 0;
  /// What the functions of all interfaces of these sources look like, as if exported.
  virtual Result<Description> describe_wit(std::span<const SourceFile> sources) = 0;
  /// The host's packages that a component of `kind` may import, one file each:
  /// `obelisk_types@5.0.0/types.wit`.
  virtual std::vector<SourceFile> support_wit(ComponentKind kind) = 0;
  /// The -obelisk-ext, -obelisk-schedule and -obelisk-stub packages of what the sources export (the
  /// interfaces of the package that is not a dependency), laid out likewise.
  virtual Result<std::vector<SourceFile>> extension_wit(ComponentKind kind,
                                                        std::span<const SourceFile> sources) = 0;
  /// Everything that a component may import in a deployment of these: the exporters' own packages,
  /// their dependencies, and the derived ones, laid out likewise.
  virtual Result<std::vector<SourceFile>> dependency_wit(std::span<const Exporter> exporters) = 0;
  /// Every import of every party against its exporter, complete and structural, with the
  /// synthesised -obelisk-ext, -obelisk-schedule and -obelisk-stub packages; exports twice are
  /// problems too.
  virtual std::vector<LinkProblem> check_links(std::span<const LinkParty> parties) = 0;
};

}  // namespace stele::wasm

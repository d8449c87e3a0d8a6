// SPDX-License-Identifier: Apache-2.0
// Owns: the reading of a deployment file (contract section 10.2, 10.3) into plain settings.
// Life cycle: read once at start. Thread: any. Must hold: every key is obeyed, named in `notes` as
//   without effect here, or refused with its line, column and the nearest known key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/catalog.h"
#include "runtime/options.h"
#include "wasm/guest.h"

namespace stele::server {

enum class SectionKind : std::uint8_t {
  activity_wasm,
  workflow_wasm,
  activity_stub,
  activity_external
};
/// As it is written in the file: `activity_wasm`.
std::string_view section_name(SectionKind kind);

/// A stub or external activity that is written in the deployment file itself: one function.
struct InlineFunction {
  std::string ffqn;
  std::vector<wasm::Param> params;
  std::string result;  ///< WIT text
  std::string wit;     ///< folder below the deployment file's; then the types come from there
};

struct ComponentSettings {
  SectionKind kind = SectionKind::activity_wasm;
  std::string name;
  std::string location;        ///< relative to the deployment file
  std::string content_digest;  ///< sha256:<hex>, or empty
  std::uint32_t line = 0;      ///< of the section's header, for messages
  core::RetryRule retry;
  Duration lock_expiry = seconds(1);
  bool stub_wasi = false;
  bool keepalive = false;
  std::uint32_t instances_max = UINT32_MAX;
  core::UpgradeRule upgrade = core::UpgradeRule::automatic;
  std::optional<InlineFunction> inline_function;
  std::map<std::string, std::string> sources;  ///< frame path to a path below the file's folder
  runtime::OutputRule output{.log_level_min = 2};
  wasm::Environment environment;
};

struct DeploymentFile {
  std::vector<ComponentSettings> components;
  std::vector<std::string> notes;  ///< one line each: keys without effect, inert entries
};

/// Looks a variable of the server's own environment up; empty optional if it is not set.
using Variable = std::optional<std::string> (*)(const std::string& name);

/// Errors: invalid_argument with `path:line:column: what, and what to write instead`.
Result<DeploymentFile> parse_deployment(std::string_view text, const std::string& path,
                                        Variable variable);

/// `${VAR}`, `${VAR:-d}` (unset or empty) and `${VAR-d}` (unset), nested; `$VAR` is left as it is.
/// Errors: invalid_argument for a variable without a default that is not set, or a missing `}`.
Result<std::string> interpolate(std::string_view text, Variable variable);

}  // namespace stele::server

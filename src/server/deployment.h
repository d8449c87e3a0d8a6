// SPDX-License-Identifier: Apache-2.0
// Owns: a deployment that is checked whole and compiled: its components, and the catalog made of
// them. Life cycle: loaded at start; the catalog exists once the store has numbered the functions.
// Thread: one at a time; immutable afterwards. Must hold: everything is checked before anything
//   starts, and all problems of all components are reported together.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/catalog.h"
#include "server/deployment_file.h"
#include "store/store.h"
#include "wasm/guest.h"
#include "wasm/toolchain.h"

namespace stele::server {

struct DeployedComponent {
  ComponentSettings settings;
  std::string bytes;   ///< of the file, or made from the types of an inline component
  std::string digest;  ///< sha256:<hex> of the file; of an inline component: of what is written
  wasm::WitOrigin origin = wasm::WitOrigin::parsed;
  std::map<std::string, std::string> sources{};  ///< frame path to text
  std::shared_ptr<wasm::Component> component{};
};

struct Deployment {
  std::string path;
  std::string source;  ///< the file's text
  std::vector<DeployedComponent> components;
  std::vector<std::string> notes;
};

/// Reads the file and its components, compiles and checks them, and checks every import against its
/// exporter. Errors: not_found (a file, named), invalid_argument (all problems, one a line).
Result<Deployment> load_deployment(const std::string& path, wasm::Engines& engines,
                                   wasm::Toolchain& toolchain, Variable variable);

/// What the store keeps of it; numbers are given by Store::save_deployment.
Store::NewDeployment to_store(const Deployment& deployment, Instant now);

/// `row` is what the store answered; a component's index in the catalog is its index in
/// `deployment`.
core::CatalogPtr make_catalog(const Deployment& deployment, const DeploymentRow& row);

/// What the engine runs; `row` as above.
runtime::DeployedPtr make_deployed(const Deployment& deployment, const DeploymentRow& row);

/// A deployment as it was when it was stored, compiled again. Variables and allowed hosts are not
/// stored, so only its workflows may be run.
/// Errors: not_found (it, or a component's bytes), data_loss (its settings), and compiling's.
Result<runtime::DeployedPtr> former_deployment(Store& store, wasm::Engines& engines,
                                               DeploymentId id);

/// As the wasm port names it.
wasm::ComponentKind wasm_kind(SectionKind kind);
/// sha256:<hex>
std::string sha256(std::string_view bytes);

/// Looks into the process's own environment.
std::optional<std::string> environment_variable(const std::string& name);

}  // namespace stele::server

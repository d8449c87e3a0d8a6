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
  std::string bytes;
  std::shared_ptr<wasm::Component> component;
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

/// Looks into the process's own environment.
std::optional<std::string> environment_variable(const std::string& name);

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
// Owns: the tables of deployments, components and functions. Life cycle: one call each.
// Thread: as the connection. Must hold: a function keeps its number for ever; the same deployment
//   (by digest) is stored once.
#pragma once

#include <string_view>

#include "store/sqlite/database.h"
#include "store/sqlite/values.h"
#include "store/store.h"

namespace stele::sqlite {

/// Inside the writer's transaction. Returns the row with its numbers, stored before or now.
Result<DeploymentRow> put_deployment(Connection& connection, ValueWriter& values,
                                     const Store::NewDeployment& deployment);
/// Errors: not_found.
Result<DeploymentRow> get_deployment(Connection& connection, DeploymentId id);
Result<std::vector<FunctionRow>> get_functions(Connection& connection);
/// Errors: not_found.
Result<Bytes> get_blob(Connection& connection, std::string_view digest);

}  // namespace stele::sqlite

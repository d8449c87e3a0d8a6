// SPDX-License-Identifier: Apache-2.0
// Owns: what the name of an import and the type of a result mean (contract 1.3, 1.4, 2.1, 2.2).
// Life cycle: functions only. Thread: any. Must hold: a name means the same at every deploy.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/catalog.h"

namespace stele::core {

struct ImportMeaning {
  HostOp op = HostOp::direct_call;
  std::string ffqn{};  ///< of the user's function that it is about; empty for the host's own
};
/// Empty for a function of an obelisk package that this host does not have.
std::optional<ImportMeaning> meaning_of(std::string_view interface, std::string_view name);

/// Of a return type as structural text: result<T, E>.
ErrorType error_type_of(std::string_view result);

}  // namespace stele::core

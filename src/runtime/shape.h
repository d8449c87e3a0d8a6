// SPDX-License-Identifier: Apache-2.0
// Owns: what the text of a result type says about its payloads. Life cycle: none. Thread: any.
// Must hold: `result`, `result<T>`, `result<_, E>` and `result<T, E>` are told apart.
#pragma once

#include <optional>

#include "journal/entry.h"
#include "wasm/guest.h"

namespace stele::runtime {

struct ResultShape {
  bool ok = true;   ///< ok has a payload
  bool err = true;  ///< err has a payload
};
ResultShape result_shape(std::string_view type);

/// The outcome of a function that returned; unit payloads become empty.
Outcome outcome_of(wasm::Finished finished, const ResultShape& shape);

/// The outcome that a checked {"ok":…} or {"err":…} in canonical form stands for.
Outcome outcome_of_text(std::string_view text, const ResultShape& shape);

/// Both are ok, or both err, with the same value.
bool same_value(const std::optional<Outcome>& stored, const Outcome& given);

/// The shape of the exported function `ffqn`.
ResultShape shape_of(const wasm::Component& component, std::string_view ffqn);

/// An outcome of kind failure.
Outcome failure(FailureKind kind, std::string reason, std::string detail);

}  // namespace stele::runtime

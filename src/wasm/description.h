// SPDX-License-Identifier: Apache-2.0
// Owns: what a component exports and imports, as plain data with structural type texts.
// Life cycle: made once when a component is compiled, then immutable. Thread: any.
// Must hold: two types are equal exactly when their texts are equal (names of types resolved,
//   contract section 3 grammar: record{a:u32}, variant{x,y(T)}, result<T, E>, ...).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace stele::wasm {

/// `external` is a stub for the guest's side, and an activity for who may import what of it.
enum class ComponentKind : std::uint8_t { activity, workflow, webhook, stub, external };

/// One allowed destination of outgoing HTTP: `pattern` as in contract section 7, `methods` empty =
/// all.
struct AllowedHost {
  std::string pattern{};
  std::vector<std::string> methods{};
};

struct Param {
  std::string name{};  ///< kebab-case
  std::string type{};  ///< structural text
};

struct Function {
  std::string interface{};  ///< ns:pkg/ifc@ver
  std::string name{};       ///< kebab-case
  std::vector<Param> params{};
  std::string result{};     ///< structural text, empty for none
  bool extendable = false;  ///< contract 2.2: usable as an activity or workflow function

  std::string ffqn() const { return interface + "." + name; }
};

struct Description {
  /// functions of exported interfaces; those with resources are left out
  std::vector<Function> exports{};
  /// imported functions that are answered by HostCalls, in ImportIndex order
  std::vector<Function> imports{};
  std::vector<std::string> wasi{};  ///< imported WASI interfaces, answered inside the engine
  std::string digest{};             ///< sha256:<hex> of the component's bytes
};

}  // namespace stele::wasm

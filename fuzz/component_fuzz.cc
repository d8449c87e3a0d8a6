// SPDX-License-Identifier: Apache-2.0
// Bytes that someone deploys: described and compiled, or refused with a reason.
#include "fuzz/fuzz.h"
#include "wasm/wasmtime/engines.h"
#include "wasm/wasmtime/toolchain.h"

namespace stele {
namespace {

/// A refusal must be about the input; `internal` would be a panic that the bridge caught.
template <typename T>
bool accepted(const Result<T>& made) {
  if (!made) CHECK(made.error().code != Code::internal && !made.error().reason.empty());
  return made.has_value();
}

wasm::Engines& engines() {
  static const auto made = wasm::make_wasmtime_engines({.workflow_guests = 2,
                                                        .other_guests = 2,
                                                        .epoch_tick = Duration(),
                                                        .blocking_threads = 1,
                                                        .allocation = wasm::Allocation::small});
  return **made;
}

}  // namespace

void fuzz(std::string_view input) {
  static const std::unique_ptr<wasm::Toolchain> toolchain = wasm::make_toolchain();
  fuzz_input::Choices bytes(input);
  const std::uint64_t how = bytes.below(8);
  const std::string_view component = bytes.rest();
  const auto kind = static_cast<wasm::ComponentKind>(how % 5);
  if (how >= 5) {
    accepted(toolchain->inspect(component));
    accepted(toolchain->wit(component));
    const std::vector<wasm::Exporter> exporters{{wasm::ComponentKind::stub, component}};
    accepted(toolchain->dependency_wit(exporters));
    if (how == 7) accepted(toolchain->new_component({.core_module = component}));
    return;
  }
  accepted(engines().compile({.kind = kind, .name = "fuzz", .bytes = component}));
}

}  // namespace stele

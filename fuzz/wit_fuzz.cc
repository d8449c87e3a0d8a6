// SPDX-License-Identifier: Apache-2.0
// WIT sources and type texts: described and printed, or refused with a reason.
#include "fuzz/fuzz.h"
#include "wasm/wasmtime/toolchain.h"

namespace stele {
namespace {

using wasm::ComponentKind;

/// A refusal must be about the input; `internal` would be a panic that the bridge caught.
template <typename T>
bool accepted(const Result<T>& made) {
  if (!made) CHECK(made.error().code != Code::internal && !made.error().reason.empty());
  return made.has_value();
}

/// Sources are parted by form feeds.
void sources(wasm::Toolchain& toolchain, fuzz_input::Choices bytes) {
  std::vector<wasm::SourceFile> files;
  while (!bytes.empty() && files.size() < 4)
    files.push_back({std::to_string(files.size()) + ".wit", std::string(bytes.until('\f'))});
  const auto printed = toolchain.print_wit(files);
  if (accepted(printed)) {
    const std::vector<wasm::SourceFile> again{{"printed.wit", *printed}};
    CHECK(toolchain.print_wit(again) == *printed);
  }
  accepted(toolchain.describe_wit(files));
  for (const ComponentKind kind : {ComponentKind::activity, ComponentKind::workflow})
    accepted(toolchain.extension_wit(kind, files));
}

/// name, type, result in the grammar of type texts; what types_only makes is a component.
void types(wasm::Toolchain& toolchain, fuzz_input::Choices bytes) {
  std::vector<wasm::Function> functions(1 + bytes.below(2));
  for (wasm::Function& function : functions) {
    function.interface = bytes.until('\f');
    function.name = bytes.until('\f');
    function.result = bytes.until('\f');
    for (std::uint64_t left = bytes.below(3); left > 0; --left) {
      const std::string name(bytes.until('\f'));
      function.params.push_back({name, std::string(bytes.until('\f'))});
    }
  }
  const auto made = toolchain.types_only(functions);
  if (accepted(made)) CHECK(toolchain.inspect(*made).has_value());
}

}  // namespace

void fuzz(std::string_view input) {
  static const std::unique_ptr<wasm::Toolchain> toolchain = wasm::make_toolchain();
  fuzz_input::Choices bytes(input);
  if (bytes.below(2) == 0)
    sources(*toolchain, bytes);
  else
    types(*toolchain, bytes);
}

}  // namespace stele

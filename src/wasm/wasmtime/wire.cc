// SPDX-License-Identifier: Apache-2.0
#include "wasm/wasmtime/wire.h"

#include "wasm/wasmtime/frames.h"

namespace stele::wasm::wasmtime {
namespace {

std::vector<Function> functions(FrameReader& reader) {
  std::vector<Function> read(reader.count());
  for (Function& function : read) {
    function.interface = reader.text();
    function.name = reader.text();
    function.params.resize(reader.count());
    for (Param& param : function.params) {
      param.name = reader.text();
      param.type = reader.text();
    }
    function.result = reader.text();
    function.extendable = reader.number() != 0;
  }
  return read;
}

}  // namespace

Result<Description> read_description(std::string_view bytes) {
  FrameReader reader(bytes);
  Description description;
  description.exports = functions(reader);
  description.imports = functions(reader);
  description.wasi.resize(reader.count());
  for (std::string& interface : description.wasi) interface = reader.text();
  description.digest = reader.text();
  if (!reader.at_end()) return fail(Code::internal, "a component's description is damaged");
  return description;
}

}  // namespace stele::wasm::wasmtime

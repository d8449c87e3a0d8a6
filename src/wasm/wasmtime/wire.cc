// SPDX-License-Identifier: Apache-2.0
#include "wasm/wasmtime/wire.h"

#include <cstdint>

namespace stele::wasm::wasmtime {
namespace {

/// Reads front to back; after the first misfit everything is empty and `good()` is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint32_t number() {
    const std::string_view bytes = take(4);
    std::uint32_t value = 0;
    for (std::size_t at = bytes.size(); at > 0; --at) {
      value = (value << 8U) | static_cast<std::uint8_t>(bytes[at - 1]);
    }
    return value;
  }

  std::string text() { return std::string(take(number())); }

  /// A count of items of at least four bytes each.
  std::uint32_t count() {
    const std::uint32_t items = number();
    if (items <= rest_.size() / 4) return items;
    good_ = false;
    return 0;
  }

  bool good() const { return good_; }
  bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (!good_ || size > rest_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool good_ = true;
};

std::vector<Function> functions(Reader& reader) {
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
  Reader reader(bytes);
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

// SPDX-License-Identifier: Apache-2.0
#include "wasm/wasmtime/component.h"

#include <algorithm>

#include "bridge.h"
#include "wasm/wasmtime/guest.h"
#include "wasm/wasmtime/text.h"
#include "wasm/wasmtime/wire.h"

namespace stele::wasm::wasmtime {
namespace {

using CheckEntry = decltype(&st_component_check_params);

class BridgeComponent final : public Component {
 public:
  explicit BridgeComponent(st_component* component) : component_(component) {}
  BridgeComponent(const BridgeComponent&) = delete;
  BridgeComponent& operator=(const BridgeComponent&) = delete;
  ~BridgeComponent() override { st_component_free(component_); }

  Result<void> describe() {
    Text bytes;
    Text error;
    const std::int32_t code = st_component_description(component_, bytes.out(), error.out());
    if (code != 0) return refused(code, error);
    description_ = TRY(read_description(bytes.view()));
    return {};
  }

  const Description& description() const noexcept override { return description_; }

  Result<std::unique_ptr<Guest>> instantiate(const Start& start) override {
    return make_guest(component_, start);
  }

  Result<CheckedValue> check_params(std::string_view function,
                                    std::string_view json) const override {
    return check(&st_component_check_params, function, json);
  }

  Result<CheckedValue> check_result(std::string_view function,
                                    std::string_view json) const override {
    return check(&st_component_check_result, function, json);
  }

 private:
  Result<CheckedValue> check(CheckEntry entry, std::string_view function,
                             std::string_view json) const {
    st_checked checked{};
    Text error;
    const std::int32_t code =
        entry(component_, to_view(function), to_view(json), &checked, error.out());
    if (code != 0) return refused(code, error, std::string(function));
    const Text text(checked.text);
    CheckedValue value{.text = text.str(), .hash = {}, .permanent = checked.permanent != 0};
    std::ranges::copy(checked.hash, value.hash.bytes.begin());
    return value;
  }

  st_component* component_;
  Description description_;
};

}  // namespace

Result<std::shared_ptr<Component>> compile(const st_engines* engines,
                                           const ComponentSource& source) {
  const st_source given{.kind = static_cast<std::uint8_t>(source.kind),
                        .stub_wasi = static_cast<std::uint8_t>(source.stub_wasi ? 1 : 0),
                        .bytes = to_view(source.bytes)};
  st_component* component = nullptr;
  Text error;
  const std::int32_t code = st_component_compile(engines, &given, &component, error.out());
  if (code != 0) return refused(code, error, std::string(source.name));
  auto made = std::make_shared<BridgeComponent>(component);
  TRY(made->describe());
  return made;
}

}  // namespace stele::wasm::wasmtime

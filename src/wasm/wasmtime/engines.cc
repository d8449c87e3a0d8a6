// SPDX-License-Identifier: Apache-2.0
#include "wasm/wasmtime/engines.h"

#include <algorithm>

#include "bridge.h"
#include "wasm/wasmtime/component.h"
#include "wasm/wasmtime/text.h"

namespace stele::wasm {
namespace {

using wasmtime::Text;

class BridgeEngines final : public WasmtimeEngines {
 public:
  explicit BridgeEngines(st_engines* engines) : engines_(engines) {}
  BridgeEngines(const BridgeEngines&) = delete;
  BridgeEngines& operator=(const BridgeEngines&) = delete;
  ~BridgeEngines() override { st_engines_free(engines_); }

  Result<std::shared_ptr<Component>> compile(const ComponentSource& source) override {
    return wasmtime::compile(engines_, source);
  }

  void tick() noexcept override { st_engines_tick(engines_); }

  WasmtimeFacts facts() const noexcept override {
    st_engines_facts_t facts{};
    st_engines_facts(engines_, &facts);
    return {.compiled = facts.compiled,
            .cached = facts.cached,
            .workflows_pooled = facts.workflows_pooled != 0,
            .others_pooled = facts.others_pooled != 0};
  }

 private:
  st_engines* engines_;
};

}  // namespace

Result<std::unique_ptr<WasmtimeEngines>> make_wasmtime_engines(const WasmtimeConfig& config) {
  const std::int64_t tick_us = std::clamp<std::int64_t>(config.epoch_tick.us, 0, 10'000);
  const st_config given{.cache_directory = wasmtime::to_view(config.cache_directory),
                        .workflow_guests = config.workflow_guests,
                        .other_guests = config.other_guests,
                        .memory_bytes = config.memory_bytes,
                        .epoch_tick_us = static_cast<std::uint32_t>(tick_us),
                        .blocking_threads = config.blocking_threads,
                        .allocation = static_cast<std::uint8_t>(config.allocation),
                        .fuel = static_cast<std::uint8_t>(config.fuel ? 1 : 0)};
  st_engines* engines = nullptr;
  Text error;
  const std::int32_t code = st_engines_new(&given, &engines, error.out());
  if (code != 0) return wasmtime::refused(code, error);
  return std::make_unique<BridgeEngines>(engines);
}

}  // namespace stele::wasm

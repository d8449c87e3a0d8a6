// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "bench/limits.h"
#include "wasm/wasmtime/engines.h"

namespace stele::bench {
namespace {

constexpr std::uint64_t calls_each = 100'000;
constexpr std::uint64_t lives_each = 1'000;

/// Answers each call at once with the same value, and renders nothing.
class ReadyHost final : public wasm::HostCalls {
 public:
  wasm::HostAnswer call(const wasm::HostCall& /*call*/) noexcept override {
    return {.kind = wasm::AnswerKind::answer, .text = R"({"ok":1})"};
  }
  void log(std::uint8_t /*level*/, std::string_view /*message*/) noexcept override {}
  void stream(std::uint8_t /*which*/, BytesView /*bytes*/) noexcept override {}
};

class NoWakes final : public wasm::Wakes {
 public:
  void woken(std::uint64_t /*guest_id*/) noexcept override {}
};

/// A guest's file, compiled.
class Compiled {
 public:
  Result<void> load(const std::string& path, wasm::ComponentKind kind) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (bytes.empty()) return fail(Code::not_found, "cannot read the component", path);
    engines_ = TRY(wasm::make_wasmtime_engines({}));
    component_ = TRY(engines_->compile({.kind = kind, .name = path, .bytes = bytes}));
    return {};
  }
  Result<void> live(std::string_view function, std::string_view params) {
    const auto guest = TRY(component_->instantiate({.guest_id = 1,
                                                    .function = function,
                                                    .params = params,
                                                    .calls = &host_,
                                                    .wakes = &wakes_}));
    wasm::PollResult end = guest->poll();
    while (end.state == wasm::PollState::yielded) end = guest->poll();
    if (end.state == wasm::PollState::finished) return {};
    return fail(Code::internal, fmt::format("the guest did not end: {}", end.failure.reason));
  }

 private:
  NoWakes wakes_;
  ReadyHost host_;
  std::unique_ptr<wasm::WasmtimeEngines> engines_;
  std::shared_ptr<wasm::Component> component_;
};

}  // namespace

Result<Limit> bridge_calls(const std::string& components, double seconds) {
  Compiled flows;
  TRY(flows.load(fmt::format("{}/guest_workflows.wasm", components),
                 wasm::ComponentKind::workflow));
  const std::string params = fmt::format("[{}]", calls_each);
  std::uint64_t calls = 0;
  const double begin = monotonic_seconds();
  for (; monotonic_seconds() - begin < seconds; calls += calls_each)
    TRY(flows.live("test:guests/flows@1.0.0.seq", params));
  return Limit{static_cast<double>(calls) / (monotonic_seconds() - begin), {}};
}

Result<Limit> bridge_instantiations(const std::string& components, double seconds) {
  Compiled work;
  TRY(work.load(fmt::format("{}/guest_activities.wasm", components),
                wasm::ComponentKind::activity));
  std::uint64_t lives = 0;
  const double begin = monotonic_seconds();
  for (; monotonic_seconds() - begin < seconds; lives += lives_each)
    for (std::uint64_t life = 0; life < lives_each; ++life)
      TRY(work.live("test:guests/work@1.0.0.step", "[1]"));
  return Limit{static_cast<double>(lives) / (monotonic_seconds() - begin), {}};
}

}  // namespace stele::bench

// SPDX-License-Identifier: Apache-2.0
// The bare bridge: what a host call, a park and resume, and a short life of a guest cost.
#include <benchmark/benchmark.h>

#include <fstream>
#include <string>

#include "wasm/wasmtime/engines.h"
#include "wasm/wasmtime/guests_for_test.h"

namespace stele::wasm {
namespace {

/// Answers each call with its own parameter's digits, without keeping anything.
class EchoHost final : public HostCalls {
 public:
  explicit EchoHost(bool render) : render_(render) {}

  HostAnswer call(const HostCall& call) noexcept override {
    if (!render_) return {.kind = AnswerKind::answer, .text = "1"};
    const std::string params = call.params->render().value();
    return {.kind = AnswerKind::answer, .text = params.substr(1, params.size() - 2)};
  }
  void log(std::uint8_t /*level*/, std::string_view /*message*/) noexcept override {}
  void stream(std::uint8_t /*which*/, BytesView /*bytes*/) noexcept override {}

 private:
  bool render_;
};

class PendingHost final : public HostCalls {
 public:
  HostAnswer call(const HostCall& /*call*/) noexcept override { return test::pending(); }
  void log(std::uint8_t /*level*/, std::string_view /*message*/) noexcept override {}
  void stream(std::uint8_t /*which*/, BytesView /*bytes*/) noexcept override {}
};

test::CountedWakes wakes;

Component& component() {
  static const auto engines = make_wasmtime_engines({}).value();
  static const auto made = engines
                               ->compile({.kind = ComponentKind::workflow,
                                          .name = "counting",
                                          .bytes = test::counting_guest()})
                               .value();
  return *made;
}

std::unique_ptr<Guest> start(HostCalls& host, std::string_view params) {
  return component()
      .instantiate({.guest_id = 1,
                    .function = test::run_function,
                    .params = params,
                    .calls = &host,
                    .wakes = &wakes})
      .value();
}

PollState poll_on(Guest& guest) {
  PollState state = guest.poll().state;
  while (state == PollState::yielded) state = guest.poll().state;
  return state;
}

void answered_calls(benchmark::State& state) {
  EchoHost host(state.range(0) != 0);
  for (auto _ : state) {
    const auto guest = start(host, "[100000]");
    if (poll_on(*guest) != PollState::finished) state.SkipWithError("not finished");
  }
  state.SetItemsProcessed(state.iterations() * 100'000);
}
BENCHMARK(answered_calls)->ArgName("rendered")->Arg(0)->Arg(1);

void park_and_resume(benchmark::State& state) {
  PendingHost host;
  for (auto _ : state) {
    const auto guest = start(host, "[100000]");
    while (poll_on(*guest) == PollState::parked) guest->resume(test::answered("1"));
  }
  state.SetItemsProcessed(state.iterations() * 100'000);
}
BENCHMARK(park_and_resume);

void instantiate_call_drop(benchmark::State& state) {
  EchoHost host(false);
  for (auto _ : state) {
    const auto guest = start(host, "[1]");
    if (poll_on(*guest) != PollState::finished) state.SkipWithError("not finished");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(instantiate_call_drop);

double resident_mb() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    double kilobytes = 0;
    status >> kilobytes;
    return kilobytes / 1024;
  }
  return 0;
}

void parked_guests(benchmark::State& state) {
  PendingHost host;
  for (auto _ : state) {
    const double before = resident_mb();
    std::vector<std::unique_ptr<Guest>> guests;
    for (int count = 0; count < 900; ++count) {
      guests.push_back(start(host, "[2]"));
      guests.back()->poll();
    }
    state.counters["added_mb"] = resident_mb() - before;
    state.counters["total_mb"] = resident_mb();
  }
}
BENCHMARK(parked_guests)->Iterations(1);

}  // namespace
}  // namespace stele::wasm

// SPDX-License-Identifier: Apache-2.0
// What it costs to wake a guest thread that sleeps, there and back: the hop that a step may afford
// once or twice.
#include <benchmark/benchmark.h>

#include <thread>

#include "runtime/threads/thread_bell.h"

namespace stele::runtime {
namespace {

void ring_and_be_rung(benchmark::State& state) {
  ThreadBell there;
  ThreadBell back;
  std::thread other([&] {
    while (there.sleep_guest()) back.ring();
  });
  for (auto _ : state) {
    there.ring();
    if (!back.sleep_guest()) state.SkipWithError("stopped");
  }
  there.stop();
  other.join();
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(ring_and_be_rung)->UseRealTime();

/// Nobody sleeps: what a ring costs a thread that has other work.
void ring_unheard(benchmark::State& state) {
  ThreadBell bell;
  for (auto _ : state) {
    bell.ring();
    if (!bell.sleep_guest()) state.SkipWithError("stopped");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ring_unheard);

}  // namespace
}  // namespace stele::runtime

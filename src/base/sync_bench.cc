// SPDX-License-Identifier: Apache-2.0
// Hand-over between threads: a message to another thread that sleeps, and its answer; and messages
// to a thread that is awake.
#include <benchmark/benchmark.h>

#include <thread>

#include "base/sync.h"

namespace stele {
namespace {

constexpr Duration patience = seconds(10);
constexpr std::int64_t burst = 1'000;

/// Gives back what comes, until something negative comes.
class Echo {
 public:
  Echo() : thread_([this] { run(); }) {}
  ~Echo() {
    there.push(-1);
    thread_.join();
  }
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;

  Queue<std::int64_t> there;
  Queue<std::int64_t> back;

 private:
  void run() {
    for (;;) {
      const auto item = there.pop(patience);
      if (item && *item < 0) return;
      if (item) back.push(*item);
    }
  }
  std::thread thread_;
};

/// Two hand-overs, each of which wakes a sleeping thread.
void there_and_back(benchmark::State& state) {
  Echo echo;
  for (auto _ : state) {
    echo.there.push(1);
    benchmark::DoNotOptimize(echo.back.pop(patience));
  }
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(there_and_back)->UseRealTime();

void burst_of_messages(benchmark::State& state) {
  Echo echo;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < burst; ++i) echo.there.push(i);
    for (std::int64_t i = 0; i < burst; ++i) benchmark::DoNotOptimize(echo.back.pop(patience));
  }
  state.SetItemsProcessed(state.iterations() * 2 * burst);
}
BENCHMARK(burst_of_messages)->UseRealTime();

/// Without another thread: the lock and the memory alone.
void push_and_pop(benchmark::State& state) {
  Queue<std::int64_t> queue;
  for (auto _ : state) {
    queue.push(1);
    benchmark::DoNotOptimize(queue.try_pop());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(push_and_pop);

}  // namespace
}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// Calls per second of a run: sequential direct calls, made anew and replayed.
#include <benchmark/benchmark.h>

#include "core/run_tester.h"

namespace stele::core {
namespace {

constexpr std::uint32_t calls = 50'000;

const ImportTarget& target() {
  static const ImportTarget add{
      .op = HostOp::direct_call, .function = FunctionId(1), .ffqn = "t:act/step.add"};
  return add;
}

std::vector<Entry> history_of_calls() {
  std::vector<Entry> history;
  for (std::uint32_t i = 0; i < calls; ++i) {
    Entry call{.position = 2 * i, .version = 1 + 3 * i};
    call.body = DirectCall{.join_set = JoinSetOrdinal(i),
                           .one_off = i + 1,
                           .child = ExecutionKey(i + 2),
                           .function = FunctionId(1),
                           .params_hash = {}};
    Entry response{.position = 2 * i + 1, .version = 4 + 3 * i};
    response.body = ChildResponse{.seq = i + 1,
                                  .join_set = JoinSetOrdinal(i),
                                  .child = ExecutionKey(i + 2),
                                  .finished_version = 1,
                                  .outcome = {.kind = OutcomeKind::ok, .value = "1"},
                                  .index = 1};
    history.push_back(std::move(call));
    history.push_back(std::move(response));
  }
  return history;
}

WorkflowRun make_run(std::vector<Entry> history) {
  return WorkflowRun(RunStart{.key = ExecutionKey(1),
                              .id = RunTester::id(),
                              .catalog = RunTester::catalog(),
                              .history = std::move(history),
                              .function = FunctionId(5)});
}

void replayed_calls(benchmark::State& state) {
  const std::vector<Entry> history = history_of_calls();
  for ([[maybe_unused]] auto round : state) {
    state.PauseTiming();
    std::vector<Entry> copy = history;
    state.ResumeTiming();
    WorkflowRun run = make_run(std::move(copy));
    for (std::uint32_t i = 0; i < calls; ++i) {
      const CallOutcome outcome = run.call({}, {.target = &target()});
      if (outcome.state != CallState::answered) state.SkipWithError("not answered");
    }
  }
  state.SetItemsProcessed(state.iterations() * calls);
}
BENCHMARK(replayed_calls)->Unit(benchmark::kMillisecond);

void new_calls(benchmark::State& state) {
  const std::vector<Entry> history = history_of_calls();
  for ([[maybe_unused]] auto round : state) {
    WorkflowRun run = make_run({});
    TextParams params("[1]");
    for (std::uint32_t i = 0; i < calls; ++i) {
      run.call({}, {.target = &target(), .params = &params});
      benchmark::DoNotOptimize(run.take());
      run.deliver(std::span(&history[2 * i + 1], 1));
      if (run.resume({}).state != CallState::answered) state.SkipWithError("not answered");
    }
  }
  state.SetItemsProcessed(state.iterations() * calls);
}
BENCHMARK(new_calls)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stele::core

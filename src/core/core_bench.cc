// SPDX-License-Identifier: Apache-2.0
// What a sequential step and a child of a fan-out cost in the partition alone.
#include <benchmark/benchmark.h>

#include "core/partition.h"

namespace stele::core {
namespace {

constexpr FunctionId activity_function{1};
constexpr FunctionId flow_function{2};

CatalogPtr bench_catalog() {
  std::vector<CatalogFunction> functions;
  functions.push_back({.id = activity_function, .ffqn = "b:b/a.add", .name = "add"});
  functions.push_back(
      {.id = flow_function, .ffqn = "b:b/w.flow", .name = "flow", .kind = FunctionKind::workflow});
  return std::make_shared<const Catalog>(DeploymentId{1}, std::move(functions),
                                         std::vector<CatalogComponent>{});
}

RunRequest direct_call(std::uint32_t set) {
  DirectCall body;
  body.join_set = JoinSetOrdinal{set};
  body.one_off = set + 1;
  body.function = activity_function;
  return {body, "[1,2,3]", "o:" + std::to_string(set + 1) + "-add"};
}

Effects must(std::expected<Effects, Missing> stepped) { return std::move(stepped).value(); }

void commit(Partition& partition, Instant now) {
  const WriteBatch batch = partition.close_batch(now);
  benchmark::DoNotOptimize(batch.rows.data());
  partition.committed(batch.number);
}

void keep_starts(Effects effects, std::vector<StartAttempt>& starts) {
  for (HeldEffect& effect : effects.held)
    if (auto* start = std::get_if<StartAttempt>(&effect)) starts.push_back(std::move(*start));
}

/// `flows` workflows each call one activity after another; a commit for each round.
void sequential_steps(benchmark::State& state) {
  const auto flows = static_cast<std::uint64_t>(state.range(0));
  const Instant now{seconds(1).us};
  Partition partition({}, bench_catalog());
  std::vector<ExecutionKey> keys;
  for (std::uint64_t id = 1; id <= flows; ++id) {
    Submit input{.id = Ulid{1, id}, .fresh = true, .function = flow_function, .params = "[]"};
    must(partition.step(now, input));
    keys.push_back(ExecutionKey{static_cast<std::int64_t>(id)});
  }
  commit(partition, now);
  std::uint32_t set = 0;
  for (auto unused : state) {
    std::vector<StartAttempt> starts;
    for (const ExecutionKey key : keys) {
      Advanced input{.key = key, .incarnation = Incarnation{1}, .run = RunNumber{1}};
      input.requests.push_back(direct_call(set));
      input.state = RunState::blocked;
      input.set = JoinSetOrdinal{set};
      keep_starts(must(partition.step(now, input)), starts);
    }
    commit(partition, now);
    for (const StartAttempt& start : starts) {
      AttemptEnded input{.key = start.key, .incarnation = Incarnation{1}, .attempt = start.attempt};
      input.outcome.value = "123";
      benchmark::DoNotOptimize(must(partition.step(now, input)));
    }
    ++set;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(flows));
}
BENCHMARK(sequential_steps)->Arg(1)->Arg(64)->Arg(1024);

/// One workflow submits children in one join set; each is answered in turn.
void fan_out(benchmark::State& state) {
  const auto children = static_cast<std::uint32_t>(state.range(0));
  const Instant now{seconds(1).us};
  for (auto unused : state) {
    PartitionOptions options;
    options.ready_loaded_max = children;
    Partition partition(options, bench_catalog());
    must(partition.step(now, Submit{.id = Ulid{1, 1}, .fresh = true, .function = flow_function}));
    Advanced input{.key = ExecutionKey{1}, .incarnation = Incarnation{1}, .run = RunNumber{1}};
    input.requests.push_back(
        {JoinSetCreate{JoinSetOrdinal{0}, JoinSetKind::generated, "1"}, {}, {}});
    for (std::uint32_t index = 1; index <= children; ++index) {
      ChildRequest child;
      child.index = index;
      child.function = activity_function;
      input.requests.push_back({child, "[1,2,3]", "g:1"});
      if (index % 100 != 0) continue;
      must(partition.step(now, input));
      input.requests.clear();
    }
    commit(partition, now);
    for (std::uint32_t index = 1; index <= children; ++index) {
      AttemptEnded ended{
          .key = ExecutionKey{index + 1}, .incarnation = Incarnation{1}, .attempt = RunNumber{1}};
      ended.outcome.value = "123";
      benchmark::DoNotOptimize(must(partition.step(now, ended)));
    }
    commit(partition, now);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * children);
}
BENCHMARK(fan_out)->Arg(10'000);

}  // namespace
}  // namespace stele::core

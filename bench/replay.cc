// SPDX-License-Identifier: Apache-2.0
// Replay from memory: the engine with its guests in WASM over the memory store. Parents make their
// steps in turn, so that their histories lie interleaved; then each is replayed.
//
//   stele_replay deployment=FILE ffqn=… steps=N [parents=N] [times=N]
//
// Prints {"seconds":[…],"events":…}: of each replay, and what one of them matched.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/sync.h"
#include "bench/summary.h"
#include "bench/words.h"
#include "runtime/threads/engine_threads.h"
#include "runtime/threads/system_time.h"
#include "server/deployment.h"
#include "store/memory/memory_store.h"
#include "wasm/wasmtime/engines.h"
#include "wasm/wasmtime/toolchain.h"

namespace {

using stele::Result;
using stele::bench::Words;
namespace runtime = stele::runtime;

constexpr stele::Duration answer_limit = stele::seconds(600);

/// Waits for the one answer of a request.
template <typename Value>
class Answer {
 public:
  runtime::Done<Value> done() {
    return [this](Result<Value> value) { values_.push(std::move(value)); };
  }
  Result<Value> get() {
    auto value = values_.pop(answer_limit);
    if (value) return std::move(*value);
    return stele::fail(stele::Code::deadline_exceeded, "the engine did not answer");
  }

 private:
  stele::Queue<Result<Value>> values_;
};

/// An engine as the server makes it, but over memory.
class MemoryEngine {
 public:
  Result<void> open(const std::string& path) {
    toolchain_ = stele::wasm::make_toolchain();
    wasm_ = TRY(stele::wasm::make_wasmtime_engines({}));
    deployment_ = TRY(stele::server::load_deployment(path, *wasm_, *toolchain_,
                                                     stele::server::environment_variable));
    const auto row =
        TRY(store_.save_deployment(stele::server::to_store(deployment_, time_.wall())));
    TRY(engine_.open(stele::server::make_deployed(deployment_, row)));
    threads_.start(0);
    return {};
  }
  runtime::LocalEngine& engine() { return engine_; }

 private:
  runtime::SystemTime time_;
  runtime::ThreadBell bell_;
  stele::MemoryStore store_{stele::make_memory_content()};
  std::unique_ptr<stele::wasm::Toolchain> toolchain_;
  std::unique_ptr<stele::wasm::WasmtimeEngines> wasm_;
  stele::server::Deployment deployment_;
  runtime::LocalEngine engine_{{store_, time_, bell_, {}, [](const stele::Error&) { abort(); }}};
  runtime::EngineThreads threads_{engine_, bell_};
};

Result<std::vector<stele::ExecutionId>> run_parents(runtime::LocalEngine& engine, Words& words) {
  const std::string ffqn = words.text("ffqn");
  const std::string params = fmt::format("[{}]", words.count("steps", 1'000));
  const std::uint64_t parents = words.count("parents", 8);
  std::vector<stele::ExecutionId> ids;
  for (std::uint64_t i = 0; i < parents; ++i) {
    Answer<runtime::Submitted> submitted;
    engine.submit({.id = {}, .ffqn = ffqn, .params = params, .requester = "bench"},
                  submitted.done());
    ids.push_back(TRY(submitted.get()).id);
  }
  for (const stele::ExecutionId& id : ids) {
    Answer<runtime::ExecutionView> ended;
    engine.wait_finished(id, ended.done());
    const auto view = TRY(ended.get());
    if (!view.outcome || view.outcome->kind != stele::OutcomeKind::ok)
      return stele::fail(stele::Code::internal, "a workflow has failed", to_text(id));
  }
  return ids;
}

Result<std::string> measure(Words& words) {
  MemoryEngine memory;
  TRY(memory.open(words.text("deployment")));
  const auto ids = TRY(run_parents(memory.engine(), words));
  std::vector<double> seconds;
  std::uint32_t events = 0;
  const std::uint64_t times = words.count("times", 3);
  for (std::uint64_t time = 0; time < times; ++time) {
    Answer<runtime::ReplayReport> replayed;
    const double begin = stele::bench::monotonic_seconds();
    memory.engine().replay(ids[time % ids.size()], replayed.done());
    const auto report = TRY(replayed.get());
    seconds.push_back(stele::bench::monotonic_seconds() - begin);
    events = report.events;
    if (!report.equal) return stele::fail(stele::Code::internal, report.difference);
  }
  return fmt::format(R"({{"seconds":[{:.6f}],"events":{}}})", fmt::join(seconds, ","), events);
}

}  // namespace

int main(int argc, char** argv) {
  Words words(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  const auto text = measure(words);
  if (!text) {
    fmt::print(stderr, "{} {}\n", text.error().reason, text.error().subject);
    return 1;
  }
  fmt::print("{}\n", *text);
  return 0;
}

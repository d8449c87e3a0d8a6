// SPDX-License-Identifier: Apache-2.0
// Owns: a whole server without threads: a store, an engine, a clock that stands still unless moved;
// it
//   may crash after any commit and be started again over what was committed.
// Life cycle: boot, use, crash or stop, boot… Thread: one.
// Must hold: nothing but the store's content, the clock and the World survives a crash.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "golden/deployment.h"
#include "runtime/local_engine.h"
#include "wasm/scripted/engines.h"

namespace stele::golden {

using OpenStore = std::function<Result<std::unique_ptr<Store>>()>;

class FakeTime final : public runtime::TimeSource {
 public:
  Instant wall() override { return Instant{start_us + elapsed_us}; }
  Duration monotonic() override { return Duration{elapsed_us}; }
  static constexpr std::int64_t start_us = 1'800'000'000'000'000;
  std::int64_t elapsed_us = 1'000'000;
};

class SilentBell final : public runtime::Bell {
 public:
  void ring() noexcept override {}
  void ring_commit() noexcept override {}
};

/// When the machine dies by itself, or its store fails once. Counted over all boots; 0: never.
struct CrashPlan {
  std::uint64_t after_commit = 0;
  std::uint64_t at_call = 0;  ///< of the store, by the engine at work
  bool call_fails = false;    ///< with `unavailable`; else the machine dies there
};

void add(runtime::EngineCounters& total, const runtime::EngineCounters& more);

class Machine {
 public:
  Machine(OpenStore open_store, runtime::RuntimeOptions options, CrashPlan plan);
  ~Machine();

  /// Starts, or starts again. Errors: of the store or of the components.
  Result<void> boot();
  /// A hot switch to `components`.
  Result<void> deploy();
  void crash();
  /// Drains, then stops.
  Result<void> stop();
  /// Boots when it has died.
  Result<void> revive();

  /// Something that is asked of the engine from outside.
  void call(const std::function<void()>& what);
  /// Everything that can be done without time passing (but for the gathering of batches).
  void settle();
  void pass(Duration by);
  /// Moves to the next moment at which something is due, `limit` at most.
  void pass_to_next(Duration limit);

  bool dead() const { return engine_ == nullptr || died_; }
  runtime::LocalEngine& engine() { return *engine_; }
  Store& store() { return *store_; }
  Instant now() { return time_.wall(); }
  std::uint64_t commits() const { return commits_; }
  std::uint64_t store_calls() const { return store_calls_; }
  /// Of all boots together.
  runtime::EngineCounters counters() const;
  std::uint32_t boots() const { return boots_; }

  std::vector<ComponentText> components;
  /// By deployment: what was deployed, for workflows that stay with it.
  std::map<DeploymentId, std::vector<ComponentText>> deployments;
  wasm::scripted::World world;

 private:
  friend class CountingStore;
  Result<runtime::DeployedPtr> deploy_components();
  Result<runtime::DeployedPtr> former(DeploymentId id);
  bool turn();
  std::optional<Duration> next_wake();

  OpenStore open_store_;
  runtime::RuntimeOptions options_;
  CrashPlan plan_;
  FakeTime time_;
  SilentBell bell_;
  wasm::scripted::ScriptedEngines engines_{world};
  std::unique_ptr<Store> store_;
  std::unique_ptr<runtime::LocalEngine> engine_;
  runtime::EngineCounters total_;  ///< of former boots
  std::uint64_t commits_ = 0;
  std::uint64_t store_calls_ = 0;
  bool in_turn_ = false;
  std::uint32_t boots_ = 0;
  bool died_ = false;
};

}  // namespace stele::golden

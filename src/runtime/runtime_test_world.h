// SPDX-License-Identifier: Apache-2.0
// Owns: what the runtime's tests run in: guests that are small functions, a clock that stands
// still, a
//   memory store, and an engine that is driven without threads.
// Life cycle: one per test. Thread: one. Must hold: the same calls give the same course.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <new>
#include <utility>

#include "runtime/local_engine.h"
#include "store/memory/memory_content.h"
#include "store/memory/memory_store.h"

namespace stele::runtime::testing {

class FakeTime final : public TimeSource {
 public:
  Instant wall() override { return Instant{start_us_ + elapsed_us}; }
  Duration monotonic() override { return Duration{elapsed_us}; }
  std::int64_t elapsed_us = 1'000'000;

 private:
  std::int64_t start_us_ = 1'700'000'000'000'000;
};

class NoBell final : public Bell {
 public:
  void ring() noexcept override {}
  void ring_commit() noexcept override {}
};

/// What a fake guest does next.
struct Act {
  enum class Kind : std::uint8_t { call, log, finish, fail, spin, wait };
  Kind kind = Kind::finish;
  wasm::ImportIndex import = 0;
  std::uint32_t handle = wasm::no_handle;
  std::string text{};  ///< params of a call, line, value
  bool ok = true;
  wasm::FailureKind failure = wasm::FailureKind::trap;
};
/// `step`: acts so far; `answers`: of its calls.
using Program = std::function<Act(std::size_t step, const std::vector<std::string>& answers,
                                  std::string_view params)>;

class FakeGuest final : public wasm::Guest {
 public:
  FakeGuest(const Program& program, const wasm::Start& start)
      : program_(program), calls_(*start.calls), params_(start.params) {}

  wasm::PollResult poll() noexcept override;
  void resume(wasm::HostAnswer answer) noexcept override { take(std::move(answer)); }
  void interrupt() noexcept override { interrupted_ = true; }
  std::uint64_t resident_bytes() const noexcept override { return 65'536; }

 private:
  void take(wasm::HostAnswer answer) {
    if (answer.kind == wasm::AnswerKind::trap) trap_ = answer.text;
    answers_.push_back(std::move(answer.text));
  }
  static wasm::PollResult failed(wasm::FailureKind kind, std::string reason) {
    wasm::PollResult result;
    result.state = wasm::PollState::failed;
    result.failure = {kind, std::move(reason), {}};
    return result;
  }
  const Program& program_;
  wasm::HostCalls& calls_;
  std::string params_;
  std::size_t step_ = 0;
  std::vector<std::string> answers_;
  std::optional<std::string> trap_;
  bool interrupted_ = false;
};

class FixedParams final : public wasm::ParamsText {
 public:
  explicit FixedParams(std::string text) : text_(std::move(text)) {}
  Result<std::string> render() override {
    if (failing != 0 && --failing == 0) throw std::bad_alloc();
    return text_;
  }
  static inline int failing = 0;  ///< memory runs out at the render of that number from now

 private:
  std::string text_;
};

inline Hash128 hash_of(std::string_view text) {
  Hash128 hash;
  for (std::size_t i = 0; i < text.size(); ++i) {
    hash.bytes[i % 16] = static_cast<std::uint8_t>(hash.bytes[i % 16] * 31 + text[i]);
  }
  return hash;
}

inline wasm::PollResult FakeGuest::poll() noexcept {
  for (;;) {
    if (interrupted_) return failed(wasm::FailureKind::interrupted, "interrupted");
    if (trap_) return failed(wasm::FailureKind::trap, *trap_);
    const Act act = program_(step_, answers_, params_);
    wasm::PollResult result;
    switch (act.kind) {
      case Act::Kind::spin: result.state = wasm::PollState::yielded; return result;
      case Act::Kind::wait: result.state = wasm::PollState::waiting; return result;
      case Act::Kind::fail: return failed(act.failure, act.text);
      case Act::Kind::finish:
        result.state = wasm::PollState::finished;
        result.finished = {act.ok, false, act.text};
        return result;
      case Act::Kind::log:
        ++step_;
        calls_.log(3, act.text);
        continue;
      case Act::Kind::call: break;
    }
    ++step_;
    FixedParams params(act.text);
    wasm::HostAnswer answer = calls_.call({act.import, act.handle, hash_of(act.text), &params});
    if (answer.kind == wasm::AnswerKind::pending) {
      result.state = wasm::PollState::parked;
      return result;
    }
    take(std::move(answer));
  }
}

class FakeComponent final : public wasm::Component {
 public:
  const wasm::Description& description() const noexcept override { return description_; }
  Result<std::unique_ptr<wasm::Guest>> instantiate(const wasm::Start& start) override {
    const auto found = programs.find(start.function);
    if (found == programs.end()) return fail(Code::not_found, "no such function");
    return std::make_unique<FakeGuest>(found->second, start);
  }
  Result<wasm::CheckedValue> check_params(std::string_view /*function*/,
                                          std::string_view json) const override {
    if (!json.starts_with('[')) return fail(Code::invalid_argument, "params are no array");
    return wasm::CheckedValue{std::string(json), hash_of(json), false};
  }
  Result<wasm::CheckedValue> check_result(std::string_view /*function*/,
                                          std::string_view json) const override {
    return wasm::CheckedValue{std::string(json), hash_of(json), false};
  }
  std::map<std::string, Program, std::less<>> programs;

 private:
  wasm::Description description_;
};

enum Import : wasm::ImportIndex { direct, create_set, submit, await_next, sleep, other };

class World {
 public:
  explicit World(RuntimeOptions options = {}, std::shared_ptr<MemoryContent> disk = {},
                 TimeSource* real_time = nullptr, Bell* real_bell = nullptr,
                 Store* other_store = nullptr)
      : content(disk ? std::move(disk) : make_memory_content()),
        store(content),
        engine({other_store != nullptr ? *other_store : store,
                real_time != nullptr ? *real_time : time, real_bell != nullptr ? *real_bell : bell,
                options, [this](const Error& e) { fatal = e; }}) {}

  /// An activity `t:p/i.<name>` or a workflow that imports `callee` in every way.
  void add(std::string name, core::FunctionKind kind, Program program, std::string callee = "act") {
    functions_.push_back({std::move(name), kind, std::move(callee)});
    component->programs["t:p/i." + functions_.back().name] = std::move(program);
  }
  static std::string ffqn(const std::string& name) { return "t:p/i." + name; }

  void open() {
    auto deployed = std::make_shared<Deployed>();
    std::vector<core::CatalogFunction> all;
    std::vector<core::CatalogComponent> components;
    for (const Wanted& wanted : functions_) {
      core::CatalogFunction function;
      function.id = FunctionId(static_cast<std::uint32_t>(all.size() + 1));
      function.ffqn = ffqn(wanted.name);
      function.name = wanted.name;
      function.kind = wanted.kind;
      function.component = static_cast<core::ComponentIndex>(all.size());
      function.lock_expiry = lock_expiry;
      all.push_back(function);
    }
    for (const Wanted& wanted : functions_) {
      core::CatalogComponent made;
      made.name = wanted.name;
      FunctionId callee;
      for (const auto& function : all) {
        if (function.name == wanted.callee) callee = function.id;
      }
      using core::HostOp;
      for (const HostOp op : {HostOp::direct_call, HostOp::join_set_create, HostOp::submit,
                              HostOp::await_next, HostOp::sleep}) {
        made.imports.push_back({op, callee, ffqn(wanted.callee)});
      }
      components.push_back(std::move(made));
      deployed->components.push_back({component, {}});
    }
    deployed->catalog =
        std::make_shared<core::Catalog>(DeploymentId(1), std::move(all), std::move(components));
    ASSERT_TRUE(engine.open(deployed));
  }

  Ulid begin(const std::string& name, const std::string& params = "[]") {
    const Ulid id = make_ulid(1, 1, ++last_id_);
    engine.submit({id, ffqn(name), params, "test"}, [this, id](Result<Submitted> done) {
      acks.emplace(id, done ? std::nullopt : std::optional<Error>(done.error()));
    });
    return id;
  }

  /// Everything that can be done without time passing.
  void settle(std::size_t rounds_max = 1'000'000) {
    for (std::size_t i = 0; i < rounds_max; ++i) {
      engine.tend();
      const bool worked = engine.work();
      if (worked && i % 32 != 31) continue;  // as if a commit took so long
      if (!engine.commit() && !worked && !engine.write_logs()) return;
    }
  }
  void pass(Duration by) {
    for (std::int64_t passed = 0; passed < by.us; passed += 100'000) {
      time.elapsed_us += std::min<std::int64_t>(100'000, by.us - passed);
      settle(20'000);
    }
  }

  std::optional<Outcome> outcome(Ulid id) {
    const Result<ExecutionView> view = engine.get(ExecutionId{id, {}});
    return view ? view->outcome : std::nullopt;
  }
  bool stopped_cleanly() const {
    const Lock lock(content->mutex);
    return content->clean;
  }

  std::shared_ptr<MemoryContent> content;
  MemoryStore store;
  FakeTime time;
  NoBell bell;
  std::optional<Error> fatal;
  std::map<Ulid, std::optional<Error>> acks;
  Duration lock_expiry = seconds(1);
  std::shared_ptr<FakeComponent> component = std::make_shared<FakeComponent>();
  LocalEngine engine;

 private:
  struct Wanted {
    std::string name;
    core::FunctionKind kind;
    std::string callee;
  };
  std::vector<Wanted> functions_;
  std::uint64_t last_id_ = 0;
};

/// A workflow of `count` sequential direct calls.
inline Program sequence(std::size_t count) {
  return [count](std::size_t step, const auto&, std::string_view) {
    if (step == count) return Act{.text = "\"done\""};
    return Act{.kind = Act::Kind::call, .import = direct, .text = "[]"};
  };
}
/// A workflow that submits `count` children to one join set and awaits all.
inline Program fan_out(std::size_t count) {
  return [count](std::size_t step, const auto&, std::string_view) {
    if (step == 0) return Act{.kind = Act::Kind::call, .import = create_set, .text = "[]"};
    if (step <= count) {
      return Act{.kind = Act::Kind::call, .import = submit, .handle = 0, .text = "[]"};
    }
    if (step <= 2 * count) {
      return Act{.kind = Act::Kind::call, .import = await_next, .handle = 0, .text = "[]"};
    }
    return Act{.text = "\"done\""};
  };
}
inline Program returns(std::string value) {
  return [value = std::move(value)](std::size_t, const auto&, std::string_view) {
    return Act{.text = value};
  };
}
inline Program spins() {
  return [](std::size_t, const auto&, std::string_view) { return Act{.kind = Act::Kind::spin}; };
}

inline void add_sequence(World& world, std::size_t steps) {
  world.add("act", core::FunctionKind::activity, returns("1"));
  world.add("seq", core::FunctionKind::workflow, sequence(steps));
}

/// So many of the sequence.
inline std::vector<Ulid> begin_all(World& world, int count) {
  std::vector<Ulid> ids;
  for (int i = 0; i < count; ++i) ids.push_back(world.begin("seq"));
  return ids;
}

}  // namespace stele::runtime::testing

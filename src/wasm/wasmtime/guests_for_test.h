// SPDX-License-Identifier: Apache-2.0
// Owns: the small text-format guests and the scripted host of this folder's tests and benchmark.
// Life cycle: plain values. Thread: the test's. Must hold: no guest needs anything but its text.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "wasm/wasmtime/engines.h"

namespace stele::wasm::test {

/// A host whose answers are a function.
class ScriptedHost final : public HostCalls {
 public:
  using Answer = std::function<HostAnswer(const HostCall&)>;
  explicit ScriptedHost(Answer answer = {}) : answer_(std::move(answer)) {}

  HostAnswer call(const HostCall& call) noexcept override { return answer_(call); }
  void log(std::uint8_t level, std::string_view message) noexcept override {
    logged.emplace_back(level, std::string(message));
  }
  void stream(std::uint8_t which, BytesView bytes) noexcept override {
    (which == 1 ? out : err).append(bytes);
  }

  std::vector<std::pair<int, std::string>> logged;
  std::string out;
  std::string err;

 private:
  Answer answer_;
};

class CountedWakes final : public Wakes {
 public:
  void woken(std::uint64_t /*guest_id*/) noexcept override { count.fetch_add(1); }
  std::atomic<int> count = 0;
};

inline HostAnswer answered(std::string text) {
  return {.kind = AnswerKind::answer, .text = std::move(text)};
}
inline HostAnswer pending() { return {.kind = AnswerKind::pending, .text = {}}; }
inline HostAnswer trapping(std::string text) {
  return {.kind = AnswerKind::trap, .text = std::move(text)};
}

/// A component that exports `t:p/api.run: func(n: u64) -> result<u64>` whose core function has the
/// locals $n (i64), $s (i64) and the given body, ends with the sum in $s, and may call $step.
inline std::string summing_guest(const std::string& body) {
  return R"((component
 (import "t:p/act" (instance $i (export "step" (func (param "n" u64) (result u64)))))
 (core func $step (canon lower (func $i "step")))
 (core module $m (import "i" "step" (func $step (param i64) (result i64)))
  (memory (export "memory") 17)
  (func $deep (export "deep") (param i64) (result i64)
   (i64.add (i64.const 1) (call $deep (i64.add (local.get 0) (i64.const 1)))))
  (func (export "run") (param $n i64) (result i32) (local $s i64)
)" + body +
         R"(
   (i64.store (i32.const 8) (local.get $s)) (i32.const 0)))
 (core instance $c (instantiate $m (with "i" (instance (export "step" (func $step))))))
 (func $run (param "n" u64) (result (result u64))
  (canon lift (core func $c "run") (memory (core memory $c "memory"))))
 (instance $api (export "run" (func $run)))
 (export "t:p/api" (instance $api)))
)";
}

/// Calls step(n), step(n - 1), … step(1) and sums the answers: the guest of the bridge's benchmark.
inline std::string counting_guest() {
  return summing_guest(R"((loop $l
    (local.set $s (i64.add (local.get $s) (call $step (local.get $n))))
    (local.set $n (i64.sub (local.get $n) (i64.const 1)))
    (br_if $l (i64.ne (local.get $n) (i64.const 0)))))");
}

inline constexpr const char* run_function = "t:p/api.run";

}  // namespace stele::wasm::test

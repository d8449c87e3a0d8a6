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
  (func $summing (export "run") (param $n i64) (result i32) (local $s i64)
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

/// A workflow over the host's join sets: `run: func() -> result<string>`. `$create` gives a handle,
/// `$id` writes the id of a set to a return area, `$close` and `$drop` end one.
inline std::string join_set_guest(const std::string& body) {
  return R"((component
 (import "obelisk:types/join-set@5.0.0" (instance $types
  (export "join-set" (type $js (sub resource)))
  (export "[method]join-set.id" (func (param "self" (borrow $js)) (result string)))))
 (alias export $types "join-set" (type $join-set))
 (import "obelisk:workflow/workflow-support@6.0.0" (instance $support
  (alias outer 1 $join-set (type $outer))
  (export "join-set" (type $js (eq $outer)))
  (export "join-set-create" (func (result (own $js))))
  (type $error' (variant (case "conflict") (case "invalid-name" string)))
  (export "join-set-create-error" (type $error (eq $error')))
  (export "join-set-create-named"
   (func (param "name" string) (result (result (own $js) (error $error)))))
  (export "join-set-close" (func (param "self" (own $js))))))
 (core module $memory
  (memory (export "memory") 1)
  (global $end (mut i32) (i32.const 1024))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
   (global.get $end)
   (global.set $end (i32.add (global.get $end) (local.get 3)))))
 (core instance $mem (instantiate $memory))
 (alias core export $mem "memory" (core memory $memory))
 (alias core export $mem "realloc" (core func $realloc))
 (core func $id (canon lower (func $types "[method]join-set.id")
  (memory $memory) (realloc $realloc)))
 (core func $create (canon lower (func $support "join-set-create")))
 (core func $named (canon lower (func $support "join-set-create-named")
  (memory $memory) (realloc $realloc)))
 (core func $close (canon lower (func $support "join-set-close")))
 (core func $drop (canon resource.drop $join-set))
 (core module $m
  (import "i" "memory" (memory 1))
  (import "i" "id" (func $id (param i32 i32)))
  (import "i" "create" (func $create (result i32)))
  (import "i" "named" (func $named (param i32 i32 i32)))
  (import "i" "close" (func $close (param i32)))
  (import "i" "drop" (func $drop (param i32)))
  (data (i32.const 512) "name")
  (func (export "run") (result i32) (local $first i32) (local $second i32)
   (i32.store (i32.const 0) (i32.const 0))
)" + body +
         R"(
   (i32.const 0)))
 (core instance $c (instantiate $m (with "i" (instance
  (export "memory" (memory $memory)) (export "id" (func $id)) (export "create" (func $create))
  (export "named" (func $named)) (export "close" (func $close)) (export "drop" (func $drop))))))
 (func $run (result (result string)) (canon lift (core func $c "run") (memory $memory)))
 (instance $api (export "run" (func $run)))
 (export "t:p/api" (instance $api)))
)";
}

inline constexpr const char* run_function = "t:p/api.run";

}  // namespace stele::wasm::test

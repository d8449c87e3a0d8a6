// SPDX-License-Identifier: Apache-2.0
// Values as JSON: read and checked against their types as a submission does, and carried through a
// guest and back into JSON.
#include <benchmark/benchmark.h>

#include <string>

#include "wasm/wasmtime/engines.h"
#include "wasm/wasmtime/guests_for_test.h"

namespace stele::wasm {
namespace {

constexpr const char* order_function = "t:p/api.order";
constexpr const char* bytes_function = "t:p/api.bytes";

/// `order` and `bytes` give back what they are given.
std::string echoing_guest() {
  return R"((component
 (type $order' (record (field "id" u64) (field "sku" string)
  (field "lines" (list (tuple string u32 f64))) (field "note" (option string))))
 (core module $m (memory (export "memory") 64)
  (global $end (mut i32) (i32.const 1024))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
   (local.set $at (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
   (global.set $end (i32.add (local.get $at) (local.get 3)))
   (local.get $at))
  (func (export "order") (param i64 i32 i32 i32 i32 i32 i32 i32) (result i32)
   (i64.store (i32.const 8) (local.get 0))
   (i32.store (i32.const 16) (local.get 1)) (i32.store (i32.const 20) (local.get 2))
   (i32.store (i32.const 24) (local.get 3)) (i32.store (i32.const 28) (local.get 4))
   (i32.store (i32.const 32) (local.get 5))
   (i32.store (i32.const 36) (local.get 6)) (i32.store (i32.const 40) (local.get 7))
   (i32.const 0))
  (func (export "bytes") (param i32 i32) (result i32)
   (i32.store (i32.const 4) (local.get 0)) (i32.store (i32.const 8) (local.get 1))
   (i32.const 0)))
 (core instance $c (instantiate $m))
 (func $order (param "order" $order') (result (result $order'))
  (canon lift (core func $c "order") (memory (core memory $c "memory"))
   (realloc (core func $c "realloc"))))
 (func $bytes (param "data" (list u8)) (result (result (list u8)))
  (canon lift (core func $c "bytes") (memory (core memory $c "memory"))
   (realloc (core func $c "realloc"))))
 (component $shim
  (type $order' (record (field "id" u64) (field "sku" string)
   (field "lines" (list (tuple string u32 f64))) (field "note" (option string))))
  (import "o" (type $o (eq $order')))
  (import "order" (func $order (param "order" $o) (result (result $o))))
  (import "bytes" (func $bytes (param "data" (list u8)) (result (result (list u8)))))
  (export $xo "an-order" (type $o))
  (export "order" (func $order) (func (param "order" $xo) (result (result $xo))))
  (export "bytes" (func $bytes)))
 (instance $api (instantiate $shim (with "o" (type $order')) (with "order" (func $order))
  (with "bytes" (func $bytes))))
 (export "t:p/api" (instance $api)))
)";
}

Component& component() {
  static const auto engines = make_wasmtime_engines({}).value();
  static const auto made =
      engines
          ->compile({.kind = ComponentKind::activity, .name = "echoing", .bytes = echoing_guest()})
          .value();
  return *made;
}

/// The params of an order with so many lines.
std::string order_params(std::int64_t lines) {
  std::string text = R"([{"id":12345678901,"sku":"a-17/green","lines":[)";
  for (std::int64_t line = 0; line < lines; ++line) {
    text += line == 0 ? "" : ",";
    text += R"(["a thing that is sold by the dozen",12,19.95])";
  }
  return text + R"(],"note":"leave it at the door"}])";
}

std::string bytes_params(std::int64_t size) {
  std::string text = "[[";
  for (std::int64_t byte = 0; byte < size; ++byte) {
    text += byte == 0 ? "" : ",";
    text += std::to_string(byte % 256);
  }
  return text + "]]";
}

void check(benchmark::State& state, const char* function, const std::string& params) {
  for (auto _ : state) {
    if (!component().check_params(function, params)) state.SkipWithError("refused");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(params.size()));
}

void echo(benchmark::State& state, const char* function, const std::string& params) {
  test::ScriptedHost host;
  test::CountedWakes wakes;
  for (auto _ : state) {
    const auto guest = component().instantiate(
        {.guest_id = 1, .function = function, .params = params, .calls = &host, .wakes = &wakes});
    if (!guest) return state.SkipWithError("not instantiated");
    PollResult end = (*guest)->poll();
    while (end.state == PollState::yielded) end = (*guest)->poll();
    if (end.state != PollState::finished) state.SkipWithError(end.failure.reason.c_str());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(params.size()));
}

void json_to_order(benchmark::State& state) {
  check(state, order_function, order_params(state.range(0)));
}
BENCHMARK(json_to_order)->ArgName("lines")->Arg(1)->Arg(100);

void json_to_bytes(benchmark::State& state) {
  check(state, bytes_function, bytes_params(state.range(0)));
}
BENCHMARK(json_to_bytes)->ArgName("size")->Arg(64)->Arg(65'536);

void order_through_a_guest(benchmark::State& state) {
  echo(state, order_function, order_params(state.range(0)));
}
BENCHMARK(order_through_a_guest)->ArgName("lines")->Arg(1)->Arg(100);

void bytes_through_a_guest(benchmark::State& state) {
  echo(state, bytes_function, bytes_params(state.range(0)));
}
BENCHMARK(bytes_through_a_guest)->ArgName("size")->Arg(64)->Arg(65'536);

}  // namespace
}  // namespace stele::wasm

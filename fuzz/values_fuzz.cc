// SPDX-License-Identifier: Apache-2.0
// JSON from users against every type of WIT: a canonical text that reads the same again, or why
// not.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "fuzz/fuzz.h"
#include "wasm/wasmtime/engines.h"

namespace stele {
namespace {

/// A function for each type, with the type as parameter and in its result.
constexpr std::string_view every_type = R"(package t:t;
interface types {
  record point { first-name: string, age: option<u8>, far: list<s64> }
  variant shape { empty, circle(f64), named(point), nothing(option<option<u32>>) }
  variant refusal { execution-failed, permanent-no(string), busy(point), shape(shape) }
  enum colour { red, light-green }
  flags marks { a, b-c, d }
  b: func(v: bool) -> result<bool, string>;
  u: func(v: u8, w: u16, x: u32, y: u64) -> result<u64, string>;
  s: func(v: s8, w: s16, x: s32, y: s64) -> result<s64, string>;
  f: func(v: f32, w: f64) -> result<f32, string>;
  c: func(v: char, w: string) -> result<char, string>;
  l: func(v: list<u8>, w: list<list<string>>) -> result<list<u8>, string>;
  t: func(v: tuple<u8, string>, w: tuple<bool>) -> result<tuple<u8, string>>;
  o: func(v: option<u8>, w: option<option<string>>) -> result<option<option<u8>>, string>;
  r: func(v: result<u8, string>, w: result) -> result<result<u8>, string>;
  p: func(v: point, w: list<point>) -> result<point, string>;
  v: func(v: shape, w: option<shape>) -> result<shape, refusal>;
  e: func(v: colour, w: marks) -> result<colour, string>;
  m: func(v: marks, w: list<option<marks>>) -> result<marks>;
  n: func() -> result;
}
)";
constexpr std::string_view names = "buscftlorpvemn";

wasm::Component& component() {
  static const auto engines = wasm::make_wasmtime_engines({.workflow_guests = 2,
                                                           .other_guests = 2,
                                                           .epoch_tick = Duration(),
                                                           .blocking_threads = 1,
                                                           .allocation = wasm::Allocation::small});
  static const auto made = (*engines)->compile(
      {.kind = wasm::ComponentKind::stub, .name = "types", .bytes = every_type});
  if (!made) fmt::print(stderr, "{}\n", made.error().reason);
  CHECK(made.has_value());
  return **made;
}

}  // namespace

void fuzz(std::string_view input) {
  fuzz_input::Choices bytes(input);
  const std::string function = std::string("t:t/types.") + names[bytes.below(names.size())];
  const bool params = bytes.below(2) == 0;
  const auto check = [&](std::string_view json) {
    return params ? component().check_params(function, json)
                  : component().check_result(function, json);
  };
  const auto first = check(bytes.rest());
  if (!first) {
    CHECK(first.error().code == Code::invalid_argument && !first.error().reason.empty());
    return;
  }
  CHECK(nlohmann::json::accept(first->text));
  if (first->text.contains("\"$")) return;  // escaped forms are the ABI's, users do not write them
  const auto second = check(first->text);
  CHECK(second && second->text == first->text && second->hash == first->hash);
  CHECK(second->permanent == first->permanent);
}

}  // namespace stele

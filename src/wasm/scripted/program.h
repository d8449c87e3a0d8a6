// SPDX-License-Identifier: Apache-2.0
// Owns: a component written as text: its functions, line by line, and what they import.
// Life cycle: parsed when it is compiled, then immutable. Thread: any.
// Must hold: text that does not parse is refused with its line number.
//
//   interface t:act/step
//   fn add(a: u32, b: u32) -> result<u32, string>
//     fail 2 "not yet"             the first two attempts with these params return err
//     return ok $0                 $0, $1: params; $name: an answer; $name.ok.id: a part of it
//   end
// Verbs of workflows: call FFQN [params] · submit SET FFQN [params] · await SET FFQN · next SET ·
//   try SET · join SET · join SET named NAME · delay SET WHEN · sleep WHEN [NAME] · close SET ·
//   drop SET · set-id SET · last-id SET · last-call · last-oneoff · id · fresh-id ·
//   random MIN MAX · random-inclusive MIN MAX · random-text MIN MAX · get FFQN ID · get-json ID ·
//   failure-kind ID · submit-json SET FFQN TEXT · call-json FFQN TEXT · schedule FFQN WHEN [params]
//   · schedule-json ID WHEN FFQN TEXT · stub FFQN ID {"ok":…} · stub-json ID TEXT.
//   WHEN: now, 5s, 20ms, 3m, 2h, 1d, @unix-seconds. ID: E_…, or JSON without spaces like $child or
//   {"id":$text}. TEXT, the rest of the line, need not be JSON.
// Verbs of all: return ok|err [value] · check NAME (returns its err) · log LEVEL text · print text
// ·
//   loop N … end · trap text · trap-first N text · fail N value · wait GATE · yield · spin · crash
//   · break KIND (a wasm::FailureKind) · memory BYTES.
// An answer is kept by `as NAME` at the end of the line; `loop N as i` counts from 0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/description.h"
#include "wasm/guest.h"

namespace stele::wasm::scripted {

enum class Verb : std::uint8_t {
  host_call,
  join,
  returning,
  check,
  log,
  print,
  loop,
  end_loop,
  trap,
  fail,
  wait,
  yield,
  spin,
  crash,
  breaking,
  memory,
};

struct Instruction {
  Verb verb = Verb::yield;
  ImportIndex import = 0;
  std::string set{};    ///< join-set variable of a host call
  std::string text{};   ///< params, value, message, gate
  bool quoted = false;  ///< host call: `last` is its last parameter, as text
  std::string last{};
  std::string as{};         ///< variable for the answer
  std::uint64_t count = 0;  ///< of loop, fail, trap-first; log level; memory
  std::size_t jump = 0;     ///< loop: behind its end; end_loop: its loop
  bool flag = false;        ///< return: ok; trap, fail: only the first `count` attempts
  FailureKind failure = FailureKind::trap;
};

struct Body {
  std::vector<Instruction> instructions{};
};

struct Program {
  Description description{};
  std::vector<Body> bodies{};  ///< as description.exports
};

/// Errors: invalid_argument with the line.
Result<Program> parse_program(std::string_view text);

}  // namespace stele::wasm::scripted

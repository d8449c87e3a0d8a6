// SPDX-License-Identifier: Apache-2.0
// What a workflow sees of WASI with stub_wasi: a world without time, chance and files.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "wasm/wasmtime/fixture_for_test.h"
#include "wasm/wasmtime/toolchain.h"
#include "wasm/wasmtime/wasi_guests_for_test.h"

namespace stele::wasm {
namespace {

using test::EnginesTest;
using test::ScriptedHost;

/// A module as compilers for preview1 make it; `run` does what its parameter says.
constexpr std::string_view preview1_module = R"((module
 (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "clock_time_get" (func $now (param i32 i64 i32) (result i32)))
 (import "wasi_snapshot_preview1" "clock_res_get" (func $res (param i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
 (memory (export "memory") 1)
 (data (i32.const 64) "\48\00\00\00\05\00\00\00hello")
 (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
  (i32.mul (memory.grow (i32.const 2)) (i32.const 65536)))
 (func $sizes (result i64)
  (i64.extend_i32_u (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 20)))))
 (func $choose (param i64) (result i64)
  (block $7 (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
   (block $8 (block $9 (br_table $0 $1 $2 $3 $4 $5 $6 $7 $8 $9 (i32.wrap_i64 (local.get 0))))
    (return (i64.extend_i32_u (call $res (i32.const 1) (i32.const 16)))))
   (call $exit (i32.const 3)) unreachable)
  (drop (call $environ (i32.const 16) (i32.const 20))) (return (call $sizes)))
  (drop (call $args (i32.const 16) (i32.const 20))) (return (call $sizes)))
  (drop (call $now (i32.const 1) (i64.const 0) (i32.const 16))) (return (i64.load (i32.const 16))))
  (drop (call $now (i32.const 0) (i64.const 0) (i32.const 16))) (return (i64.load (i32.const 16))))
  (i64.store (i32.const 16) (i64.const -1))
  (drop (call $random (i32.const 16) (i32.const 8))) (return (i64.load (i32.const 16))))
  (drop (call $write (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 16)))
  (return (i64.extend_i32_u (i32.load (i32.const 16)))))
  (drop (call $read (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 16)))
  (return (i64.extend_i32_u (i32.load (i32.const 16)))))
  (return (i64.extend_i32_u (call $prestat (i32.const 3) (i32.const 16)))))
 (func (export "t:p/api#run") (param i64) (result i32)
  (i64.store (i32.const 40) (call $choose (local.get 0)))
  (i32.store (i32.const 32) (i32.const 0))
  (i32.const 32))))";

class StubsTest : public EnginesTest {
 protected:
  std::string outcome(Component& component, std::string_view params) {
    ScriptedHost host;
    const Environment environment{.variables = {{"NAME", "value"}}};
    const auto guest = start(component, host, params, {}, &environment);
    const PollResult result = poll(*guest);
    EXPECT_EQ(host.out, "");
    return result.state == PollState::finished ? result.finished.value : result.failure.reason;
  }

  static std::shared_ptr<Component> stubbed(const std::string& bytes) {
    return compiled(
        {.kind = ComponentKind::workflow, .name = "w", .bytes = bytes, .stub_wasi = true});
  }
};

TEST_F(StubsTest, a_preview1_guest_sees_nothing_of_the_world) {
  const std::string_view wit =
      "package t:p; interface api { run: func(n: u64) -> result<u64>; } world w { export api; }";
  const auto made =
      make_toolchain()->new_component({.core_module = preview1_module, .wit = wit, .world = "w"});
  ASSERT_TRUE(made) << made.error().reason;
  const auto component = stubbed(*made);
  EXPECT_GT(component->description().wasi.size(), 10U);
  constexpr std::array<std::string_view, 10> expected = {
      "0",  // no variables
      "0",  // no arguments
      "0",  // monotonic clock
      "0",  // wall clock
      "0",  // random bytes
      "5",  // written to stdout, and lost
      "0",  // read from stdin
      "8",  // no directory: badf
      "wasi:cli/exit is stubbed",
      "wasi:clocks/monotonic-clock.resolution is stubbed"};
  for (std::size_t which = 0; which < expected.size(); ++which) {
    EXPECT_EQ(outcome(*component, fmt::format("[{}]", which)), expected.at(which));
  }
}

TEST_F(StubsTest, what_has_no_answer_traps_with_its_name) {
  const std::vector<std::pair<std::string, std::string>> stubs = {
      {"wasi:sockets/instance-network@0.2.3", "instance-network"},
      {"wasi:sockets/tcp-create-socket@0.2.12", "create-tcp-socket"},
      {"wasi:sockets/ip-name-lookup@0.2.0", "resolve-addresses"},
      {"wasi:filesystem/types@0.2.3", "filesystem-error-code"},
      {"wasi:clocks/wall-clock@0.2.6", "resolution"},
      {"wasi:clocks/monotonic-clock@0.2.6", "subscribe-duration"}};
  for (const auto& [interface, function] : stubs) {
    const auto component = stubbed(test::number_guest(interface, function));
    const std::string plain = interface.substr(0, interface.find('@'));
    EXPECT_EQ(outcome(*component, "[]"), fmt::format("{}.{} is stubbed", plain, function));
  }
  EXPECT_EQ(
      outcome(*stubbed(test::number_guest("wasi:random/insecure@0.2.9", "get-insecure-random-u64")),
              "[]"),
      "0");
}

}  // namespace
}  // namespace stele::wasm

// SPDX-License-Identifier: Apache-2.0
// A run must cost little for each child, whatever its join set holds.
#include <gtest/gtest.h>
#include <malloc.h>

#include "core/run_tester.h"

namespace stele::core {
namespace {

/// Bytes that the program holds on its heap.
std::size_t heap_bytes() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

class RunMemoryTest : public ::testing::Test, protected RunTester {
 protected:
  static constexpr std::uint32_t children = 50'000;

  void SetUp() override {
    own_function = FunctionId(5);
    restart();
  }

  /// Hands over without keeping what the partition would keep.
  void drop_requests() {
    if (run->wants_hand_over()) run->take();
  }
  void make_children() {
    const ImportTarget create{.op = HostOp::join_set_create, .ffqn = "create"};
    const ImportTarget submit{.op = HostOp::submit, .function = FunctionId(1), .ffqn = "t.add"};
    TextParams params("[1]");
    run->call(now, {.target = &create, .params = &params});
    for (std::uint32_t i = 0; i < children; ++i) {
      run->call(now, {.target = &submit, .handle = 0, .params = &params});
      drop_requests();
    }
    run->take();
  }
  void deliver(std::uint32_t index) {
    Entry entry{.position = children + index};
    entry.body = ChildResponse{.seq = index,
                               .join_set = JoinSetOrdinal(0),
                               .child = ExecutionKey(index),
                               .finished_version = 1,
                               .outcome = {.kind = OutcomeKind::ok, .value = "1"},
                               .index = index};
    run->deliver(std::span(&entry, 1));
  }
};

TEST_F(RunMemoryTest, ChildrenCostLittle) {
  const std::size_t before = heap_bytes();
  make_children();
  const std::size_t submitted = heap_bytes() - before;
  EXPECT_LT(submitted / children, 16U);
  for (std::uint32_t i = 1; i <= children; ++i) deliver(i);
  const std::size_t arrived = heap_bytes() - before;
  EXPECT_LT(arrived / children, 128U);
  const ImportTarget await{.op = HostOp::await_next, .function = FunctionId(1), .ffqn = "t.add"};
  for (std::uint32_t i = 1; i <= children; ++i) {
    EXPECT_EQ(run->call(now, {.target = &await, .handle = 0}).state, CallState::answered);
    drop_requests();
  }
  run->take();
  EXPECT_LT((heap_bytes() - before) / children, 16U);
}

TEST_F(RunMemoryTest, AwaitedAtOnceTheyAreFreedAtOnce) {
  make_children();
  const std::size_t before = heap_bytes();
  const ImportTarget await{.op = HostOp::await_next, .function = FunctionId(1), .ffqn = "t.add"};
  for (std::uint32_t i = 1; i <= children; ++i) {
    EXPECT_EQ(run->call(now, {.target = &await, .handle = 0}).state, CallState::parked);
    run->take();
    deliver(i);
    EXPECT_EQ(run->resume(now).state, CallState::answered);
  }
  EXPECT_LT(heap_bytes(), before + 4096);
}

}  // namespace
}  // namespace stele::core

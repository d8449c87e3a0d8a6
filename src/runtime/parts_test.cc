// SPDX-License-Identifier: Apache-2.0
// The small parts of the runtime, each by itself.
#include <gtest/gtest.h>

#include "runtime/admission.h"
#include "runtime/partition_clock.h"
#include "runtime/shape.h"
#include "runtime/timers.h"
#include "runtime/turn_queue.h"
#include "runtime/waiters.h"

namespace stele::runtime {
namespace {

class Clocks final : public TimeSource {
 public:
  Instant wall() override { return Instant{wall_us}; }
  Duration monotonic() override { return Duration{monotonic_us}; }
  std::int64_t wall_us = 1'000'000'000;
  std::int64_t monotonic_us = 5'000;
};

class Idle final : public Task {
 public:
  explicit Idle(std::int64_t root, std::uint64_t id)
      : Task(TaskKind::run, TaskName{id, {}, ExecutionKey(root), {}, {}}) {}
  TurnEnd turn(Instant /*now*/) override { return TurnEnd::gone; }
  std::optional<core::Input> stopped(StopCause /*cause*/, const std::string& /*why*/) override {
    return std::nullopt;
  }
  std::uint64_t resident_bytes() const override { return 0; }
};

TEST(PartitionClock, GoesOnFromTheStoredValueAndSlewsToTheWall) {
  Clocks clocks;
  PartitionClock clock(clocks, seconds(10));
  clock.restart(Instant{clocks.wall_us + 1'000'000});  // stored is a second ahead of the wall
  EXPECT_EQ(clock.now().us, clocks.wall_us + 1'000'000);
  clocks.wall_us += 10'000'000;
  clocks.monotonic_us += 10'000'000;
  EXPECT_EQ(clock.now().us, clocks.wall_us + 500'000);  // 5 % of ten seconds
}

TEST(PartitionClock, TakesAJumpAndNeverGoesBackOtherwise) {
  Clocks clocks;
  PartitionClock clock(clocks, seconds(10));
  clock.restart(Instant{0});
  EXPECT_EQ(clock.now().us, clocks.wall_us);
  clocks.wall_us += 3'600'000'000;
  EXPECT_EQ(clock.now().us, clocks.wall_us);
  Instant last = clock.now();
  for (int i = 0; i < 1'000; ++i) {
    clocks.monotonic_us += 37;
    clocks.wall_us += i % 2 == 0 ? -500 : 400;
    const Instant now = clock.now();
    EXPECT_GE(now, last);
    last = now;
  }
}

// A closed loop of many callers: those that come back are as many as can be taken, in the end.
TEST(Admission, TheMoreAreRefusedTheLaterTheyComeBack) {
  Admission admission(1, 100);
  EXPECT_FALSE(admission.retry_after());
  constexpr int callers = 10'000;
  constexpr int taken_each_ms = 10;
  std::vector<std::int64_t> back_at_ms(callers, 0);
  std::int64_t offered_late = 0;
  for (std::int64_t ms = 0; ms < 20'000; ++ms) {
    int room = taken_each_ms;
    for (std::int64_t& at : back_at_ms) {
      if (at > ms) continue;
      if (ms >= 10'000) ++offered_late;
      if (room > 0) {
        --room;
        admission.admitted();
        at = ms + 1;
        continue;
      }
      admission.refused(Instant{ms * 1'000});
      at = ms + std::max<std::int64_t>(1, admission.retry_after()->us / 1'000);
    }
  }
  EXPECT_LT(offered_late, 10'000 * taken_each_ms * 6);
  admission.refused(Instant{100'000'000});  // long after: as at the beginning
  EXPECT_LE(*admission.retry_after(), milliseconds(25));
}

// 10 are taken each millisecond, and 40 come: then 50 may wait, and no more than that are late.
TEST(Admission, AsManyWaitAsAreTakenSoon) {
  Admission admission(1, 128);
  EXPECT_EQ(admission.limit(Instant{0}), 128U);
  std::size_t waiting = 0;
  std::int64_t us = 10'000'000;
  const auto offer = [&](int submissions, int ms) {
    for (const std::int64_t end = us + ms * 1'000; us < end; us += 1'000) {
      waiting -= std::min<std::size_t>(waiting, 10);
      for (int i = 0; i < submissions; ++i) {
        const bool room = waiting < admission.limit(Instant{us});
        room ? admission.admitted() : admission.refused(Instant{us});
        waiting += room ? 1 : 0;
      }
    }
  };
  offer(8, 1'000);  // less than is taken: nothing is limited
  EXPECT_EQ(admission.limit(Instant{us}), 128U);
  offer(40, 1'000);
  EXPECT_NEAR(static_cast<double>(admission.limit(Instant{us})), 50, 4);
  EXPECT_LE(waiting, 55U);
  offer(8, 500);
  EXPECT_EQ(admission.limit(Instant{us}), 128U);
}

TEST(Admission, AFewMayAlwaysWait) {
  Admission admission(1, 128);
  Admission small(1, 10);
  for (std::int64_t us = 10'000'000; us < 11'000'000; us += 1'000) {
    admission.refused(Instant{us});
    small.refused(Instant{us});
  }
  EXPECT_EQ(admission.limit(Instant{11'000'000}), 32U);
  EXPECT_EQ(small.limit(Instant{11'000'000}), 10U);
}

TEST(TurnQueue, RootsTakeTurns) {
  Idle a1(1, 1);
  Idle a2(1, 2);
  Idle a3(1, 3);
  Idle b1(2, 4);
  Idle c1(3, 5);
  TurnQueue queue;
  for (Idle* task : {&a1, &a2, &a3, &b1, &c1}) queue.push(*task);
  EXPECT_TRUE(queue.remove(a2));
  EXPECT_FALSE(queue.remove(a2));
  std::vector<std::uint64_t> order;
  while (Task* task = queue.pop()) order.push_back(task->name.id);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 4, 5, 3}));
}

TEST(Timers, ComeInOrderOfTimeAndNotEarly) {
  Timers timers;
  for (const std::int64_t at : {50, 10, 30}) {
    timers.set({.at = Instant{at}, .key = ExecutionKey(at), .delay = {}});
  }
  EXPECT_FALSE(timers.take(Instant{9}));
  EXPECT_EQ(timers.take(Instant{40})->key, ExecutionKey(10));
  EXPECT_EQ(timers.take(Instant{40})->key, ExecutionKey(30));
  EXPECT_FALSE(timers.take(Instant{40}));
  EXPECT_EQ(timers.next(), Instant{50});
}

TEST(Shape, UnitPayloadsAreTold) {
  EXPECT_FALSE(result_shape("result").ok);
  EXPECT_FALSE(result_shape("result").err);
  EXPECT_TRUE(result_shape("result<u32>").ok);
  EXPECT_FALSE(result_shape("result<u32>").err);
  EXPECT_FALSE(result_shape("result<_, string>").ok);
  EXPECT_TRUE(result_shape("result<record{a:u8, b:u8}, string>").err);
  EXPECT_TRUE(result_shape("result<tuple<u8, u8>>").ok);
  EXPECT_FALSE(result_shape("result<tuple<u8, u8>>").err);
}

TEST(Waiters, EachIsToldOnce) {
  Waiters waiters;
  int answered = 0;
  int failed = 0;
  const auto count = [&](Result<core::Answer> answer) { ++(answer ? answered : failed); };
  Answered done = count;
  const core::RequestId first = waiters.add_request(done, 2);
  done = count;
  EXPECT_NE(waiters.add_request(done, 2), 0U);
  done = count;
  EXPECT_EQ(waiters.add_request(done, 2), 0U);  // no room, and nothing was kept
  EXPECT_TRUE(done);
  waiters.answer({.request = first});
  waiters.answer({.request = first});
  EXPECT_EQ(answered, 1);
  waiters.fail_all(error(Code::unavailable, "gone"));
  waiters.fail_all(error(Code::unavailable, "gone"));
  EXPECT_EQ(failed, 1);
}

}  // namespace
}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Tiny limits, failing stores and guests that do not end.
#include "runtime/runtime_test_world.h"

namespace stele::runtime::testing {
namespace {

using core::FunctionKind;

TEST(Limits, ReadyExecutionsBeyondTheLimitStayRows) {
  RuntimeOptions options;
  options.partition.ready_loaded_max = 16;
  World world(options);
  world.add("act", FunctionKind::activity, returns("1"));
  world.add("fan", FunctionKind::workflow, fan_out(500));
  world.open();
  const Ulid id = world.begin("fan");
  world.settle();
  EXPECT_TRUE(world.outcome(id));
  EXPECT_GT(world.engine.counters().ready_overflows, 0U);
}

TEST(Limits, AllTogether) {
  RuntimeOptions options;
  options.partition.ready_loaded_max = 16;
  options.hot_guests_max = 2;
  options.batch_rows_max = 8;
  World world(options);
  world.add("act", FunctionKind::activity, returns("1"));
  world.add("fan", FunctionKind::workflow, fan_out(100));
  world.add("seq", FunctionKind::workflow, sequence(10));
  world.open();
  std::vector<Ulid> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(world.begin(i % 8 == 0 ? "fan" : "seq"));
  world.pass(seconds(2));
  for (const Ulid& id : ids) EXPECT_TRUE(world.outcome(id));
}

// What is refused has changed nothing; what was accepted begins, and then there is room again.
TEST(Limits, SubmissionsBeyondTheQueueAreRefused) {
  RuntimeOptions options;
  options.queue_max = 3;
  World world(options);
  add_sequence(world, 1);
  world.open();
  EXPECT_EQ(world.engine.retry_after(), std::nullopt);
  const std::vector<Ulid> ids = begin_all(world, 5);
  std::optional<Error> ran;
  world.engine.run({std::nullopt, World::ffqn("seq"), "[]", "test"},
                   [&](Result<Ran> done) { ran = done.error(); });
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->code, Code::resource_exhausted);
  world.settle();
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(world.acks.contains(ids[i]));
    EXPECT_EQ(world.acks[ids[i]].has_value(), i >= 3);
    EXPECT_EQ(world.outcome(ids[i]).has_value(), i < 3);
    if (i < 3) continue;
    EXPECT_EQ(world.acks[ids[i]]->code, Code::resource_exhausted);
    EXPECT_EQ(world.engine.get(ExecutionId{ids[i], {}}).error().code, Code::not_found);
  }
  const std::optional<Duration> after = world.engine.retry_after();
  ASSERT_TRUE(after);
  EXPECT_GE(*after, milliseconds(15));
  EXPECT_LE(*after, milliseconds(25));
  const Ulid again = world.begin("seq");
  world.settle();
  EXPECT_TRUE(world.outcome(again));
}

// Those that were answered and have had no turn take up room; those that sleep do not.
TEST(Limits, WhatSleepsTakesNoRoomInTheQueue) {
  RuntimeOptions options;
  options.queue_max = 2;
  World world(options);
  world.add("act", FunctionKind::activity, returns("1"));
  world.add("nap", FunctionKind::workflow, [](std::size_t step, const auto&, std::string_view) {
    if (step == 0)
      return Act{.kind = Act::Kind::call, .import = sleep, .text = "[{\"in\":{\"hours\":1}}]"};
    return Act{.text = "1"};
  });
  world.open();
  for (int i = 0; i < 20; ++i) {
    const Ulid id = world.begin("nap");
    world.settle();
    ASSERT_TRUE(world.acks.contains(id));
    EXPECT_FALSE(world.acks[id]);
  }
}

TEST(Commits, ARunIsAnsweredOnceItsEndIsStored) {
  World world;
  add_sequence(world, 2);
  world.open();
  const Ulid id = make_ulid(5, 5, 5);
  std::vector<Ran> answers;
  const auto run = [&] {
    return world.engine.run({id, World::ffqn("seq"), "[]", "test"}, [&](Result<Ran> done) {
      ASSERT_TRUE(done);
      const bool stored = world.outcome(id).has_value();
      EXPECT_EQ(stored, done->view.has_value());
      answers.push_back(std::move(*done));
    });
  };
  run();
  EXPECT_TRUE(answers.empty());
  run();  // the same request again: it is known, and not waited for here
  world.settle();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_FALSE(answers[0].view);
  ASSERT_TRUE(answers[1].view);
  EXPECT_EQ(answers[1].view->outcome->value, "\"done\"");
  EXPECT_EQ(answers[1].id.root, id);
}

TEST(Commits, WhoLeavesARunIsNotCalled) {
  World world;
  add_sequence(world, 2);
  world.open();
  int calls = 0;
  const RunTicket ticket = world.engine.run({std::nullopt, World::ffqn("seq"), "[]", "test"},
                                            [&](Result<Ran>) { ++calls; });
  world.store.faults().on_commit = [&](const WriteBatch&) {
    if (world.engine.counters().commits == 1) world.engine.leave(ticket);
    return CommitFault{};
  };
  world.settle();
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(world.engine.list({})->at(0).row.stage, Stage::finished);
}

TEST(Commits, NothingLeavesBeforeItsCommit) {
  World world;
  std::vector<std::string> seen;
  world.add("act", FunctionKind::activity, [&](std::size_t, const auto&, std::string_view) {
    seen.push_back("start");
    return Act{.text = "1"};
  });
  world.add("wf", FunctionKind::workflow, [](std::size_t step, const auto&, std::string_view) {
    if (step == 0) return Act{.kind = Act::Kind::log, .text = "hello"};
    if (step == 1) return Act{.kind = Act::Kind::call, .import = direct, .text = "[]"};
    return Act{.text = "1"};
  });
  world.store.faults().on_commit = [&](const WriteBatch&) {
    EXPECT_TRUE(world.acks.empty() || !seen.empty());
    world.engine.work();  // others work on while it commits
    world.engine.write_logs();
    const Lock lock(world.content->mutex);
    if (world.content->rows.empty()) {
      EXPECT_TRUE(world.acks.empty());
      EXPECT_TRUE(seen.empty());
      EXPECT_TRUE(world.content->logs.empty());
    }
    return CommitFault{};
  };
  world.open();
  const Ulid id = world.begin("wf");
  world.settle();
  EXPECT_TRUE(world.outcome(id));
  EXPECT_EQ(seen, std::vector<std::string>{"start"});
  const Lock lock(world.content->mutex);
  ASSERT_EQ(world.content->logs.size(), 1U);
  EXPECT_EQ(world.content->logs[0].message, "hello");
}

struct FaultKinds : ::testing::TestWithParam<CommitFault::Kind> {};

TEST_P(FaultKinds, AFailedCommitVoidsWhatWaitsAndTheRestGoesOn) {
  World world;
  add_sequence(world, 10);
  int commits = 0;
  int failed = 0;
  world.store.faults().on_commit = [&](const WriteBatch&) {
    if (++commits % 4 != 1 || failed >= 6) return CommitFault{};
    ++failed;
    return CommitFault{GetParam(), Code::resource_exhausted};
  };
  world.open();
  const Ulid id = world.begin("seq");
  world.settle();
  ASSERT_TRUE(world.acks.contains(id));
  ASSERT_TRUE(world.acks.at(id));  // the first commit failed
  EXPECT_EQ(world.acks.at(id)->code, Code::unavailable);
  world.acks.clear();
  world.pass(milliseconds(200));
  std::optional<bool> accepted;
  world.engine.submit({id, World::ffqn("seq"), "[]", "test"},
                      [&](Result<Submitted> done) { accepted = done.has_value(); });
  world.pass(seconds(30));
  EXPECT_EQ(accepted, true);
  const std::optional<Outcome> outcome = world.outcome(id);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->value, "\"done\"");
  EXPECT_GE(failed, 4);
  EXPECT_EQ(world.engine.counters().reloads, static_cast<std::uint64_t>(failed));
}

INSTANTIATE_TEST_SUITE_P(All, FaultKinds,
                         ::testing::Values(CommitFault::Kind::fail, CommitFault::Kind::drop,
                                           CommitFault::Kind::lose_reply));

TEST(Commits, FullDiskServesReadsAndGoesOnWhenThereIsSpace) {
  World world;
  add_sequence(world, 5);
  world.open();
  const Ulid before = world.begin("seq");
  world.settle();
  bool full = true;
  world.store.faults().on_commit = [&](const WriteBatch&) {
    return full ? CommitFault{CommitFault::Kind::fail, Code::resource_exhausted} : CommitFault{};
  };
  const Ulid refused = world.begin("seq");
  world.pass(seconds(20));
  EXPECT_EQ(world.acks.at(refused)->code, Code::unavailable);
  EXPECT_TRUE(world.outcome(before));
  full = false;
  world.pass(seconds(6));
  const Ulid after = world.begin("seq");
  world.pass(seconds(1));
  EXPECT_FALSE(world.acks.at(after));
  EXPECT_TRUE(world.outcome(after));
  EXPECT_FALSE(world.fatal);
}

TEST(Commits, ADrainEndsAlsoWhenNothingCanBeWritten) {
  World world;
  add_sequence(world, 5);
  world.open();
  world.store.faults().on_commit = [](const WriteBatch&) {
    return CommitFault{CommitFault::Kind::fail, Code::resource_exhausted};
  };
  world.begin("seq");
  world.settle();
  world.engine.drain();
  world.settle();
  EXPECT_TRUE(world.engine.drained());
  EXPECT_FALSE(world.stopped_cleanly());
}

TEST(Commits, ADrainEndsAlsoWhenSteppingMustWait) {
  World world;
  add_sequence(world, 5);
  world.open();
  world.begin("seq");
  world.settle(3);
  world.store.set_congested(true);
  world.engine.drain();
  world.pass(seconds(30));
  EXPECT_TRUE(world.engine.drained());
  EXPECT_FALSE(world.stopped_cleanly());
}

TEST(Commits, ADrainWaitsForAttemptsAndGivesBackThoseThatDoNotEnd) {
  World world;
  world.lock_expiry = seconds(3'600);
  world.add("act", FunctionKind::activity, [](std::size_t, const auto&, std::string_view) {
    return Act{.kind = Act::Kind::wait};
  });
  world.open();
  const Ulid id = world.begin("act");
  world.settle();
  world.engine.drain();
  world.pass(seconds(5));
  EXPECT_FALSE(world.engine.drained());
  world.pass(seconds(6));
  EXPECT_TRUE(world.engine.drained());
  EXPECT_TRUE(world.stopped_cleanly());
  EXPECT_FALSE(world.outcome(id));
}

TEST(Commits, DataLossEndsTheProcess) {
  World world;
  add_sequence(world, 5);
  world.open();
  world.store.faults().on_commit = [](const WriteBatch&) {
    return CommitFault{CommitFault::Kind::fail, Code::data_loss};
  };
  const Ulid id = world.begin("seq");
  world.settle();
  ASSERT_TRUE(world.fatal);
  EXPECT_EQ(world.fatal->code, Code::data_loss);
  EXPECT_EQ(world.acks.at(id)->code, Code::unavailable);
}

TEST(Guests, EndlessActivityStopsNobodyAndDiesAtItsDeadline) {
  World world;
  world.add("act", FunctionKind::activity, spins());
  world.add("wf", FunctionKind::workflow, sequence(1));
  world.add("quick", FunctionKind::activity, returns("1"));
  world.add("other", FunctionKind::workflow, sequence(5), "quick");
  world.open();
  world.begin("wf");
  const Ulid other = world.begin("other");
  world.settle(2'000);
  EXPECT_TRUE(world.outcome(other));
  world.time.elapsed_us += 1'000'000;
  world.settle(1'000);
  const Result<std::vector<ExecutionView>> all = world.engine.list({.derived = true, .limit = 100});
  ASSERT_TRUE(all);
  std::uint32_t failed_attempts = 0;
  for (const ExecutionView& view : *all) failed_attempts += view.row.attempts;
  EXPECT_EQ(failed_attempts, 1U);
}

TEST(Guests, WaitingActivityIsDestroyedAtItsDeadline) {
  World world;
  world.add("act", FunctionKind::activity, [](std::size_t, const auto&, std::string_view) {
    return Act{.kind = Act::Kind::wait};
  });
  world.open();
  const Ulid id = world.begin("act");
  world.settle();
  EXPECT_FALSE(world.outcome(id));
  world.pass(seconds(100));
  const std::optional<Outcome> outcome = world.outcome(id);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->failure, FailureKind::timed_out);
}

TEST(Guests, EndlessActivityDiesOnCancel) {
  World world;
  world.lock_expiry = seconds(3'600);
  world.add("act", FunctionKind::activity, spins());
  world.open();
  const Ulid id = world.begin("act");
  world.settle(100);
  std::optional<bool> cancelled;
  world.engine.cancel({id, {}}, {"test", "enough"},
                      [&](Result<void> done) { cancelled = done.has_value(); });
  world.settle(100);
  EXPECT_EQ(cancelled, true);
  const std::optional<Outcome> outcome = world.outcome(id);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->failure, FailureKind::cancelled);
}

TEST(Guests, WorkflowTrapIsItsFailureAndHostShortageIsNot) {
  World world;
  int runs = 0;
  world.add("trap", FunctionKind::workflow, [](std::size_t, const auto&, std::string_view) {
    return Act{.kind = Act::Kind::fail, .text = "unreachable"};
  });
  world.add("short", FunctionKind::workflow, [&](std::size_t, const auto&, std::string_view) {
    if (++runs < 3) return Act{.kind = Act::Kind::fail, .failure = wasm::FailureKind::host};
    return Act{.text = "1"};
  });
  world.open();
  const Ulid trapped = world.begin("trap");
  const Ulid shortage = world.begin("short");
  world.settle();
  const std::optional<Outcome> outcome = world.outcome(trapped);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->reason, "workflow trap: unreachable");
  EXPECT_FALSE(world.outcome(shortage));
  world.pass(seconds(10));
  ASSERT_TRUE(world.outcome(shortage));
  EXPECT_EQ(world.outcome(shortage)->kind, OutcomeKind::ok);
}

TEST(Guests, MemoryThatRunsOutInACallEndsTheRunOnly) {
  World world;
  add_sequence(world, 10);
  world.open();
  FixedParams::failing = 6;
  const Ulid id = world.begin("seq");
  world.settle();
  EXPECT_EQ(FixedParams::failing, 0);
  EXPECT_FALSE(world.outcome(id));
  EXPECT_EQ(world.engine.get({id, {}})->stuck, "out of memory");
  world.pass(seconds(1));
  ASSERT_TRUE(world.outcome(id));
  EXPECT_EQ(world.outcome(id)->value, "\"done\"");
  EXPECT_EQ(world.engine.counters().reloads, 0U);
}

}  // namespace
}  // namespace stele::runtime::testing

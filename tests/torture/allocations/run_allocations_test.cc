// SPDX-License-Identifier: Apache-2.0
// A run that is out of memory is thrown away: what it has handed over is the history over which the
// next run goes on, to the same end (design 4.7).
#include <algorithm>
#include <new>

#include "core/run_tester.h"
#include "torture/allocations/failing_new.h"

namespace stele::core {
namespace {

/// A workflow with calls and sets, and the world that answers it. What reads JSON is left out: the
/// JSON library ends the process when its memory runs out, which is a crash.
class Workflow : public RunTester {
 public:
  std::vector<std::string> answers;

  /// From the start; what is stored is replayed.
  void go() {
    answers.clear();
    restart();
    step(HostOp::direct_call, "[1]");
    step(HostOp::join_set_create, "[]");
    step(HostOp::submit, "[1]", 1);
    step(HostOp::submit, "[2]", 1);
    step(HostOp::submit, "[3]", 1);
    step(HostOp::await_next, "[]", 1);
    step(HostOp::await_next, "[]", 1);
    step(HostOp::join_set_close, "[]", 1);
    step(HostOp::last_direct_call_id, "[]");
    step(HostOp::direct_call, "[9]");
    inside([this] { run->end({.kind = OutcomeKind::ok}); });
    accept();
  }

  /// A new run as often as the memory runs out; how often that was.
  int go_until_ended() {
    for (int failures = 0;; ++failures) {
      try {
        go();
        return failures;
      } catch (const std::bad_alloc&) {
        allocations::set_open(false);
      }
    }
  }

 private:
  void step(HostOp op, const char* params, std::uint32_t handle = no_join_set_handle) {
    CallOutcome outcome = call(op, params, handle);
    while (outcome.state == CallState::parked) {
      answer_oldest();
      outcome = resume();
    }
    answers.push_back(outcome.text);
  }

  /// In an order that is not that of the requests.
  void answer_oldest() {
    switch (std::ranges::count_if(history, [](const Entry& e) { return is_response(e.body); })) {
      case 0: return child_ok(0, 1, "10");
      case 1: return child_ok(1, 2, "12");
      case 2: return child_ok(1, 3, "13");
      case 3: return child_ok(1, 1, "11");
      default: return child_ok(2, 1, "14");
    }
  }
};

TEST(RunAllocations, EachMayFailOnce) {
  RunTester::entered = allocations::set_open;
  allocations::plan(0);
  Workflow whole;
  ASSERT_EQ(whole.go_until_ended(), 0);
  ASSERT_EQ(whole.taken.outcome.kind, OutcomeKind::ok)
      << whole.taken.outcome.reason << whole.taken.outcome.detail;
  const std::uint64_t count = allocations::counted();
  // Each place of the first run, and each of one that replays it all.
  for (const bool replays : {false, true}) {
    for (std::uint64_t place = 1; place <= count && !testing::Test::HasFailure(); ++place) {
      SCOPED_TRACE(testing::Message() << "allocation " << place << (replays ? ", replayed" : ""));
      allocations::plan(0);
      Workflow one;
      if (replays) one.history = whole.history;
      allocations::plan(place);
      const int failures = one.go_until_ended();
      EXPECT_EQ(failures, allocations::has_failed() ? 1 : 0);
      EXPECT_EQ(one.taken.outcome.kind, OutcomeKind::ok) << one.taken.outcome.detail;
      EXPECT_EQ(one.history, whole.history);
      EXPECT_EQ(one.answers, whole.answers);
    }
  }
  RunTester::entered = nullptr;
  EXPECT_GT(count, 50U);
}

}  // namespace
}  // namespace stele::core

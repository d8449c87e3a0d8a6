// SPDX-License-Identifier: Apache-2.0
// Replay: what is compared, how a difference reads, dry runs, every prefix of a history, random
// values.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "core/run_random.h"
#include "core/run_tester.h"

namespace stele::core {
namespace {

class RunReplayTest : public ::testing::Test, protected RunTester {};

struct Call {
  HostOp op = HostOp::random_u64;
  const char* params = "[]";
  std::uint32_t function = 1;
};

TEST_F(RunReplayTest, EachCallIsComparedAsTheContractSays) {
  struct Row {
    Call stored;
    Call now;
    const char* difference;  ///< null: equal
  };
  const Row rows[] = {
      {{HostOp::direct_call, "[1]"}, {HostOp::direct_call, "[1]"}, nullptr},
      {{HostOp::direct_call, "[1]"}, {HostOp::direct_call, "[2]"}, "! params hash"},
      {{HostOp::direct_call, "[1]"},
       {HostOp::direct_call, "[1]", 2},
       "! function: t:act/step.ping"},
      {{HostOp::direct_call, "[1]"}, {HostOp::sleep, R"(["now",null])"}, "! call: sleep"},
      {{HostOp::sleep, R"(["now",null])"}, {HostOp::sleep, R"(["now",null])"}, nullptr},
      {{HostOp::sleep, R"(["now",null])"}, {HostOp::sleep, R"(["now","x"])"}, "! name: x"},
      {{HostOp::sleep, R"([{"in":{"days":1}},null])"},
       {HostOp::sleep, R"([{"in":{"hours":24}},null])"},
       nullptr},
      {{HostOp::sleep, R"([{"in":{"days":1}},null])"},
       {HostOp::sleep, R"(["now",null])"},
       "! schedule: now"},
      {{HostOp::random_u64, "[0,9]"}, {HostOp::random_u64, "[0,9]"}, nullptr},
      {{HostOp::random_u64, "[0,9]"}, {HostOp::random_u64, "[1,9]"}, "! min: 1"},
      {{HostOp::random_u64, "[0,9]"},
       {HostOp::random_u64_inclusive, "[0,9]"},
       "! call: random-u64-inclusive"},
      {{HostOp::random_string, "[1,9]"}, {HostOp::random_string, "[1,8]"}, "! max: 8"},
      {{HostOp::join_set_create}, {HostOp::join_set_create}, nullptr},
      {{HostOp::join_set_create}, {HostOp::join_set_create_named, R"(["a"])"}, "! join set: n:a"},
      {{HostOp::join_set_create_named, R"(["b"])"},
       {HostOp::join_set_create_named, R"(["a"])"},
       "! join set: n:a"},
  };
  for (const Row& row : rows) {
    history.clear();
    start({});
    call(row.stored.op, row.stored.params, no_join_set_handle, row.stored.function);
    accept();
    now = now + seconds(7);
    restart();
    const CallOutcome outcome =
        call(row.now.op, row.now.params, no_join_set_handle, row.now.function);
    EXPECT_EQ(outcome.state == CallState::trapped, row.difference != nullptr) << outcome.text;
    if (row.difference == nullptr) continue;
    ASSERT_TRUE(run->broken().has_value());
    EXPECT_EQ(run->broken()->failure, FailureKind::nondeterminism_detected);
    EXPECT_TRUE(run->broken()->reason.empty());
    EXPECT_NE(run->broken()->detail.find(row.difference), std::string::npos)
        << run->broken()->detail;
  }
}

TEST_F(RunReplayTest, SetCallsAreComparedByTheirSet) {
  struct Row {
    Call stored;
    Call now;
    const char* difference;
  };
  const Row rows[] = {
      {{HostOp::submit, "[1]"}, {HostOp::submit, "[1]"}, nullptr},
      {{HostOp::submit, "[1]"}, {HostOp::submit, "[1]", 3}, "! function: t:act/step.pay"},
      {{HostOp::submit, "[1]"}, {HostOp::submit_delay, R"(["now"])"}, "! call: submit-delay"},
      {{HostOp::submit_delay, R"(["now"])"},
       {HostOp::submit_delay, R"([{"in":{"minutes":1}}])"},
       "! schedule: in 60000000 us"},
      {{HostOp::join_next}, {HostOp::await_next}, "! function: t:act/step.add"},
      {{HostOp::join_next}, {HostOp::join_next_try}, "! call: join-next-try"},
      {{HostOp::join_next}, {HostOp::join_set_close}, "call: none, the code has ended"},
  };
  for (const Row& row : rows) {
    history.clear();
    start({});
    call(HostOp::join_set_create);
    call(row.stored.op, row.stored.params, 0, row.stored.function);
    accept();
    restart();
    call(HostOp::join_set_create);
    call(row.now.op, row.now.params, 0, row.now.function);
    run->end({});
    accept();
    EXPECT_EQ(taken.outcome.kind == OutcomeKind::ok, row.difference == nullptr);
    if (row.difference != nullptr) {
      EXPECT_NE(taken.outcome.detail.find(row.difference), std::string::npos)
          << taken.outcome.detail;
    }
  }
}

TEST_F(RunReplayTest, DifferenceShowsBothSides) {
  call(HostOp::direct_call, "[1]");
  child_ok(0, 1, "1");
  resume();
  call(HostOp::sleep, R"([{"in":{"seconds":1}},"nap"])");
  restart();
  call(HostOp::direct_call, "[1]");
  call(HostOp::sleep, R"([{"in":{"seconds":1}},"doze"])");
  ASSERT_TRUE(run->broken().has_value());
  EXPECT_EQ(run->broken()->detail,
            "stored at version 4:\n"
            "  call: sleep\n"
            "  one-off: 2\n"
            "! name: nap\n"
            "  schedule: in 1000000 us\n"
            "now:\n"
            "  call: sleep\n"
            "  one-off: 2\n"
            "! name: doze\n"
            "  schedule: in 1000000 us");
  const Outcome first = *run->broken();
  EXPECT_EQ(call(HostOp::direct_call, "[1]").state, CallState::trapped);
  EXPECT_EQ(*run->broken(), first);
}

TEST_F(RunReplayTest, EndWithLeftoverHistoryIsADifference) {
  call(HostOp::direct_call, "[1]");
  restart();
  run->end({.kind = OutcomeKind::ok});
  ASSERT_TRUE(run->broken().has_value());
  EXPECT_EQ(run->broken()->failure, FailureKind::nondeterminism_detected);
  EXPECT_NE(run->broken()->detail.find("call: none, the code has ended"), std::string::npos);
}

/// A program with every kind of call; `step` is told after each call.
void program(const std::function<void(HostOp, const char*, std::uint32_t)>& step) {
  step(HostOp::random_u64, "[5,6]", no_join_set_handle);
  step(HostOp::direct_call, "[1]", no_join_set_handle);
  step(HostOp::join_set_create, "[]", no_join_set_handle);
  step(HostOp::submit, "[1]", 1);
  step(HostOp::submit, "[2]", 1);
  step(HostOp::submit_delay, R"(["now"])", 1);
  step(HostOp::join_next, "[]", 1);
  step(HostOp::sleep, R"(["now",null])", no_join_set_handle);
  step(HostOp::join_next_try, "[]", 1);
  step(HostOp::random_string, "[3,9]", no_join_set_handle);
  step(HostOp::join_set_close, "[]", 1);
  step(HostOp::direct_call, "[9]", no_join_set_handle);
}

TEST_F(RunReplayTest, EveryPrefixOfAHistoryGoesOnToTheSameHistory) {
  // Responses of the outside world, given whenever the run is blocked.
  const auto finish = [this](std::vector<std::string>& answers) {
    program([&](HostOp op, const char* params, std::uint32_t handle) {
      CallOutcome outcome = call(op, params, handle);
      while (outcome.state == CallState::parked) {
        const auto seen = static_cast<std::uint32_t>(
            std::ranges::count_if(history, [](const Entry& e) { return is_response(e.body); }));
        switch (seen) {
          case 0: child_ok(0, 1, "10"); break;
          case 1: child_ok(1, 2, "12"); break;
          case 2: delay(2, 1); break;
          case 3: delay(1, 1); break;
          case 4: child_ok(1, 1, "11"); break;
          default: child_ok(3, 1, "13"); break;
        }
        outcome = resume();
      }
      answers.push_back(outcome.text);
    });
    run->end({.kind = OutcomeKind::ok});
    accept();
  };
  std::vector<std::string> first;
  finish(first);
  const std::vector<Entry> whole = history;
  ASSERT_EQ(taken.outcome.kind, OutcomeKind::ok) << taken.outcome.detail << taken.outcome.reason;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    history.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    restart();
    std::vector<std::string> answers;
    finish(answers);
    EXPECT_EQ(taken.outcome.detail, "");
    EXPECT_EQ(answers.size(), first.size());
    EXPECT_EQ(history.size(), whole.size()) << size;
  }
  EXPECT_EQ(first[0], "5");
}

TEST_F(RunReplayTest, AFoundResponseMustBeThere) {
  call(HostOp::join_set_create);
  call(HostOp::submit, "[1]", 0);
  accept();
  append(JoinNextTry{.join_set = JoinSetOrdinal(0), .result = JoinNextTry::Result::found});
  restart();
  call(HostOp::join_set_create);
  call(HostOp::submit, "[1]", 0);
  EXPECT_EQ(call(HostOp::join_next_try, "[]", 0).state, CallState::trapped);
  EXPECT_TRUE(run->differs());
}

TEST_F(RunReplayTest, DryRunOfAFinishedHistoryComparesTheEnd) {
  call(HostOp::join_set_create);
  call(HostOp::submit, "[1]", 0);
  run->end({.kind = OutcomeKind::ok, .value = "5"});
  accept();
  append(Ending{.outcome = taken.outcome});
  append(JoinNext{.join_set = JoinSetOrdinal(0), .closing = true});
  child(0, 1, {.kind = OutcomeKind::failure, .failure = FailureKind::cancelled});
  const auto replay = [this](Outcome outcome) {
    start({.dry = true});
    call(HostOp::join_set_create);
    call(HostOp::submit, "[1]", 0);
    run->end(std::move(outcome));
    return run->broken();
  };
  EXPECT_FALSE(replay({.kind = OutcomeKind::ok, .value = "5"}).has_value());
  const auto broken = replay({.kind = OutcomeKind::ok, .value = "6"});
  ASSERT_TRUE(broken.has_value());
  EXPECT_EQ(broken->detail, "stored:\n  end: ok\n! value: 5\nnow:\n  end: ok\n! value: 6");
}

TEST_F(RunReplayTest, RandomValuesKeepToTheirRange) {
  std::set<std::string> narrow, inclusive;
  for (int i = 0; i < 200; ++i) {
    narrow.insert(call(HostOp::random_u64, "[3,5]").text);
    inclusive.insert(call(HostOp::random_u64_inclusive, "[3,5]").text);
    const std::string text = call(HostOp::random_string, "[2,4]").text;
    EXPECT_TRUE(text.size() == 4 || text.size() == 5) << text;  // with its quotes
  }
  EXPECT_EQ(narrow, (std::set<std::string>{"3", "4"}));
  EXPECT_EQ(inclusive, (std::set<std::string>{"3", "4", "5"}));
  EXPECT_EQ(call(HostOp::random_u64, "[7,8]").text, "7");
  EXPECT_EQ(call(HostOp::random_u64_inclusive, "[7,7]").text, "7");
  call(HostOp::random_u64_inclusive, "[0,18446744073709551615]");
  EXPECT_FALSE(run->broken().has_value());
}

TEST_F(RunReplayTest, EmptyRangesFail) {
  for (const Call& bad :
       {Call{HostOp::random_u64, "[7,7]"}, Call{HostOp::random_u64, "[8,7]"},
        Call{HostOp::random_u64_inclusive, "[8,7]"}, Call{HostOp::random_string, "[4,4]"}}) {
    restart();
    EXPECT_EQ(call(bad.op, bad.params).state, CallState::trapped);
    EXPECT_NE(run->broken()->reason.find("range must not be empty"), std::string::npos);
  }
}

TEST_F(RunReplayTest, GeneratedIdsKeepTheTimeOfTheRoot) {
  const std::string first = call(HostOp::execution_id_generate).text;
  EXPECT_NE(first, call(HostOp::execution_id_generate).text);
  EXPECT_TRUE(first.starts_with(R"({"id":"E_)"));
  EXPECT_EQ(first.size(), 37U);
  EXPECT_EQ(first.substr(9, 10), "0000000000");
}

TEST(RandomStream, AlgorithmOneNeverChanges) {
  RandomStream stream(42, 7);
  EXPECT_EQ(stream.between(0, UINT64_MAX), 17120185283933592140U);
  EXPECT_EQ(RandomStream(42, 8).text(8), "EYc9LqeA");
}

}  // namespace
}  // namespace stele::core

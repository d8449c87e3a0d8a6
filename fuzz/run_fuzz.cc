// SPDX-License-Identifier: Apache-2.0
// A workflow's run: any calls, replayed over their history with the same answers; then any calls
// over a history that somebody has changed.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/run_tester.h"
#include "fuzz/fuzz.h"

namespace stele::core {
namespace {

constexpr std::string_view id_text = "E_0000000000000G000000000002";

struct Called {
  HostOp op{};
  std::string params{};
  std::uint32_t handle = no_join_set_handle;
  std::uint32_t function = 1;
  CallOutcome outcome{};
};

bool is_one_of(HostOp op, std::initializer_list<HostOp> ops) {
  return std::ranges::find(ops, op) != ops.end();
}
bool uses_set(HostOp op) {
  return is_one_of(
      op, {HostOp::submit, HostOp::await_next, HostOp::join_set_close, HostOp::join_set_drop,
           HostOp::join_set_id, HostOp::join_set_last_id, HostOp::submit_delay, HostOp::join_next,
           HostOp::submit_json, HostOp::join_next_try});
}

class Program {
 public:
  explicit Program(std::string_view input) : choices_(input) {
    const bool small = choices_.below(2) == 1;
    tester_.own_function = FunctionId(choices_.below(2) == 0 ? 0 : 5);
    if (choices_.below(4) == 1) tester_.suffix = ".n:a_1";
    options_.events_per_hand_over = small ? 1 : 100;
    options_.open_sets_max = small ? 3 : 10'000;
    options_.set_members_max = small ? 3 : 1'000'000;
    options_.history_events_max = small ? 60 : 4'000'000;
    tester_.start(options_);
  }

  void run() {
    for (int steps = 0; steps < 200 && !choices_.empty() && !over_; ++steps) step();
    replay();
    if (choices_.empty()) return;
    tamper();
    calls_.clear();
    begin_again(choices_.below(3) == 0);
    for (int steps = 0; steps < 100 && !choices_.empty() && !over_; ++steps) step();
    end();
  }

 private:
  std::uint32_t below(std::uint64_t bound) {
    return static_cast<std::uint32_t>(choices_.below(bound));
  }

  void step() {
    const std::uint32_t what = below(8);
    if (what == 0) return answer_one();
    if (what == 1) return tester_.run->log(static_cast<std::uint8_t>(below(6)), "a line");
    if (what == 2 && choices_.below(16) == 0) return end();
    if (parked_) return answer_one();
    call();
  }

  void call() {
    Called made{.op = static_cast<HostOp>(below(29)), .function = 1 + below(5)};
    if (uses_set(made.op)) {
      if (open_.empty())
        made.op = HostOp::join_set_create;
      else
        made.handle = open_[below(open_.size())];
    }
    made.params = params(made.op);
    calls_.push_back(made);
    settle(tester_.call(made.op, made.params, made.handle, made.function));
  }

  /// What the call has come to; the run's own requests to the partition are decided at once.
  void settle(CallOutcome outcome) {
    parked_ = outcome.state == CallState::parked;
    if (parked_ && decide()) {
      outcome = tester_.resume();
      parked_ = outcome.state == CallState::parked;
    }
    if (parked_) return;
    if (calls_.empty()) return;
    Called& made = calls_.back();
    made.outcome = std::move(outcome);
    over_ = made.outcome.state == CallState::trapped;
    follow_set(made);
  }
  void follow_set(const Called& made) {
    const bool gone = made.op == HostOp::join_set_close || made.op == HostOp::join_set_drop;
    if (gone) std::erase(open_, made.handle);
    const bool create =
        made.op == HostOp::join_set_create || made.op == HostOp::join_set_create_named;
    if (!create || over_) return;
    const std::string& text = made.outcome.text;
    const std::size_t digit = text.find_first_of("0123456789");
    if (digit == std::string::npos || text.starts_with(R"({"err")")) return;
    open_.push_back(static_cast<std::uint32_t>(std::stoul(text.substr(digit))));
  }
  /// Answers whether something was given to the run.
  bool decide() {
    if (const auto wanted = tester_.taken.read_back) {
      CHECK(*wanted < tester_.history.size());
      tester_.taken.read_back.reset();
      tester_.run->read_back(tester_.history[*wanted]);
      return true;
    }
    if (tester_.history.empty() || tester_.taken.requests.empty()) return false;
    Entry& last = tester_.history.back();
    const auto kind = static_cast<Refused::Kind>(below(5));
    if (auto* stub = std::get_if<Stub>(&last.body))
      stub->refused.kind = kind;
    else if (auto* schedule = std::get_if<Schedule>(&last.body))
      schedule->refused.kind = schedule->refused ? schedule->refused.kind : kind;
    else
      return false;
    tester_.run->deliver(std::span(&last, 1));
    return true;
  }

  std::string schedule() {
    static constexpr std::array<std::string_view, 6> texts{
        R"("now")",
        R"({"in":{"seconds":2}})",
        R"({"at":{"seconds":1,"nanoseconds":9}})",
        R"({"in":{"milliseconds":18446744073709551615}})",
        R"({"at":{"seconds":18446744073709551615,"nanoseconds":0}})",
        "7"};
    return std::string(texts[below(texts.size())]);
  }
  std::string function() {
    static constexpr std::array<std::string_view, 4> texts{
        R"({"interface_name":"t:act/step","function_name":"add"})",
        R"({"interface_name":"t:act/step","function_name":"nope"})",
        R"({"interface_name":"t:act/step","function_name":"flow"})", "1"};
    return std::string(texts[below(texts.size())]);
  }
  std::string target() { return R"([{"id":")" + std::string(id_text) + level() + R"("})"; }
  std::string params(HostOp op) {
    if (is_one_of(op, {HostOp::random_u64, HostOp::random_u64_inclusive, HostOp::random_string}))
      return "[" + std::to_string(below(9)) + "," + std::to_string(below(30)) + "]";
    if (op == HostOp::sleep) return "[" + schedule() + R"(,null])";
    if (op == HostOp::submit_delay) return "[" + schedule() + "]";
    if (op == HostOp::join_set_create_named)
      return R"([")" + std::string(1, static_cast<char>('a' + below(30))) + R"("])";
    if (is_one_of(op, {HostOp::submit_json, HostOp::call_json}))
      return "[" + function() + R"(,"[1]"])";
    if (op == HostOp::schedule_json)
      return target() + "," + schedule() + "," + function() + R"(,"[2]"])";
    if (op == HostOp::schedule) return "[" + schedule() + ",3]";
    if (op == HostOp::stub) return target() + R"(,{"ok":1}])";
    if (op == HostOp::stub_json) return target() + R"(,"{\"err\":2}"])";
    if (is_one_of(op, {HostOp::get, HostOp::get_result_json, HostOp::get_execution_failure_kind}))
      return target() + "]";
    return below(8) == 7 ? std::string(choices_.take(below(20))) : "[4]";
  }
  std::string level() {
    switch (below(6)) {
      case 0: return ".o:1-add_1";
      case 1: return ".g:1_1";
      case 2: return ".g:1_2";
      case 3: return ".n:a_1";
      case 4: return "";
      default: return std::string(choices_.take(below(12)));
    }
  }

  /// One of the answers that are outstanding arrives.
  void answer_one() {
    std::vector<EntryBody> due = outstanding();
    if (!due.empty()) tester_.respond(due[below(due.size())]);
    if (parked_)
      settle(tester_.resume());
    else if (due.empty())
      call();
  }
  std::vector<EntryBody> outstanding() {
    std::vector<EntryBody> due;
    std::set<std::tuple<bool, std::uint32_t, std::uint32_t>> answered;
    HistoryHead head;
    for (const Entry& entry : tester_.history) {
      head = after(entry, head);
      if (const auto* child = std::get_if<ChildResponse>(&entry.body))
        answered.emplace(true, child->join_set.value, child->index);
      if (const auto* delay = std::get_if<DelayResponse>(&entry.body))
        answered.emplace(false, delay->join_set.value, delay->index);
    }
    const auto child = [&](JoinSetOrdinal set, std::uint32_t index) {
      if (answered.contains({true, set.value, index})) return;
      due.push_back(ChildResponse{.seq = head.response_seq,
                                  .join_set = set,
                                  .child = ExecutionKey(100 + index),
                                  .finished_version = 1,
                                  .outcome = outcome(),
                                  .index = index});
    };
    const auto delay = [&](JoinSetOrdinal set, std::uint32_t index) {
      if (answered.contains({false, set.value, index})) return;
      due.push_back(DelayResponse{
          .seq = head.response_seq, .join_set = set, .index = index, .cancelled = due.size() == 2});
    };
    for (const Entry& entry : tester_.history) {
      if (const auto* request = std::get_if<ChildRequest>(&entry.body);
          request && !request->refused)
        child(request->join_set, request->index);
      if (const auto* direct = std::get_if<DirectCall>(&entry.body)) child(direct->join_set, 1);
      if (const auto* wait = std::get_if<DelayRequest>(&entry.body))
        delay(wait->join_set, wait->index);
      if (const auto* sleep = std::get_if<Sleep>(&entry.body)) delay(sleep->join_set, 1);
    }
    return due;
  }
  static Outcome outcome() { return {.kind = OutcomeKind::ok, .value = "5"}; }

  /// The same calls over the history so far get the same answers.
  void replay() {
    tester_.accept();
    tester_.restart();
    for (const Called& made : calls_) {
      CallOutcome again = tester_.call(made.op, made.params, made.handle, made.function);
      if (again.state == CallState::parked && tester_.taken.read_back && decide())
        again = tester_.resume();
      if (&made == &calls_.back() && parked_) break;
      CHECK(again.state == made.outcome.state && again.text == made.outcome.text);
    }
    CHECK(!tester_.run->differs());
  }
  void tamper() {
    std::vector<Entry> entries = std::exchange(tester_.history, {});
    for (std::uint32_t left = below(4); left > 0 && !entries.empty(); --left) {
      const std::uint32_t at = below(entries.size());
      const std::uint32_t other = below(entries.size());
      switch (below(4)) {
        case 0: entries.erase(entries.begin() + at); break;
        case 1: entries.insert(entries.begin() + at, Entry(entries[other])); break;
        case 2: std::swap(entries[at], entries[other]); break;
        default: entries.resize(at); break;
      }
    }
    HistoryHead head;
    for (Entry& entry : entries) {
      entry.position = head.position;
      entry.version = head.version;
      head = after(entry, head);
    }
    tester_.history = std::move(entries);
  }
  void begin_again(bool dry) {
    options_.dry = dry;
    open_.clear();
    parked_ = over_ = false;
    tester_.taken = {};
    tester_.start(options_);
  }
  void end() {
    tester_.run->end({.kind = OutcomeKind::ok, .value = "1"});
    tester_.accept();
    CHECK(tester_.taken.state != RunState::running || options_.dry);
    over_ = true;
  }

  fuzz_input::Choices choices_;
  RunTester tester_;
  RunOptions options_;
  std::vector<Called> calls_;
  std::vector<std::uint32_t> open_;
  bool parked_ = false;
  bool over_ = false;
};

}  // namespace
}  // namespace stele::core

namespace stele {

void fuzz(std::string_view input) {
  GTEST_FLAG_SET(break_on_failure, true);
  core::Program(input).run();
}

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// Owns: one performance of a scenario on one machine, and its complaints.
// Life cycle: one performance. Thread: one.
// Must hold: a complaint names the line of the scenario; nothing waits for real time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "golden/machine.h"
#include "golden/scenario.h"

namespace stele::golden {

struct Performance {
  OpenStore open_store{};
  CrashPlan crash{};
  bool small = false;  ///< limits so small that every bound is met
};

class Player {
 public:
  Player(const Scenario& scenario, const Performance& performance);
  void play();

  const std::vector<std::string>& complaints() const { return complaints_; }
  std::uint64_t commits() const { return machine_.commits(); }
  std::uint64_t store_calls() const { return machine_.store_calls(); }
  runtime::EngineCounters counters() const { return machine_.counters(); }
  /// The events as they are now, by the line of their command.
  const std::map<int, std::vector<std::string>>& events_seen() const { return events_seen_; }

 private:
  bool plain() const {
    return crash_.after_commit == 0 && crash_.at_call == 0 && !scenario_.patient;
  }
  void complain(const std::string& text);
  void check(const Result<void>& result);
  void perform(const Command& command);
  bool perform_change(const Command& command);
  void start(std::string text, bool paused);
  // player_requests.cc
  bool perform_request(const Command& command);
  void cancel(const ExecutionId& id, const std::string& refused);
  void control_delay(const std::string& verb, std::string text, const std::string& refused);
  void give(const ExecutionId& id, const std::string& value, const std::string& refused);
  void upgrade(const ExecutionId& id, bool forced, const std::string& refused);
  void go_on(const ExecutionId& id, std::string text, const std::string& refused);
  void backtraces(const ExecutionId& id, const std::string& count, const std::string& refused);
  void expect_captured(const Command& command);
  /// Where an answer goes: a code, empty for success. It may outlive the wait for it.
  using Place = std::shared_ptr<std::optional<std::string>>;
  template <typename T>
  static runtime::Done<T> into(const Place& place) {
    return [place](Result<T> done) {
      *place = done ? std::string() : std::string(code_name(done.error().code));
    };
  }
  /// Makes a request until it is answered, as a client would: again when its answer is lost, by a
  /// crash or with `unavailable`.
  std::optional<std::string> ask(const std::function<void(Place)>& make);
  /// Complains if the answer is another.
  void request(const std::string& refused, const std::function<void(Place)>& make);

  void redeploy(std::string text);
  void expect(std::string text);
  void expect_log(std::string text, bool wanted);
  void expect_detail(std::string text);
  void expect_attempts(std::string text);
  void expect_events(const Command& command);
  void expect_difference(std::string text);
  void replay_all();
  /// The code after `refused` at the end of a command, taken off with it.
  static std::string cut_refused(std::string& text);
  std::optional<runtime::ReplayReport> replay(const ExecutionId& id);
  std::string state_of(const ExecutionId& id);
  std::optional<runtime::ExecutionView> view(const ExecutionId& id);
  ExecutionId id_of(const std::string& name);
  /// Boots again, and lets begin again what the crash has interrupted.
  void revive();
  /// Runs until `done` says so; boots again when the machine dies meanwhile.
  bool wait_until(const std::function<bool()>& done);

  const Scenario& scenario_;
  CrashPlan crash_;
  bool small_;
  Machine machine_;
  std::map<std::string, Ulid> roots_;
  std::map<int, std::vector<std::string>> events_seen_;
  std::vector<std::string> complaints_;
  std::uint64_t commits_at_start_ = 0;
  bool lost_ = false;  ///< an answer to the last request
  int line_ = 0;
};

}  // namespace stele::golden

// SPDX-License-Identifier: Apache-2.0
#include "golden/player.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "golden/render.h"
#include "wasm/scripted/words.h"

namespace stele::golden {
namespace {

/// Limits decide which of several members answers first: responses without their numbers, sorted.
std::vector<std::string> in_any_order(std::vector<std::string> events) {
  static const std::regex numbered(" response [0-9]+ ");
  for (std::string& event : events) event = std::regex_replace(event, numbered, " response ");
  std::ranges::sort(events);
  return events;
}

runtime::RuntimeOptions options_of(const Scenario& scenario, bool small) {
  runtime::RuntimeOptions options;
  options.hot_guests_max = scenario.hot_guests;
  options.hot_calls_min = 0;
  if (!small) return options;
  options.hot_guests_max = std::min(scenario.hot_guests, 2U);
  options.batch_rows_max = 8;
  options.partition.ready_loaded_max = 16;
  return options;
}

/// 5s, 20ms, 3m, 2h or 1d.
Duration duration_of(const std::string& text) {
  const std::int64_t count = std::strtoll(text.c_str(), nullptr, 10);
  if (text.ends_with("ms")) return milliseconds(count);
  if (text.ends_with('m')) return seconds(count * 60);
  if (text.ends_with('h')) return seconds(count * 3600);
  if (text.ends_with('d')) return seconds(count * 86'400);
  return seconds(count);
}

std::string stage_name(Stage stage) {
  switch (stage) {
    case Stage::ready: return "ready";
    case Stage::blocked: return "blocked";
    case Stage::waiting: return "waiting";
    case Stage::closing: return "closing";
    case Stage::held: return "held";
    case Stage::finished: return "finished";
  }
  return "finished";
}

}  // namespace

Player::Player(const Scenario& scenario, const Performance& performance)
    : scenario_(scenario),
      crash_(performance.crash),
      small_(performance.small),
      machine_(performance.open_store, options_of(scenario, performance.small), performance.crash) {
  machine_.components = scenario.components;
}

void Player::complain(const std::string& text) {
  complaints_.push_back(fmt::format("line {}: {}", line_, text));
}

void Player::check(const Result<void>& result) {
  if (!result) complain(result.error().reason);
}

void Player::play() {
  check(machine_.boot());
  commits_at_start_ = machine_.commits();
  for (const Command& command : scenario_.commands) {
    if (!complaints_.empty()) return;
    line_ = command.line;
    perform(command);
  }
  if (complaints_.empty() && scenario_.replay) replay_all();
}

bool Player::perform_change(const Command& command) {
  const std::string& verb = command.verb;
  if (verb == "known") {
    std::string text = command.text;
    const std::string name = next_word(text);
    const auto id = parse_execution_id(text);
    if (!id) complain("that is no id");
    if (id) roots_[name] = id->root;
    return true;
  }
  if (verb == "start" || verb == "start-paused")
    start(command.text, verb == "start-paused");
  else if (perform_request(command))
    ;
  else if (verb == "redeploy")
    redeploy(command.text);
  else if (verb == "advance")
    machine_.pass(duration_of(command.text));
  else if (verb == "open")
    machine_.world.open(command.text);
  else if (verb == "crash")
    machine_.crash();
  else if (verb == "restart")
    check(machine_.stop());
  else
    return false;
  if (!machine_.dead()) machine_.settle();
  revive();
  if (!machine_.dead()) machine_.settle();
  return true;
}

void Player::perform(const Command& command) {
  if (perform_change(command)) return;
  const std::string& verb = command.verb;
  if (verb == "expect") return expect(command.text);
  if (verb == "detail") return expect_detail(command.text);
  if (verb == "log") return expect_log(command.text, true);
  if (verb == "differs") return expect_difference(command.text);
  if (verb == "captured") return expect_captured(command);
  if (verb == "no-log" || verb == "attempts" || verb == "events" || verb == "commits") {
    if (!plain()) return;
    if (verb == "no-log") return expect_log(command.text, false);
    if (verb == "attempts") return expect_attempts(command.text);
    if (verb == "events") return expect_events(command);
    if (small_) return;
    const std::uint64_t used = machine_.commits() - commits_at_start_;
    if (used > static_cast<std::uint64_t>(std::stoll(command.text)))
      complain(fmt::format("{} commits", used));
    return;
  }
  complain("unknown command " + verb);
}

void Player::revive() {
  constexpr Duration interruption_backoff = milliseconds(200);
  if (!machine_.dead()) return;
  check(machine_.revive());
  if (!machine_.dead()) machine_.pass(interruption_backoff);
}

bool Player::wait_until(const std::function<bool()>& done) {
  constexpr int tries_max = 5'000;
  constexpr Duration step = seconds(60);
  for (int i = 0; i < tries_max; ++i) {
    revive();
    if (!complaints_.empty()) return false;
    if (machine_.dead()) continue;
    machine_.settle();
    if (!machine_.dead() && done()) return true;
    if (plain()) return false;
    machine_.pass_to_next(step);
  }
  return false;
}

void Player::start(std::string text, bool paused) {
  const std::string refused = cut_refused(text);
  const std::string name = next_word(text);
  const std::string function = next_word(text);
  std::uint64_t number = 0;
  for (const char c : name) number = number * 64 + static_cast<unsigned char>(c) - 32;
  const Ulid id = make_ulid(FakeTime::start_us / 1000, 0, number);
  roots_[name] = id;
  const runtime::SubmitRequest wanted{.id = id,
                                      .ffqn = function,
                                      .params = text.empty() ? "[]" : text,
                                      .requester = "golden",
                                      .paused = paused};
  // A repetition of what was done is answered like the first.
  const std::string answer = ask([&](Place place) {
                               machine_.engine().submit(wanted, into<runtime::Submitted>(place));
                             }).value_or("nothing");
  if (answer != refused) complain(fmt::format("the answer was '{}'", answer));
}

void Player::redeploy(std::string text) {
  const auto version = scenario_.versions.find(text);
  if (version == scenario_.versions.end()) return complain("there is no such version");
  for (ComponentText& component : machine_.components)
    if (component.name == version->second.name) component = version->second;
  check(machine_.deploy());
}

ExecutionId Player::id_of(const std::string& name) {
  const std::size_t dot = std::min(name.find('.'), name.size());
  return {.root = roots_[name.substr(0, dot)], .suffix = name.substr(dot)};
}

std::optional<runtime::ExecutionView> Player::view(const ExecutionId& id) {
  auto found = machine_.engine().get(id);
  if (!found) return std::nullopt;
  return std::move(*found);
}

std::string Player::state_of(const ExecutionId& id) {
  const auto found = view(id);
  if (!found) return "unknown";
  const std::string paused = found->row.lifecycle == Lifecycle::paused ? "paused " : "";
  if (found->row.stage != Stage::finished) return paused + stage_name(found->row.stage);
  return found->outcome ? render(*found->outcome) : "finished without outcome";
}

void Player::expect(std::string text) {
  const ExecutionId id = id_of(next_word(text));
  std::string state;
  const bool reached = wait_until([&] {
    state = state_of(id);
    return state == text;
  });
  if (!reached) complain(fmt::format("it is '{}', expected '{}'", state, text));
}

void Player::expect_detail(std::string text) {
  const auto found = view(id_of(next_word(text)));
  const std::string detail = found && found->outcome ? found->outcome->detail : "";
  if (detail.find(text) == detail.npos) complain("the detail is:\n" + detail);
}

void Player::expect_log(std::string text, bool wanted) {
  const auto found = view(id_of(next_word(text)));
  if (!found) return complain("it is unknown");
  const auto page = machine_.engine().logs(found->row.key, 0, 1'000);
  if (!page) return complain(page.error().reason);
  const auto count = std::ranges::count(page->rows, text, &LogRow::message);
  if (plain() && wanted && count != 1) complain(fmt::format("the line is there {} times", count));
  // A workflow's; an activity's attempt whose result was lost is followed by another one.
  const bool once = found->row.pool == Pool::workflow;
  if (!plain() && once && count > 1) complain("the line is there more than once");
  if (!wanted && count != 0) complain("the line is there");
}

void Player::expect_attempts(std::string text) {
  const std::size_t at = text.rfind(' ');
  const std::uint64_t seen = machine_.world.attempts(text.substr(0, at));
  if (seen != static_cast<std::uint64_t>(std::stoll(text.substr(at))))
    complain(fmt::format("{} attempts", seen));
}

void Player::expect_events(const Command& command) {
  const auto found = view(id_of(command.text));
  if (!found) return complain("it is unknown");
  const auto page = machine_.engine().history(found->row.key, 0, 10'000);
  if (!page) return complain(page.error().reason);
  std::vector<std::string> seen;
  for (const Entry& entry : page->entries)
    seen.push_back(
        render(entry, [this](FunctionId id) { return machine_.engine().function_name(id); }));
  if (small_ ? in_any_order(seen) != in_any_order(command.block) : seen != command.block) {
    std::string text = "the events are:";
    for (const std::string& line : seen) text += "\n    " + line;
    complain(text);
  }
  events_seen_[command.line] = std::move(seen);
}

std::optional<runtime::ReplayReport> Player::replay(const ExecutionId& id) {
  auto report = std::make_shared<std::optional<runtime::ReplayReport>>();
  ask([&](Place place) {
    machine_.engine().replay(id, [place, report](Result<runtime::ReplayReport> done) {
      *place = done ? std::string() : std::string(code_name(done.error().code));
      if (done) *report = std::move(*done);
    });
  });
  return *report;
}

void Player::expect_difference(std::string text) {
  const auto report = replay(id_of(next_word(text)));
  if (!report) return complain("no report");
  if (report->difference.find(text) == text.npos)
    complain("the report says:\n" + report->difference);
}

void Player::replay_all() {
  const auto all = machine_.engine().list({.derived = true, .limit = 10'000});
  if (!all) return complain(all.error().reason);
  for (const runtime::ExecutionView& one : *all) {
    if (one.row.pool != Pool::workflow) continue;
    const std::uint64_t commits = machine_.commits();
    const auto report = replay(one.row.id);
    if (!report) complain(to_text(one.row.id) + " is not replayed");
    if (report && !report->equal)
      complain(to_text(one.row.id) + " replays otherwise:\n" + report->difference);
    if (plain() && machine_.commits() != commits) complain("a replay has written something");
  }
}

}  // namespace stele::golden

// SPDX-License-Identifier: Apache-2.0
// The requests of a scenario about executions that exist.
#include <fmt/format.h>

#include "golden/player.h"
#include "golden/render.h"

namespace stele::golden {
namespace {

constexpr const char* who = "golden";

}  // namespace

std::string Player::cut_refused(std::string& text) {
  const std::size_t at = text.rfind("refused ");
  if (at == text.npos) return {};
  const std::string code = text.substr(at + 8);
  text.resize(at);
  while (text.ends_with(' ')) text.pop_back();
  return code;
}

bool Player::perform_request(const Command& command) {
  const std::string& verb = command.verb;
  std::string text = command.text;
  const std::string refused = cut_refused(text);
  const core::Requester by{.who = who, .why = "asked"};
  if (verb.ends_with("-delay")) {
    control_delay(verb, text, refused);
    return true;
  }
  std::string rest = text;
  const ExecutionId id = id_of(next_word(rest));
  if (verb == "cancel")
    cancel(id, refused);
  else if (verb == "pause")
    request(refused, [&](Place place) { machine_.engine().pause(id, by, into<void>(place)); });
  else if (verb == "unpause")
    request(refused, [&](Place place) { machine_.engine().unpause(id, by, into<void>(place)); });
  else if (verb == "stub")
    give(id, rest, refused);
  else if (verb == "upgrade")
    upgrade(id, rest == "forced", refused);
  else if (verb == "go-on")
    go_on(id, rest, refused);
  else if (verb == "backtraces")
    backtraces(id, rest, refused);
  else
    return false;
  return true;
}

std::optional<std::string> Player::ask(const std::function<void(Place)>& make) {
  constexpr int tries_max = 500;
  constexpr Duration pause = milliseconds(20);
  lost_ = false;
  Place place;
  for (int i = 0; i < tries_max; ++i) {
    if (machine_.dead()) {
      revive();
      lost_ = lost_ || place;
      place.reset();
    }
    if (!complaints_.empty()) return std::nullopt;
    if (machine_.dead()) continue;
    machine_.settle();
    if (!place) {
      place = std::make_shared<std::optional<std::string>>();
      machine_.call([&] { make(place); });
    }
    machine_.settle();
    if (*place && **place != "unavailable") return **place;
    if (plain()) return *place;
    if (*place) {
      lost_ = true;
      place.reset();
    }
    if (!machine_.dead()) machine_.pass(pause);
  }
  return std::nullopt;
}

void Player::request(const std::string& refused, const std::function<void(Place)>& make) {
  const std::string answer = ask(make).value_or("nothing");
  // One whose answer was lost may have been done: then it is too late for it now.
  const bool too_late = answer == "failed_precondition" || answer == "aborted";
  if (lost_ && refused.empty() && too_late) return;
  if (answer != refused) complain(fmt::format("the answer was '{}'", answer));
}

void Player::cancel(const ExecutionId& id, const std::string& refused) {
  request(refused, [&](Place place) {
    machine_.engine().cancel(id, {.who = who, .why = "asked"}, into<void>(place));
  });
}

void Player::control_delay(const std::string& verb, std::string text, const std::string& refused) {
  runtime::DelayName name{.owner = id_of(next_word(text)), .join_set = next_word(text)};
  name.index = static_cast<std::uint32_t>(std::stoul(next_word(text)));
  const core::Requester by{.who = who, .why = "asked"};
  request(refused, [&](Place place) {
    if (verb == "cancel-delay")
      machine_.engine().cancel_delay(name, by, into<void>(place));
    else
      machine_.engine().pause_delay(name, verb == "pause-delay", by, into<void>(place));
  });
}

void Player::give(const ExecutionId& id, const std::string& value, const std::string& refused) {
  request(refused, [&](Place place) {
    machine_.engine().stub(id, value, {.who = who, .why = "asked"}, into<bool>(place));
  });
}

void Player::upgrade(const ExecutionId& id, bool forced, const std::string& refused) {
  request(refused, [&](Place place) {
    machine_.engine().upgrade(id, forced, {.who = who, .why = "asked"},
                              into<runtime::UpgradeReport>(place));
  });
}

void Player::go_on(const ExecutionId& id, std::string text, const std::string& refused) {
  const auto report = replay(id);
  if (!report) return complain("no report");
  runtime::AdvanceRequest wanted;
  wanted.id = id;
  wanted.version = report->version;
  wanted.writes_max = static_cast<std::uint32_t>(std::stoul(next_word(text)));
  wanted.pause_children = text.find("pause-children") != text.npos;
  wanted.pause_delays = text.find("pause-delays") != text.npos;
  wanted.by.who = who;
  request(refused, [&](Place place) {
    machine_.engine().advance(wanted, into<runtime::AdvanceReport>(place));
  });
}

void Player::backtraces(const ExecutionId& id, const std::string& count,
                        const std::string& refused) {
  auto kept = std::make_shared<std::optional<std::uint32_t>>();
  request(refused, [&](Place place) {
    machine_.engine().persist_backtraces(id, [place, kept](Result<std::uint32_t> done) {
      if (done) *kept = *done;
      *place = done ? std::string() : std::string(code_name(done.error().code));
    });
  });
  if (plain() && refused.empty() && fmt::to_string(kept->value_or(0)) != count)
    complain(fmt::format("{} backtraces were kept", kept->value_or(0)));
}

void Player::expect_captured(const Command& command) {
  const auto report = replay(id_of(command.text));
  if (!report) return complain("no report");
  if (!plain()) return;
  std::vector<std::string> seen;
  for (const Entry& entry : report->captured)
    seen.push_back(
        render(entry, [this](FunctionId id) { return machine_.engine().function_name(id); }));
  if (report->outcome) seen.push_back("ends " + render(*report->outcome));
  if (seen != command.block) {
    std::string text = "captured is:";
    for (const std::string& line : seen) text += "\n    " + line;
    complain(text);
  }
  events_seen_[command.line] = std::move(seen);
}

}  // namespace stele::golden

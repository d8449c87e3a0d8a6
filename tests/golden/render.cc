// SPDX-License-Identifier: Apache-2.0
#include "golden/render.h"

#include <fmt/format.h>

#include <array>

namespace stele::golden {
namespace {

std::string text_of(const ScheduleAt& schedule) {
  switch (schedule.kind) {
    case ScheduleAt::Kind::now: return "now";
    case ScheduleAt::Kind::at: return "at " + to_rfc3339(schedule.at);
    case ScheduleAt::Kind::in: return fmt::format("in {} ms", schedule.in.us / 1000);
  }
  return "now";
}

struct Render {
  const FunctionName& name;

  std::string operator()(const Persist& body) const {
    return fmt::format("persist kind {} {}..{}", static_cast<int>(body.kind), body.min, body.max);
  }
  std::string operator()(const JoinSetCreate& body) const {
    return fmt::format("create #{} {}", body.join_set.value, join_set_id(body.kind, body.name));
  }
  std::string operator()(const ChildRequest& body) const {
    return fmt::format("submit #{} child {} {}{}", body.join_set.value, body.index,
                       body.refused ? body.refused.ffqn : name(body.function),
                       refused(body.refused));
  }
  std::string operator()(const DelayRequest& body) const {
    return fmt::format("submit #{} delay {} {}", body.join_set.value, body.index,
                       text_of(body.schedule));
  }
  std::string operator()(const DirectCall& body) const {
    return fmt::format("call #{} o:{} {}", body.join_set.value, body.one_off, name(body.function));
  }
  std::string operator()(const Sleep& body) const {
    return fmt::format("sleep #{} o:{}-{} {}", body.join_set.value, body.one_off, body.name,
                       text_of(body.schedule));
  }
  std::string operator()(const JoinNext& body) const {
    if (body.closing) return fmt::format("close #{} unawaited {}", body.join_set.value, body.count);
    return fmt::format("next #{}{}", body.join_set.value, asked(body.requested));
  }
  std::string operator()(const JoinNextTry& body) const {
    constexpr std::array results{"", "found", "pending", "all processed"};
    return fmt::format("try #{} {}", body.join_set.value,
                       results[static_cast<std::size_t>(body.result)]);
  }
  std::string operator()(const JoinNextTooMany& body) const {
    return fmt::format("next #{}{}: nothing left", body.join_set.value, asked(body.requested));
  }
  std::string operator()(const Ending& body) const {
    return "ending " + golden::render(body.outcome);
  }
  std::string operator()(const ChildResponse& body) const {
    return fmt::format("response {} #{} child {} {}", body.seq, body.join_set.value, body.index,
                       golden::render(body.outcome));
  }
  std::string operator()(const DelayResponse& body) const {
    return fmt::format("response {} #{} delay {} {}", body.seq, body.join_set.value, body.index,
                       body.cancelled ? "cancelled" : "fired");
  }
  std::string operator()(const AttemptFailed& body) const {
    return fmt::format("attempt {} {}: {}", body.attempt, body.timed_out ? "timed out" : "failed",
                       body.reason);
  }
  std::string operator()(const Control& body) const {
    constexpr std::array kinds{"", "cancellation requested", "paused", "unpaused"};
    return fmt::format("{} by {}", kinds[static_cast<std::size_t>(body.kind)], body.requester);
  }

  std::string operator()(const Schedule& body) const {
    return fmt::format("schedule {} {}{}", name(body.function), text_of(body.schedule),
                       refused(body.refused));
  }
  std::string operator()(const Stub& body) const {
    return fmt::format("stub {}{}", body.target.suffix, refused(body.refused));
  }
  std::string operator()(const ComponentUpgrade& body) const {
    constexpr std::array results{"", "automatic", "manual", "forced", "failed"};
    return fmt::format("upgrade {}", results[static_cast<std::size_t>(body.result)]);
  }

  static std::string refused(const Refused& refused) {
    constexpr std::array kinds{"", "function not found", "type check", "execution not found",
                               "conflict"};
    if (!refused) return "";
    return fmt::format(" refused: {}", kinds[static_cast<std::size_t>(refused.kind)]);
  }
  std::string asked(const std::optional<FunctionId>& function) const {
    return function ? " for " + name(*function) : "";
  }
};

}  // namespace

std::string render(const Outcome& outcome) {
  switch (outcome.kind) {
    case OutcomeKind::ok: return outcome.value.empty() ? "ok" : "ok " + outcome.value;
    case OutcomeKind::err: return outcome.value.empty() ? "err" : "err " + outcome.value;
    case OutcomeKind::failure: break;
  }
  return fmt::format("failure {}{}{}", failure_kind_name(outcome.failure),
                     outcome.reason.empty() ? "" : " ", outcome.reason);
}

std::string render(const Entry& entry, const FunctionName& name) {
  return fmt::format("v{} {}", entry.version, std::visit(Render{name}, entry.body));
}

}  // namespace stele::golden

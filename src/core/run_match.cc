// SPDX-License-Identifier: Apache-2.0
#include "core/run_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace stele::core {
namespace {

// Takes over what is not compared.
void take_over(const Persist& stored, Persist& wanted) { wanted.value = stored.value; }
void take_over(const ChildRequest& stored, ChildRequest& wanted) { wanted.child = stored.child; }
void take_over(const DirectCall& stored, DirectCall& wanted) { wanted.child = stored.child; }
void take_over(const DelayRequest& stored, DelayRequest& wanted) {
  wanted.expires = stored.expires;
  wanted.paused = stored.paused;
}
void take_over(const Sleep& stored, Sleep& wanted) { wanted.expires = stored.expires; }
void take_over(const Schedule& stored, Schedule& wanted) {
  wanted.target = stored.target;
  wanted.at = stored.at;
  wanted.refused = stored.refused;
}
void take_over(const Stub& stored, Stub& wanted) { wanted.refused = stored.refused; }
void take_over(const JoinNextTry& stored, JoinNextTry& wanted) { wanted.result = stored.result; }
template <typename Body>
void take_over(const Body& /*stored*/, Body& /*wanted*/) {}

using Line = std::pair<std::string, std::string>;

std::string text_of(const ScheduleAt& schedule) {
  switch (schedule.kind) {
    case ScheduleAt::Kind::now: return "now";
    case ScheduleAt::Kind::at: return "at " + to_rfc3339(schedule.at);
    case ScheduleAt::Kind::in: return fmt::format("in {} us", schedule.in.us);
  }
  return "now";
}

std::string_view name_of(Persist::Kind kind) {
  switch (kind) {
    case Persist::Kind::random_u64: return "random-u64";
    case Persist::Kind::random_u64_inclusive: return "random-u64-inclusive";
    case Persist::Kind::random_string: return "random-string";
    case Persist::Kind::execution_id: return "execution-id-generate";
  }
  return "random-u64";
}

/// The lines that show a request.
struct Describe {
  const Names& names;

  std::vector<Line> operator()(const Persist& body) const {
    return {{"call", std::string(name_of(body.kind))},
            {"min", fmt::to_string(body.min)},
            {"max", fmt::to_string(body.max)}};
  }
  std::vector<Line> operator()(const JoinSetCreate& body) const {
    return {{"call", "join-set-create"}, {"join set", join_set_id(body.kind, body.name)}};
  }
  std::vector<Line> operator()(const ChildRequest& body) const {
    return {{"call", "submit"},
            {"join set", names.join_set(body.join_set)},
            {"child", fmt::to_string(body.index)},
            {"function", asked(body.function, body.refused)},
            {"params hash", to_hex(view(body.params_hash))}};
  }
  std::vector<Line> operator()(const Schedule& body) const {
    return {{"call", "schedule"},
            {"execution", to_text(ExecutionId{.root = body.id})},
            {"schedule", text_of(body.schedule)},
            {"function", asked(body.function, body.refused)},
            {"params hash", to_hex(view(body.params_hash))}};
  }
  std::vector<Line> operator()(const Stub& body) const {
    return {{"call", "stub"},
            {"execution", to_text(body.target)},
            {"value hash", to_hex(view(body.value_hash))}};
  }
  std::vector<Line> operator()(const DelayRequest& body) const {
    return {{"call", "submit-delay"},
            {"join set", names.join_set(body.join_set)},
            {"delay", fmt::to_string(body.index)},
            {"schedule", text_of(body.schedule)}};
  }
  std::vector<Line> operator()(const DirectCall& body) const {
    return {{"call", "direct call"},
            {"one-off", fmt::to_string(body.one_off)},
            {"function", names.function(body.function)},
            {"params hash", to_hex(view(body.params_hash))}};
  }
  std::vector<Line> operator()(const Sleep& body) const {
    return {{"call", "sleep"},
            {"one-off", fmt::to_string(body.one_off)},
            {"name", body.name},
            {"schedule", text_of(body.schedule)}};
  }
  std::vector<Line> operator()(const JoinNext& body) const {
    if (body.closing)
      return {{"call", "join-set-close"},
              {"join set", names.join_set(body.join_set)},
              {"unawaited", fmt::to_string(body.count)}};
    return {{"call", "join-next"},
            {"join set", names.join_set(body.join_set)},
            {"function", requested(body.requested)}};
  }
  std::vector<Line> operator()(const JoinNextTry& body) const {
    return {{"call", "join-next-try"}, {"join set", names.join_set(body.join_set)}};
  }
  std::vector<Line> operator()(const JoinNextTooMany& body) const {
    return {{"call", "join-next (nothing left)"},
            {"join set", names.join_set(body.join_set)},
            {"function", requested(body.requested)}};
  }
  template <typename Body>
  std::vector<Line> operator()(const Body& /*body*/) const {
    return {};
  }

  std::string asked(FunctionId function, const Refused& refused) const {
    return refused.ffqn.empty() ? names.function(function) : refused.ffqn;
  }
  std::string requested(const std::optional<FunctionId>& function) const {
    return function ? names.function(*function) : "any";
  }
};

std::vector<Line> describe(const Outcome& outcome) {
  switch (outcome.kind) {
    case OutcomeKind::ok: return {{"end", "ok"}, {"value", outcome.value}};
    case OutcomeKind::err: return {{"end", "err"}, {"value", outcome.value}};
    case OutcomeKind::failure:
      return {{"end", "failure"}, {"kind", std::string(failure_kind_name(outcome.failure))}};
  }
  return {};
}

void append(std::string& text, std::string_view title, const std::vector<Line>& lines,
            const std::vector<Line>& others) {
  constexpr std::size_t value_max = 512;
  text += title;
  text += ":\n";
  for (const Line& line : lines) {
    const bool same = std::ranges::find(others, line) != others.end();
    text += fmt::format("{} {}: {}\n", same ? ' ' : '!', line.first,
                        std::string_view(line.second).substr(0, value_max));
  }
}

std::string side_by_side(std::string_view title, const std::vector<Line>& stored,
                         const std::vector<Line>& now) {
  std::string text;
  append(text, title, stored, now);
  append(text, "now", now, stored);
  text.pop_back();
  return text;
}

std::string title_of(const Entry& stored) {
  return fmt::format("stored at version {}", stored.version);
}

}  // namespace

bool match(const EntryBody& stored, EntryBody& wanted) {
  if (stored.index() != wanted.index()) return false;
  return std::visit(
      [&](auto& body) {
        const auto& other = std::get<std::remove_reference_t<decltype(body)>>(stored);
        take_over(other, body);
        return other == body;
      },
      wanted);
}

std::string difference(const Entry& stored, const EntryBody& wanted, const Names& names) {
  const Describe describe_body{names};
  return side_by_side(title_of(stored), std::visit(describe_body, stored.body),
                      std::visit(describe_body, wanted));
}

ExecutionKey made_by(const EntryBody& stored) {
  if (const auto* child = std::get_if<ChildRequest>(&stored)) return child->child;
  if (const auto* call = std::get_if<DirectCall>(&stored)) return call->child;
  if (const auto* schedule = std::get_if<Schedule>(&stored)) return schedule->target;
  return {};
}

std::string difference_of_params(const EntryBody& stored, const EntryBody& wanted,
                                 const std::function<std::string(ExecutionKey)>& stored_params,
                                 const std::function<std::string()>& params_now) {
  constexpr std::size_t params_max = 2'000;
  const ExecutionKey made = made_by(stored);
  if (!made || stored.index() != wanted.index()) return {};
  const auto hash_of = [](const EntryBody& body) {
    if (const auto* child = std::get_if<ChildRequest>(&body)) return child->params_hash;
    if (const auto* call = std::get_if<DirectCall>(&body)) return call->params_hash;
    return std::get<Schedule>(body).params_hash;
  };
  if (hash_of(stored) == hash_of(wanted)) return {};
  return fmt::format("\nparams stored: {}\nparams of the call: {}",
                     stored_params(made).substr(0, params_max), params_now().substr(0, params_max));
}

std::string difference_at_end(const Entry& stored, const Names& names) {
  return side_by_side(title_of(stored), std::visit(Describe{names}, stored.body),
                      {{"call", "none, the code has ended"}});
}

std::string difference_after_end(const Outcome& stored, const EntryBody& wanted,
                                 const Names& names) {
  return side_by_side("stored", describe(stored), std::visit(Describe{names}, wanted));
}

std::string difference_of_ends(const Outcome& stored, const Outcome& now) {
  return side_by_side("stored", describe(stored), describe(now));
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
#include "api/render_entry.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/json_text.h"

namespace stele::api {
namespace {

std::uint64_t big_endian(const Bytes& bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
  return value;
}

std::string generated_id(const Bytes& bytes) {
  const Ulid ulid{big_endian(bytes.substr(0, 8)),
                  bytes.size() > 8 ? big_endian(bytes.substr(8)) : 0};
  return to_text(ExecutionId{ulid, ""});
}

std::string persisted_value(const Persist& persist) {
  switch (persist.kind) {
    case Persist::Kind::random_u64:
    case Persist::Kind::random_u64_inclusive: return std::to_string(big_endian(persist.value));
    case Persist::Kind::random_string: return json_string(persist.value);
    case Persist::Kind::execution_id: return json_string(generated_id(persist.value));
  }
  return "null";
}

std::string persist_kind(const Persist& persist) {
  const auto range = [&](std::string_view type, std::string_view low, std::string_view high) {
    return fmt::format(R"({{"type":"{}","{}":{},"{}":{}}})", type, low, persist.min, high,
                       persist.max);
  };
  switch (persist.kind) {
    case Persist::Kind::random_u64: return range("random_u64", "min", "max_exclusive");
    case Persist::Kind::random_u64_inclusive:
      return range("random_u64_inclusive", "min", "max_inclusive");
    case Persist::Kind::random_string:
      return range("random_string", "min_length", "max_length_exclusive");
    case Persist::Kind::execution_id: break;
  }
  return R"({"type":"execution_id"})";
}

std::string schedule_json(const ScheduleAt& schedule) {
  switch (schedule.kind) {
    case ScheduleAt::Kind::now: return "\"now\"";
    case ScheduleAt::Kind::at:
      return fmt::format("{{\"at\":{}}}", json_string(to_rfc3339(schedule.at)));
    case ScheduleAt::Kind::in: break;
  }
  return fmt::format("{{\"in\":{{\"milliseconds\":{}}}}}", schedule.in.us / 1000);
}

std::string_view try_outcome(JoinNextTry::Result result) {
  switch (result) {
    case JoinNextTry::Result::found: return "found";
    case JoinNextTry::Result::pending: return "pending";
    case JoinNextTry::Result::all_processed: return "all_processed";
  }
  return "pending";
}

std::string_view control_kind(Control::Kind kind) {
  switch (kind) {
    case Control::Kind::cancellation_requested: return "cancellation_requested";
    case Control::Kind::paused: return "paused";
    case Control::Kind::unpaused: return "unpaused";
  }
  return "paused";
}

/// {"ok":null}, or {"err":…} as the caller was told (contract 1.4).
std::string request_result(const Refused& refused) {
  switch (refused.kind) {
    case Refused::Kind::none: break;
    case Refused::Kind::function_not_found: return R"({"err":"function_not_found"})";
    case Refused::Kind::type_check:
      return fmt::format(R"({{"err":{{"type_check_error":{}}}}})", json_string(refused.text));
    case Refused::Kind::execution_not_found: return R"({"err":"execution_not_found"})";
    case Refused::Kind::conflict: return R"({"err":"conflict"})";
  }
  return R"({"ok":null})";
}

std::string refused_text(const Refused& refused) {
  switch (refused.kind) {
    case Refused::Kind::none: break;
    case Refused::Kind::function_not_found: return " refused: no such function";
    case Refused::Kind::type_check: return " refused: " + refused.text;
    case Refused::Kind::execution_not_found: return " refused: no such execution";
    case Refused::Kind::conflict: return " refused: it is there with something else";
  }
  return "";
}

std::string upgrade_outcome(const ComponentUpgrade& upgrade) {
  switch (upgrade.result) {
    case ComponentUpgrade::Result::automatic:
      return R"({"type":"success","reason":{"type":"auto"}})";
    case ComponentUpgrade::Result::manual:
      return R"({"type":"success","reason":{"type":"manual","force":false}})";
    case ComponentUpgrade::Result::forced:
      return R"({"type":"success","reason":{"type":"manual","force":true}})";
    case ComponentUpgrade::Result::failed: break;
  }
  return fmt::format(R"({{"type":"failed","reason":{}}})", json_string(upgrade.reason));
}

constexpr std::size_t summary_bytes_max = 200;

/// One line of bounded length, cut between characters.
std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  if (text.size() <= summary_bytes_max) return text;
  std::size_t end = summary_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

std::string requested_text(const std::string& requested) {
  return requested.empty() ? std::string() : " for " + requested;
}

}  // namespace

EventView make_event(EventHead head, std::string kind, std::string summary,
                     std::string_view event) {
  std::string json = fmt::format(R"({{"created_at":{},"event":{},"version":{}}})",
                                 json_string(to_rfc3339(head.at)), event, head.version);
  return {head.version, head.at, std::move(kind), one_line(std::move(summary)), std::move(json)};
}

std::vector<EventView> EntryRenderer::events() {
  std::visit([this](const auto& body) { add(body); }, entry_.body);
  return std::move(events_);
}

ResponseView EntryRenderer::response() {
  if (const auto* delay = std::get_if<DelayResponse>(&entry_.body)) return answer(*delay);
  if (const auto* child = std::get_if<ChildResponse>(&entry_.body)) return answer(*child);
  return {};
}

void EntryRenderer::add(const Persist& body) {
  const std::string value = persisted_value(body);
  history_event("persist", value,
                fmt::format("\"value\":{},\"kind\":{}", value, persist_kind(body)));
}

void EntryRenderer::add(const JoinSetCreate& body) { set_created(set_id(body.join_set)); }

void EntryRenderer::add(const ChildRequest& body) { child_requested(set_id(body.join_set), body); }

void EntryRenderer::add(const DelayRequest& body) { delay_requested(set_id(body.join_set), body); }

void EntryRenderer::add(const DirectCall& body) {
  const std::string set = set_id(body.join_set);
  set_created(set);
  child_requested(set, {.index = 1, .child = body.child, .function = body.function});
  next_joined(set, body.function, false);
}

void EntryRenderer::add(const Sleep& body) {
  const std::string set = set_id(body.join_set);
  set_created(set);
  delay_requested(set, {.index = 1, .schedule = body.schedule, .expires = body.expires});
  next_joined(set, FunctionId(), false);
}

void EntryRenderer::add(const JoinNext& body) {
  const std::string set = set_id(body.join_set);
  const std::uint32_t from = std::max(context_.from_version, entry_.version);
  const std::uint32_t skipped = std::min(from - entry_.version, body.count);
  next_version_ += skipped;
  const std::uint32_t count = std::min(body.count - skipped, context_.events_max);
  for (std::uint32_t i = 0; i < count; ++i) {
    next_joined(set, body.requested.value_or(FunctionId()), body.closing);
  }
}

void EntryRenderer::add(const JoinNextTry& body) {
  const std::string set = set_id(body.join_set);
  const std::string_view outcome = try_outcome(body.result);
  history_event("join_next_try", fmt::format("{} {}", set, outcome),
                fmt::format(R"("join_set_id":{},"outcome":"{}")", json_string(set), outcome));
}

void EntryRenderer::add(const JoinNextTooMany& body) {
  const std::string set = set_id(body.join_set);
  const std::string requested = ffqn(body.requested.value_or(FunctionId()));
  history_event("join_next_too_many", set + requested_text(requested),
                fmt::format(R"("join_set_id":{},"requested_ffqn":{})", json_string(set),
                            json_string_or_null(requested)));
}

void EntryRenderer::add(const AttemptFailed& body) {
  const std::string until = to_rfc3339(body.retry_at);
  if (body.timed_out) {
    event("temporarily_timed_out", fmt::format("attempt {}; again at {}", body.attempt, until),
          fmt::format(R"({{"temporarily_timed_out":{{"backoff_expires_at":{}}}}})",
                      json_string(until)));
    return;
  }
  event(
      "temporarily_failed",
      fmt::format("attempt {}: {}; again at {}", body.attempt, body.reason, until),
      fmt::format(R"({{"temporarily_failed":{{"backoff_expires_at":{},"reason":{},"detail":{}}}}})",
                  json_string(until), json_string(body.reason), json_string_or_null(body.detail)));
}

void EntryRenderer::add(const Control& body) {
  const std::string kind(control_kind(body.kind));
  event(kind, body.reason.empty() ? body.requester : body.requester + ": " + body.reason,
        fmt::format(R"({{"{}":{{"requester":{},"reason":{}}}}})", kind,
                    json_string_or_null(body.requester), json_string_or_null(body.reason)));
}

void EntryRenderer::add(const Schedule& body) {
  const std::string id = to_text(ExecutionId{body.id, ""});
  const std::string name = ffqn(body.function, body.refused);
  history_event(
      "schedule", fmt::format("{} {}{}", id, name, refused_text(body.refused)),
      fmt::format(R"("execution_id":{},"schedule_at":{},"ffqn":{},"result":{})", json_string(id),
                  schedule_json(body.schedule), json_string(name), request_result(body.refused)));
}

void EntryRenderer::add(const Stub& body) {
  const std::string id = to_text(body.target);
  history_event(
      "stub", id + refused_text(body.refused),
      fmt::format(R"("target_execution_id":{},"value_hash":"{}","result":{})", json_string(id),
                  to_hex(view(body.value_hash)), request_result(body.refused)));
}

void EntryRenderer::add(const ComponentUpgrade& body) {
  const bool failed = body.result == ComponentUpgrade::Result::failed;
  event("component_upgrade_finished",
        failed ? fmt::format("{} refused: {}", body.digest, body.reason) : body.digest,
        fmt::format(R"({{"component_upgrade_finished":{{"component_digest":{},)"
                    R"("deployment_id":{},"outcome":{}}}}})",
                    json_string(body.digest), json_string(deployment_text(body.deployment)),
                    upgrade_outcome(body)));
}

ResponseView EntryRenderer::answer(const ChildResponse& body) {
  const auto child = context_.index.child(body.child);
  std::string id;
  if (child) {
    const std::string set = set_id(child->join_set);
    id = to_text(
        ExecutionId{context_.owner.root, child_suffix(context_.owner.suffix, set, child->index)});
  }
  const std::string result = render_result(body.outcome);
  return make_response("child_execution_finished", body.join_set, fmt::format("{} {}", id, result),
                       fmt::format(R"("child_execution_id":{},"finished_version":{},"result":{})",
                                   json_string_or_null(id), body.finished_version, result));
}

ResponseView EntryRenderer::answer(const DelayResponse& body) {
  const std::string id = delay_id(context_.owner, set_id(body.join_set), body.index);
  return make_response("delay_finished", body.join_set, id + (body.cancelled ? " cancelled" : ""),
                       fmt::format(R"("delay_id":{},"result":{})", json_string(id),
                                   body.cancelled ? R"({"err":null})" : R"({"ok":null})"));
}

ResponseView EntryRenderer::make_response(std::string_view kind, JoinSetOrdinal set,
                                          std::string summary, const std::string& fields) {
  const auto* child = std::get_if<ChildResponse>(&entry_.body);
  const auto* delay = std::get_if<DelayResponse>(&entry_.body);
  const std::uint32_t seq = child != nullptr ? child->seq : delay->seq;
  std::string join_set = set_id(set);
  std::string json = fmt::format(
      R"({{"created_at":{},"event":{{"join_set_id":{},"event":{{"type":"{}",{}}}}},"seq":{}}})",
      json_string(to_rfc3339(entry_.at)), json_string(join_set), kind, fields, seq);
  return {seq,
          entry_.at,
          std::move(join_set),
          std::string(kind),
          one_line(std::move(summary)),
          std::move(json)};
}

void EntryRenderer::set_created(const std::string& set) {
  history_event("join_set_create", set, fmt::format("\"join_set_id\":{}", json_string(set)));
}

void EntryRenderer::child_requested(const std::string& set, const ChildRequest& request) {
  const ExecutionId child{context_.owner.root,
                          child_suffix(context_.owner.suffix, set, request.index)};
  const std::string name = ffqn(request.function, request.refused);
  history_event("join_set_request",
                fmt::format("{}_{} {}{}", set, request.index, name, refused_text(request.refused)),
                fmt::format(R"("join_set_id":{},"request":{{"type":"child_execution_request",)"
                            R"("child_execution_id":{},"target_ffqn":{},"params":{},"result":{}}})",
                            json_string(set), json_string(to_text(child)), json_string(name),
                            params(request.child), request_result(request.refused)));
}

void EntryRenderer::delay_requested(const std::string& set, const DelayRequest& request) {
  const std::string expires = to_rfc3339(request.expires);
  history_event(
      "join_set_request",
      fmt::format("{}_{} delay until {}{}", set, request.index, expires,
                  request.paused ? " (paused)" : ""),
      fmt::format(R"("join_set_id":{},"request":{{"type":"delay_request","delay_id":{},)"
                  R"("expires_at":{},"schedule_at":{},"paused":{}}})",
                  json_string(set), json_string(delay_id(context_.owner, set, request.index)),
                  json_string(expires), schedule_json(request.schedule), request.paused));
}

void EntryRenderer::next_joined(const std::string& set, FunctionId requested, bool closing) {
  const std::string name = ffqn(requested);
  history_event("join_next", set + requested_text(name) + (closing ? " closing" : ""),
                fmt::format(R"("join_set_id":{},"requested_ffqn":{},"closing":{})",
                            json_string(set), json_string_or_null(name), closing));
}

void EntryRenderer::history_event(std::string_view type, std::string summary,
                                  const std::string& fields) {
  event(std::string(type), std::move(summary),
        fmt::format(R"({{"history_event":{{"event":{{"type":"{}",{}}}}}}})", type, fields));
}

void EntryRenderer::event(std::string kind, std::string summary, const std::string& json) {
  events_.push_back(
      make_event({next_version_++, entry_.at}, std::move(kind), std::move(summary), json));
}

std::string EntryRenderer::set_id(JoinSetOrdinal ordinal) const {
  return join_set_text(ordinal, context_.index, context_.function_name);
}

std::string EntryRenderer::ffqn(FunctionId function) const {
  return function ? context_.function_name(function) : std::string();
}

std::string EntryRenderer::ffqn(FunctionId function, const Refused& refused) const {
  return function ? ffqn(function) : refused.ffqn;
}

std::string EntryRenderer::params(ExecutionKey child) const {
  if (context_.params == nullptr || !child) return "null";
  const auto found = context_.params->find(child);
  return found == context_.params->end() ? "null" : user_form(found->second);
}

}  // namespace stele::api

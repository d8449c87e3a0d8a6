// SPDX-License-Identifier: Apache-2.0
// Requests that change an execution: start, end, pause, complete, upgrade.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/service.h"

namespace stele::api {
namespace {

constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t value_bytes_max = 4U << 20U;

Result<Ulid> parse_top_level(std::string_view text) {
  const ExecutionId id = TRY(parse_execution_id(text));
  if (id.suffix.empty()) return id.root;
  return fail(Code::invalid_argument,
              "a new execution needs a top-level id: `E_` and 26 characters, without a `.`",
              std::string(text));
}

Result<void> check_length(std::string_view name, std::string_view value) {
  if (value.size() <= name_bytes_max) return {};
  return fail(Code::invalid_argument, fmt::format("{} has {} bytes; at most {} are accepted", name,
                                                  value.size(), name_bytes_max));
}

Result<void> check_requester(const core::Requester& by) {
  TRY(check_length("the requester", by.who));
  return check_length("the reason", by.why);
}

/// The id, if the requester is acceptable too.
Result<ExecutionId> parse_request(std::string_view id, const core::Requester& by) {
  ExecutionId parsed = TRY(parse_execution_id(id));
  TRY(check_requester(by));
  return parsed;
}
Result<runtime::DelayName> parse_delay_request(std::string_view id, const core::Requester& by) {
  runtime::DelayName parsed = TRY(runtime::parse_delay_name(id));
  TRY(check_requester(by));
  return parsed;
}

/// Only the outer form; the type is checked by the engine.
Result<void> check_value(const std::string& value) {
  if (value.size() > value_bytes_max) {
    return fail(Code::invalid_argument, fmt::format("the value has {} bytes; at most {} are "
                                                    "accepted",
                                                    value.size(), value_bytes_max));
  }
  const auto parsed = nlohmann::json::parse(value, nullptr, false);
  const bool whole =
      parsed.is_object() && parsed.size() == 1 && (parsed.contains("ok") || parsed.contains("err"));
  if (whole) return {};
  return fail(Code::invalid_argument,
              "a value for a stub is a JSON object with one member: {\"ok\": value} or "
              "{\"err\": value}, with null where the function has no such value");
}

Result<runtime::SubmitRequest> make_submit(SubmitInput input) {
  runtime::SubmitRequest request{.id = std::nullopt,
                                 .ffqn = std::move(input.ffqn),
                                 .params = std::move(input.params),
                                 .requester = std::move(input.requester),
                                 .paused = input.paused};
  TRY(check_length("the requester", request.requester));
  if (!input.id.empty()) request.id = TRY(parse_top_level(input.id));
  TRY(parse_ffqn(request.ffqn));
  return request;
}

}  // namespace

void Service::submit(SubmitInput input, runtime::Done<runtime::Submitted> done) {
  auto request = make_submit(std::move(input));
  if (!request) return done(std::unexpected(std::move(request.error())));
  engine_.submit(std::move(*request), std::move(done));
}

void Service::run(FollowHub::Ticket ticket, SubmitInput input, FollowHub::RunCallback done) {
  auto request = make_submit(std::move(input));
  if (request) return hub_->run(ticket, std::move(*request), std::move(done));
  if (hub_->cancel(ticket)) done(std::unexpected(std::move(request.error())), false);
}

void Service::cancel(std::string_view text, core::Requester by, runtime::Done<void> done) {
  auto id = parse_request(text, by);
  if (!id) return done(std::unexpected(std::move(id.error())));
  engine_.cancel(std::move(*id), std::move(by), std::move(done));
}

void Service::pause(std::string_view text, core::Requester by, runtime::Done<void> done) {
  auto id = parse_request(text, by);
  if (!id) return done(std::unexpected(std::move(id.error())));
  engine_.pause(std::move(*id), std::move(by), std::move(done));
}

void Service::unpause(std::string_view text, core::Requester by, runtime::Done<void> done) {
  auto id = parse_request(text, by);
  if (!id) return done(std::unexpected(std::move(id.error())));
  engine_.unpause(std::move(*id), std::move(by), std::move(done));
}

void Service::cancel_delay(std::string_view text, core::Requester by, runtime::Done<void> done) {
  auto delay = parse_delay_request(text, by);
  if (!delay) return done(std::unexpected(std::move(delay.error())));
  engine_.cancel_delay(std::move(*delay), std::move(by), std::move(done));
}

void Service::pause_delay(std::string_view text, bool paused, core::Requester by,
                          runtime::Done<void> done) {
  auto delay = parse_delay_request(text, by);
  if (!delay) return done(std::unexpected(std::move(delay.error())));
  engine_.pause_delay(std::move(*delay), paused, std::move(by), std::move(done));
}

void Service::stub(std::string_view text, std::string result, core::Requester by,
                   runtime::Done<bool> done) {
  auto id = parse_request(text, by);
  if (!id) return done(std::unexpected(std::move(id.error())));
  if (auto fits = check_value(result); !fits) {
    return done(std::unexpected(std::move(fits.error())));
  }
  engine_.stub(std::move(*id), std::move(result), std::move(by), std::move(done));
}

void Service::upgrade(std::string_view text, bool skip_check, core::Requester by,
                      runtime::Done<runtime::UpgradeReport> done) {
  auto id = parse_request(text, by);
  if (!id) return done(std::unexpected(std::move(id.error())));
  engine_.upgrade(std::move(*id), skip_check, std::move(by), std::move(done));
}

void Service::advance(std::string_view text, runtime::AdvanceRequest request,
                      runtime::Done<runtime::AdvanceReport> done) {
  auto id = parse_request(text, request.by);
  if (!id) return done(std::unexpected(std::move(id.error())));
  request.id = std::move(*id);
  engine_.advance(std::move(request), std::move(done));
}

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
// The calls of a workflow that concern no open join set (contract 1.4, 2.3).
#include <fmt/format.h>

#include <algorithm>

#include "core/run_json.h"
#include "core/run_machine.h"
#include "core/run_random.h"

namespace stele::core {
namespace {

std::string_view own_name(std::string_view ffqn) { return ffqn.substr(ffqn.rfind('.') + 1); }

bool valid_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '/';
  });
}

Bytes big_endian(std::uint64_t value) {
  Bytes bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes += static_cast<char>(static_cast<unsigned char>(value >> static_cast<unsigned>(shift)));
  return bytes;
}

std::uint64_t from_big_endian(BytesView bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes.substr(0, 8)) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

Instant expiry(const ScheduleAt& schedule, Instant now) {
  switch (schedule.kind) {
    case ScheduleAt::Kind::now: return now;
    case ScheduleAt::Kind::at: return schedule.at;
    case ScheduleAt::Kind::in: return now + schedule.in;
  }
  return now;
}

RunMachine::Operation RunMachine::operation_of(HostOp op) {
  switch (op) {
    case HostOp::direct_call: return &RunMachine::direct_call;
    case HostOp::execution_id_current: return &RunMachine::current;
    case HostOp::random_u64:
    case HostOp::random_u64_inclusive: return &RunMachine::random_number;
    case HostOp::random_string: return &RunMachine::random_text;
    case HostOp::sleep: return &RunMachine::sleep;
    case HostOp::join_set_create: return &RunMachine::create;
    case HostOp::join_set_create_named: return &RunMachine::create_named;
    case HostOp::last_direct_call_id: return &RunMachine::last_direct;
    case HostOp::last_oneoff_id: return &RunMachine::last_one_off;
    case HostOp::execution_id_generate: return &RunMachine::generate_id;
    case HostOp::submit:
    case HostOp::await_next:
    case HostOp::join_set_close:
    case HostOp::join_set_drop:
    case HostOp::join_set_id:
    case HostOp::join_set_last_id:
    case HostOp::submit_delay:
    case HostOp::join_next:
    case HostOp::submit_json:
    case HostOp::join_next_try: return &RunMachine::use_set;
    case HostOp::get:
    case HostOp::get_result_json:
    case HostOp::get_execution_failure_kind: return &RunMachine::get;
    case HostOp::schedule: return &RunMachine::schedule;
    case HostOp::schedule_json: return &RunMachine::schedule_json;
    case HostOp::call_json: return &RunMachine::call_json;
    case HostOp::stub: return &RunMachine::stub;
    case HostOp::stub_json: return &RunMachine::stub_json;
  }
  return &RunMachine::use_set;
}

CallOutcome RunMachine::direct_call(const GuestCall& call) {
  auto params = new_params(call);
  if (!params) return refuse(call, params.error().reason);
  return call_one_off({.function = call.target->function,
                       .label = own_name(call.target->ffqn),
                       .params_hash = call.params_hash,
                       .params = std::move(*params)});
}

CallOutcome RunMachine::call_one_off(CatalogCall wanted) {
  const JoinSetOrdinal ordinal(next_ordinal_);
  const DirectCall body{.join_set = ordinal,
                        .one_off = one_offs_ + 1,
                        .function = wanted.function,
                        .params_hash = wanted.params_hash};
  if (!replay_equal(body)) {
    EntryBody made = body;
    const std::string set = OneOff{body.one_off, std::string(wanted.label)}.id();
    if (!record(made, std::move(wanted.params), set)) return stopped();
  }
  ++next_ordinal_;
  ++one_offs_;
  start_.history.made_one_off(ordinal);
  last_direct_.number = last_one_off_.number = body.one_off;
  last_direct_.label = wanted.label;
  last_one_off_.label = wanted.label;
  last_one_off_is_delay_ = false;
  return wait_for({.kind = wanted.kind, .set = ordinal, .function = wanted.function});
}

CallOutcome RunMachine::sleep(const GuestCall& call) {
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  auto params = parse_sleep(*text);
  if (!params) return refuse(call, params.error().reason);
  const std::string name = params->name.value_or("sleep");
  if (!valid_name(name))
    return refuse(call, fmt::format("invalid name '{}': only letters, digits, '-' and '/'", name));
  if (name.size() > start_.options.name_bytes_max)
    return refuse(call, fmt::format("a name of {} bytes is too long, {} are allowed", name.size(),
                                    start_.options.name_bytes_max));
  const JoinSetOrdinal ordinal(next_ordinal_);
  const OneOff one_off{one_offs_ + 1, name};
  EntryBody wanted = Sleep{.join_set = ordinal,
                           .one_off = one_off.number,
                           .name = name,
                           .schedule = params->schedule,
                           .expires = expiry(params->schedule, now_)};
  if (!record(wanted, {}, one_off.id())) return stopped();
  ++next_ordinal_;
  ++one_offs_;
  start_.history.made_one_off(ordinal);
  last_one_off_ = one_off;
  last_one_off_is_delay_ = true;
  return wait_for(
      {.kind = Waiting::Kind::sleep, .set = ordinal, .expires = std::get<Sleep>(wanted).expires});
}

CallOutcome RunMachine::create(const GuestCall& call) {
  return create_set(call, {.join_set = JoinSetOrdinal(next_ordinal_),
                           .kind = JoinSetKind::generated,
                           .name = fmt::to_string(generated_ + 1)});
}

CallOutcome RunMachine::create_named(const GuestCall& call) {
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto name = parse_name(*text);
  if (!name) return refuse(call, name.error().reason);
  std::string reason;
  if (!valid_name(*name)) reason = "only letters, digits, '-' and '/' are allowed";
  if (name->size() > start_.options.name_bytes_max)
    reason = fmt::format("{} bytes are too long, {} are allowed", name->size(),
                         start_.options.name_bytes_max);
  if (!reason.empty())
    return answer(fmt::format(R"({{"err":{{"invalid_name":{}}}}})", json_string(reason)));
  if (names_used_.contains(*name)) return answer(R"({"err":"conflict"})");
  return create_set(
      call, {.join_set = JoinSetOrdinal(next_ordinal_), .kind = JoinSetKind::named, .name = *name});
}

CallOutcome RunMachine::create_set(const GuestCall& call, JoinSetCreate create) {
  if (sets_.size() >= start_.options.open_sets_max)
    return refuse(call, fmt::format("the limit of {} open join sets is reached",
                                    start_.options.open_sets_max));
  EntryBody wanted = create;
  if (!record(wanted)) return stopped();
  const bool named = create.kind == JoinSetKind::named;
  ++next_ordinal_;
  if (named) names_used_.insert(create.name);
  if (!named) ++generated_;
  RunSet set{.kind = create.kind, .name = std::move(create.name)};
  set.queue = start_.history.take_arrivals(create.join_set);
  sets_.emplace(create.join_set, std::move(set));
  return answer(
      fmt::format(R"({}{}{})", named ? R"({"ok":)" : "", create.join_set.value, named ? "}" : ""));
}

CallOutcome RunMachine::last_direct(const GuestCall& /*call*/) {
  return answer(last_direct_.number == 0 ? "null" : child_text(last_direct_.id(), 1));
}

CallOutcome RunMachine::last_one_off(const GuestCall& /*call*/) {
  if (last_one_off_.number == 0) return answer("null");
  return answer(response_id(last_one_off_.id(), {.index = 1, .delay = last_one_off_is_delay_}));
}

CallOutcome RunMachine::current(const GuestCall& /*call*/) {
  return answer(fmt::format(R"({{"id":"{}"}})", id_text_));
}

CallOutcome RunMachine::persist(const GuestCall& call, Persist wanted) {
  RandomStream stream(seed_, requests_);
  if (wanted.kind == Persist::Kind::random_u64)
    wanted.value = big_endian(stream.between(wanted.min, wanted.max - 1));
  if (wanted.kind == Persist::Kind::random_u64_inclusive)
    wanted.value = big_endian(stream.between(wanted.min, wanted.max));
  if (wanted.kind == Persist::Kind::random_string)
    wanted.value = stream.text(stream.between(wanted.min, wanted.max - 1));
  if (wanted.kind == Persist::Kind::execution_id) {
    const Ulid ulid = stream.ulid(start_.id.root);
    wanted.value = big_endian(ulid.high) + big_endian(ulid.low);
  }
  EntryBody body = std::move(wanted);
  if (!record(body)) return stopped();
  const auto& recorded = std::get<Persist>(body);
  const bool number = recorded.kind == Persist::Kind::random_u64 ||
                      recorded.kind == Persist::Kind::random_u64_inclusive;
  const bool sized =
      recorded.kind == Persist::Kind::random_string || recorded.value.size() == (number ? 8U : 16U);
  if (!sized) return refuse(call, "the stored value is damaged");
  if (number) return answer(fmt::to_string(from_big_endian(recorded.value)));
  if (recorded.kind == Persist::Kind::random_string) return answer(json_string(recorded.value));
  const BytesView bytes = recorded.value;
  const ExecutionId id{.root = {from_big_endian(bytes), from_big_endian(bytes.substr(8))}};
  return answer(fmt::format(R"({{"id":"{}"}})", to_text(id)));
}

CallOutcome RunMachine::random_number(const GuestCall& call) {
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto range = parse_range(*text);
  if (!range) return refuse(call, range.error().reason);
  const bool inclusive = call.target->op == HostOp::random_u64_inclusive;
  if (range->min > range->max || (!inclusive && range->min == range->max))
    return refuse(call, "range must not be empty");
  return persist(
      call, {.kind = inclusive ? Persist::Kind::random_u64_inclusive : Persist::Kind::random_u64,
             .min = range->min,
             .max = range->max});
}

CallOutcome RunMachine::random_text(const GuestCall& call) {
  const auto text = call.params->render();
  if (!text) return refuse(call, text.error().reason);
  const auto range = parse_range(*text);
  if (!range) return refuse(call, range.error().reason);
  constexpr std::uint64_t length_max = UINT16_MAX;
  if (range->min >= range->max || range->max > length_max)
    return refuse(call, "range must not be empty");
  return persist(call,
                 {.kind = Persist::Kind::random_string, .min = range->min, .max = range->max});
}

CallOutcome RunMachine::generate_id(const GuestCall& call) {
  return persist(call, {.kind = Persist::Kind::execution_id});
}

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
#include "journal/codec.h"

#include <algorithm>

#include "journal/hash.h"
#include "stele/journal/v1/journal.pb.h"

namespace stele {
namespace {

namespace v1 = journal::v1;

constexpr std::uint32_t algorithm_blake2b_128 = 1;

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Code::data_loss, "stored bytes are damaged: " + std::string(what));
}

// Encoding ----------------------------------------------------------------------------------------

/// Puts a value into the field or, when it is long, into the sink and a reference.
template <typename SetInline, typename MakeRef>
Result<void> put_value(BytesView value, BlobSink& sink, SetInline set_inline, MakeRef make_ref) {
  if (value.empty()) return {};
  if (value.size() <= inline_value_bytes_max) {
    set_inline(value);
    return {};
  }
  const Hash128 hash = blake2b_128(value);
  TRY(sink.put_value(hash, value));
  v1::BlobRef* ref = make_ref();
  ref->set_algorithm(algorithm_blake2b_128);
  ref->set_hash(hash.bytes.data(), hash.bytes.size());
  ref->set_size(value.size());
  return {};
}

Result<void> put(const Outcome& from, BlobSink& sink, v1::Outcome& to) {
  to.set_kind(static_cast<std::uint32_t>(from.kind));
  TRY(put_value(
      from.value, sink, [&](BytesView v) { to.set_value(v.data(), v.size()); },
      [&] { return to.mutable_value_blob(); }));
  if (from.kind == OutcomeKind::failure || from.failure != FailureKind::uncategorized) {
    to.set_failure(static_cast<std::uint32_t>(from.failure));
  }
  to.set_reason(from.reason);
  to.set_fingerprint(from.fingerprint);
  return put_value(
      from.detail, sink, [&](BytesView v) { to.set_detail(v.data(), v.size()); },
      [&] { return to.mutable_detail_blob(); });
}

void put(const ScheduleAt& from, v1::Schedule& to) {
  to.set_kind(static_cast<std::uint32_t>(from.kind));
  if (from.kind == ScheduleAt::Kind::at) to.set_us(from.at.us);
  if (from.kind == ScheduleAt::Kind::in) to.set_us(from.in.us);
}

void put(const Refused& from, v1::Refused& to) {
  to.set_kind(static_cast<std::uint32_t>(from.kind));
  to.set_text(from.text);
  to.set_ffqn(from.ffqn);
}

struct BodyEncoder {
  v1::Entry& to;
  BlobSink& sink;

  Result<void> operator()(const Persist& from) const {
    v1::Persist& body = *to.mutable_persist();
    body.set_kind(static_cast<std::uint32_t>(from.kind));
    body.set_min(from.min);
    body.set_max(from.max);
    return put_value(
        from.value, sink, [&](BytesView v) { body.set_value(v.data(), v.size()); },
        [&] { return body.mutable_value_blob(); });
  }
  Result<void> operator()(const JoinSetCreate& from) const {
    v1::JoinSetCreate& body = *to.mutable_join_set_create();
    body.set_join_set(from.join_set.value);
    body.set_kind(static_cast<std::uint32_t>(from.kind));
    body.set_name(from.name);
    return {};
  }
  Result<void> operator()(const ChildRequest& from) const {
    v1::ChildRequest& body = *to.mutable_child_request();
    body.set_join_set(from.join_set.value);
    body.set_index(from.index);
    body.set_child(static_cast<std::uint64_t>(from.child.value));
    body.set_function(from.function.value);
    body.set_params_hash(from.params_hash.bytes.data(), from.params_hash.bytes.size());
    if (from.refused) put(from.refused, *body.mutable_refused());
    return {};
  }
  Result<void> operator()(const DelayRequest& from) const {
    v1::DelayRequest& body = *to.mutable_delay_request();
    body.set_join_set(from.join_set.value);
    body.set_index(from.index);
    put(from.schedule, *body.mutable_schedule());
    body.set_expires(from.expires.us);
    body.set_paused(from.paused);
    return {};
  }
  Result<void> operator()(const DirectCall& from) const {
    v1::DirectCall& body = *to.mutable_direct_call();
    body.set_join_set(from.join_set.value);
    body.set_one_off(from.one_off);
    body.set_child(static_cast<std::uint64_t>(from.child.value));
    body.set_function(from.function.value);
    body.set_params_hash(from.params_hash.bytes.data(), from.params_hash.bytes.size());
    return {};
  }
  Result<void> operator()(const Sleep& from) const {
    v1::Sleep& body = *to.mutable_sleep();
    body.set_join_set(from.join_set.value);
    body.set_one_off(from.one_off);
    body.set_name(from.name);
    put(from.schedule, *body.mutable_schedule());
    body.set_expires(from.expires.us);
    return {};
  }
  Result<void> operator()(const JoinNext& from) const {
    v1::JoinNext& body = *to.mutable_join_next();
    body.set_join_set(from.join_set.value);
    body.set_requested(from.requested.value_or(FunctionId{}).value);
    body.set_closing(from.closing);
    if (from.count != 1) body.set_count(from.count);
    return {};
  }
  Result<void> operator()(const JoinNextTry& from) const {
    v1::JoinNextTry& body = *to.mutable_join_next_try();
    body.set_join_set(from.join_set.value);
    body.set_result(static_cast<std::uint32_t>(from.result));
    return {};
  }
  Result<void> operator()(const JoinNextTooMany& from) const {
    v1::JoinNextTooMany& body = *to.mutable_join_next_too_many();
    body.set_join_set(from.join_set.value);
    body.set_requested(from.requested.value_or(FunctionId{}).value);
    return {};
  }
  Result<void> operator()(const Ending& from) const {
    return put(from.outcome, sink, *to.mutable_ending()->mutable_outcome());
  }
  Result<void> operator()(const ChildResponse& from) const {
    v1::ChildResponse& body = *to.mutable_child_response();
    body.set_seq(from.seq);
    body.set_join_set(from.join_set.value);
    body.set_child(static_cast<std::uint64_t>(from.child.value));
    body.set_finished_version(from.finished_version);
    body.set_index(from.index);
    return put(from.outcome, sink, *body.mutable_outcome());
  }
  Result<void> operator()(const DelayResponse& from) const {
    v1::DelayResponse& body = *to.mutable_delay_response();
    body.set_seq(from.seq);
    body.set_join_set(from.join_set.value);
    body.set_index(from.index);
    body.set_cancelled(from.cancelled);
    return {};
  }
  Result<void> operator()(const AttemptFailed& from) const {
    v1::AttemptFailed& body = *to.mutable_attempt_failed();
    body.set_attempt(from.attempt);
    body.set_timed_out(from.timed_out);
    body.set_retry_at(from.retry_at.us);
    body.set_reason(from.reason);
    return put_value(
        from.detail, sink, [&](BytesView v) { body.set_detail(v.data(), v.size()); },
        [&] { return body.mutable_detail_blob(); });
  }
  Result<void> operator()(const Control& from) const {
    v1::Control& body = *to.mutable_control();
    body.set_kind(static_cast<std::uint32_t>(from.kind));
    body.set_requester(from.requester);
    body.set_reason(from.reason);
    return {};
  }
  Result<void> operator()(const Schedule& from) const {
    v1::ScheduleRequest& body = *to.mutable_schedule();
    body.set_target(static_cast<std::uint64_t>(from.target.value));
    body.set_id_high(from.id.high);
    body.set_id_low(from.id.low);
    body.set_function(from.function.value);
    body.set_params_hash(from.params_hash.bytes.data(), from.params_hash.bytes.size());
    put(from.schedule, *body.mutable_schedule());
    body.set_at(from.at.us);
    if (from.refused) put(from.refused, *body.mutable_refused());
    return {};
  }
  Result<void> operator()(const Stub& from) const {
    v1::StubRequest& body = *to.mutable_stub();
    body.set_target(to_text(from.target));
    body.set_value_hash(from.value_hash.bytes.data(), from.value_hash.bytes.size());
    if (from.refused) put(from.refused, *body.mutable_refused());
    return {};
  }
  Result<void> operator()(const ComponentUpgrade& from) const {
    v1::ComponentUpgrade& body = *to.mutable_component_upgrade();
    body.set_digest(from.digest);
    body.set_deployment(from.deployment.value);
    body.set_result(static_cast<std::uint32_t>(from.result));
    return put_value(
        from.reason, sink, [&](BytesView v) { body.set_reason(v.data(), v.size()); },
        [&] { return body.mutable_reason_blob(); });
  }
};

// Decoding ----------------------------------------------------------------------------------------

/// A number as an enumerator from 1 to `last`.
template <typename Enum>
Result<Enum> enumerator(std::uint32_t number, Enum last, std::string_view what) {
  if (number == 0 || number > static_cast<std::uint32_t>(last)) return damaged(what);
  return static_cast<Enum>(number);
}

Result<Hash128> hash_of(const std::string& bytes) {
  Hash128 hash;
  if (bytes.size() != hash.bytes.size()) return damaged("a hash has not 16 bytes");
  std::ranges::copy(bytes, reinterpret_cast<char*>(hash.bytes.data()));
  return hash;
}

Result<Bytes> value_of(std::string* value, const v1::BlobRef* ref, BlobSource& source) {
  if (ref == nullptr) return std::move(*value);
  if (ref->algorithm() != algorithm_blake2b_128) return damaged("unknown hash algorithm");
  Bytes bytes = TRY(source.get_value(TRY(hash_of(ref->hash()))));
  if (bytes.size() != ref->size()) return damaged("a large value has another size");
  return bytes;
}

Result<Outcome> get(v1::Outcome& from, BlobSource& source) {
  Outcome to;
  to.kind = TRY(enumerator(from.kind(), OutcomeKind::failure, "kind of outcome"));
  to.value = TRY(
      value_of(from.mutable_value(), from.has_value_blob() ? &from.value_blob() : nullptr, source));
  if (from.failure() != 0) {
    to.failure = TRY(enumerator(from.failure(), FailureKind::uncategorized, "kind of failure"));
  }
  to.reason = std::move(*from.mutable_reason());
  to.detail = TRY(value_of(from.mutable_detail(),
                           from.has_detail_blob() ? &from.detail_blob() : nullptr, source));
  to.fingerprint = std::move(*from.mutable_fingerprint());
  return to;
}

Result<ScheduleAt> get(const v1::Schedule& from) {
  ScheduleAt to;
  to.kind = TRY(enumerator(from.kind(), ScheduleAt::Kind::in, "kind of schedule"));
  if (to.kind == ScheduleAt::Kind::at) to.at = Instant{from.us()};
  if (to.kind == ScheduleAt::Kind::in) to.in = Duration{from.us()};
  return to;
}

std::optional<FunctionId> function_or_none(std::uint32_t number) {
  if (number == 0) return std::nullopt;
  return FunctionId{number};
}

Result<EntryBody> get(v1::Persist& from, BlobSource& source) {
  Persist to;
  to.kind = TRY(enumerator(from.kind(), Persist::Kind::execution_id, "kind of stored value"));
  to.min = from.min();
  to.max = from.max();
  to.value = TRY(
      value_of(from.mutable_value(), from.has_value_blob() ? &from.value_blob() : nullptr, source));
  return to;
}

Result<EntryBody> get(v1::JoinSetCreate& from) {
  JoinSetCreate to;
  to.join_set = JoinSetOrdinal{from.join_set()};
  to.kind = TRY(enumerator(from.kind(), JoinSetKind::generated, "kind of join set"));
  to.name = std::move(*from.mutable_name());
  return to;
}

Result<Refused> get(v1::Refused& from) {
  Refused to;
  if (from.kind() > static_cast<std::uint32_t>(Refused::Kind::conflict))
    return damaged("kind of refusal");
  to.kind = static_cast<Refused::Kind>(from.kind());
  to.text = std::move(*from.mutable_text());
  to.ffqn = std::move(*from.mutable_ffqn());
  return to;
}

Result<EntryBody> get(v1::ScheduleRequest& from) {
  Schedule to;
  to.target = ExecutionKey{static_cast<std::int64_t>(from.target())};
  to.id = {from.id_high(), from.id_low()};
  to.function = FunctionId{from.function()};
  to.params_hash = TRY(hash_of(from.params_hash()));
  to.schedule = TRY(get(from.schedule()));
  to.at = Instant{from.at()};
  if (from.has_refused()) to.refused = TRY(get(*from.mutable_refused()));
  return to;
}

Result<EntryBody> get(v1::StubRequest& from) {
  Stub to;
  const auto target = parse_execution_id(from.target());
  if (!target) return damaged("the target of a stub");
  to.target = *target;
  to.value_hash = TRY(hash_of(from.value_hash()));
  if (from.has_refused()) to.refused = TRY(get(*from.mutable_refused()));
  return to;
}

Result<EntryBody> get(v1::ComponentUpgrade& from, BlobSource& source) {
  ComponentUpgrade to;
  to.digest = std::move(*from.mutable_digest());
  to.deployment = DeploymentId{from.deployment()};
  to.result =
      TRY(enumerator(from.result(), ComponentUpgrade::Result::failed, "result of an upgrade"));
  to.reason = TRY(value_of(from.mutable_reason(),
                           from.has_reason_blob() ? &from.reason_blob() : nullptr, source));
  return to;
}

/// Child requests and direct calls differ in one number only.
template <typename To, typename From>
Result<To> get_request(const From& from) {
  To to;
  to.join_set = JoinSetOrdinal{from.join_set()};
  to.child = ExecutionKey{static_cast<std::int64_t>(from.child())};
  to.function = FunctionId{from.function()};
  to.params_hash = TRY(hash_of(from.params_hash()));
  return to;
}

Result<EntryBody> get(const v1::DelayRequest& from) {
  DelayRequest to;
  to.join_set = JoinSetOrdinal{from.join_set()};
  to.index = from.index();
  to.schedule = TRY(get(from.schedule()));
  to.expires = Instant{from.expires()};
  to.paused = from.paused();
  return to;
}

Result<EntryBody> get(v1::Sleep& from) {
  Sleep to;
  to.join_set = JoinSetOrdinal{from.join_set()};
  to.one_off = from.one_off();
  to.name = std::move(*from.mutable_name());
  to.schedule = TRY(get(from.schedule()));
  to.expires = Instant{from.expires()};
  return to;
}

Result<EntryBody> get(const v1::JoinNext& from) {
  JoinNext to;
  to.join_set = JoinSetOrdinal{from.join_set()};
  to.requested = function_or_none(from.requested());
  to.closing = from.closing();
  to.count = std::max(from.count(), 1U);
  return to;
}

Result<EntryBody> get(const v1::JoinNextTry& from) {
  JoinNextTry to;
  to.join_set = JoinSetOrdinal{from.join_set()};
  to.result = TRY(enumerator(from.result(), JoinNextTry::Result::all_processed, "result of a try"));
  return to;
}

Result<EntryBody> get(v1::ChildResponse& from, BlobSource& source) {
  ChildResponse to;
  to.seq = from.seq();
  to.join_set = JoinSetOrdinal{from.join_set()};
  to.child = ExecutionKey{static_cast<std::int64_t>(from.child())};
  to.finished_version = from.finished_version();
  to.index = from.index();
  to.outcome = TRY(get(*from.mutable_outcome(), source));
  return to;
}

Result<EntryBody> get(v1::AttemptFailed& from, BlobSource& source) {
  AttemptFailed to;
  to.attempt = from.attempt();
  to.timed_out = from.timed_out();
  to.retry_at = Instant{from.retry_at()};
  to.reason = std::move(*from.mutable_reason());
  to.detail = TRY(value_of(from.mutable_detail(),
                           from.has_detail_blob() ? &from.detail_blob() : nullptr, source));
  return to;
}

Result<EntryBody> get(v1::Control& from) {
  Control to;
  to.kind = TRY(enumerator(from.kind(), Control::Kind::unpaused, "kind of control event"));
  to.requester = std::move(*from.mutable_requester());
  to.reason = std::move(*from.mutable_reason());
  return to;
}

Result<EntryBody> body_of(v1::Entry& from, BlobSource& source) {
  switch (from.body_case()) {
    case v1::Entry::kPersist: return get(*from.mutable_persist(), source);
    case v1::Entry::kJoinSetCreate: return get(*from.mutable_join_set_create());
    case v1::Entry::kChildRequest: {
      ChildRequest to = TRY(get_request<ChildRequest>(from.child_request()));
      to.index = from.child_request().index();
      if (from.child_request().has_refused())
        to.refused = TRY(get(*from.mutable_child_request()->mutable_refused()));
      return to;
    }
    case v1::Entry::kDelayRequest: return get(from.delay_request());
    case v1::Entry::kDirectCall: {
      DirectCall to = TRY(get_request<DirectCall>(from.direct_call()));
      to.one_off = from.direct_call().one_off();
      return to;
    }
    case v1::Entry::kSleep: return get(*from.mutable_sleep());
    case v1::Entry::kJoinNext: return get(from.join_next());
    case v1::Entry::kJoinNextTry: return get(from.join_next_try());
    case v1::Entry::kJoinNextTooMany: {
      const v1::JoinNextTooMany& body = from.join_next_too_many();
      return JoinNextTooMany{JoinSetOrdinal{body.join_set()}, function_or_none(body.requested())};
    }
    case v1::Entry::kEnding:
      return Ending { TRY(get(*from.mutable_ending()->mutable_outcome(), source)) };
    case v1::Entry::kChildResponse: return get(*from.mutable_child_response(), source);
    case v1::Entry::kDelayResponse: {
      const v1::DelayResponse& body = from.delay_response();
      return DelayResponse{body.seq(), JoinSetOrdinal{body.join_set()}, body.index(),
                           body.cancelled()};
    }
    case v1::Entry::kAttemptFailed: return get(*from.mutable_attempt_failed(), source);
    case v1::Entry::kControl: return get(*from.mutable_control());
    case v1::Entry::kSchedule: return get(*from.mutable_schedule());
    case v1::Entry::kStub: return get(*from.mutable_stub());
    case v1::Entry::kComponentUpgrade: return get(*from.mutable_component_upgrade(), source);
    case v1::Entry::BODY_NOT_SET: break;
  }
  return damaged("an entry of unknown kind");
}

bool parse(BytesView bytes, google::protobuf::MessageLite& message) {
  return bytes.size() <= INT32_MAX &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

struct Codec::Messages {
  v1::Entry entry;
  v1::Outcome outcome;
  v1::Creation creation;
};

Codec::Codec() : messages_(std::make_unique<Messages>()) {}
Codec::~Codec() = default;

Result<void> Codec::encode(const Entry& entry, BlobSink& sink, Bytes& out) {
  v1::Entry& message = messages_->entry;
  message.Clear();
  message.set_at(entry.at.us);
  message.set_version(entry.version);
  TRY(std::visit(BodyEncoder{message, sink}, entry.body));
  message.AppendToString(&out);
  return {};
}

Result<void> Codec::encode(const Outcome& outcome, BlobSink& sink, Bytes& out) {
  v1::Outcome& message = messages_->outcome;
  message.Clear();
  TRY(put(outcome, sink, message));
  message.AppendToString(&out);
  return {};
}

Result<void> Codec::encode_creation(const ExecutionRow& row, BlobSink& sink, Bytes& out) {
  v1::Creation& message = messages_->creation;
  message.Clear();
  TRY(put_value(
      row.params, sink, [&](BytesView v) { message.set_params(v.data(), v.size()); },
      [&] { return message.mutable_params_blob(); }));
  message.set_params_hash(row.params_hash.bytes.data(), row.params_hash.bytes.size());
  message.set_requester(row.requester);
  message.set_random_algorithm(row.random_algorithm);
  message.set_scheduled_by(row.scheduled_by);
  message.AppendToString(&out);
  return {};
}

Result<Entry> Codec::decode_entry(BytesView bytes, std::uint32_t position, BlobSource& source) {
  v1::Entry& message = messages_->entry;
  if (!parse(bytes, message)) return damaged("an entry cannot be read");
  Result<EntryBody> body = body_of(message, source);
  if (!body) return std::unexpected(std::move(body.error()));
  return Entry{position, message.version(), Instant{message.at()}, std::move(*body)};
}

Result<Outcome> Codec::decode_outcome(BytesView bytes, BlobSource& source) {
  v1::Outcome& message = messages_->outcome;
  if (!parse(bytes, message)) return damaged("an outcome cannot be read");
  return get(message, source);
}

Result<void> Codec::decode_creation(BytesView bytes, BlobSource& source, ExecutionRow& row) {
  v1::Creation& message = messages_->creation;
  if (!parse(bytes, message)) return damaged("an execution cannot be read");
  row.params = TRY(value_of(message.mutable_params(),
                            message.has_params_blob() ? &message.params_blob() : nullptr, source));
  row.params_hash = TRY(hash_of(message.params_hash()));
  row.requester = std::move(*message.mutable_requester());
  row.random_algorithm = message.random_algorithm();
  row.scheduled_by = std::move(*message.mutable_scheduled_by());
  return {};
}

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "journal/codec_messages.h"
#include "journal/codec_plain.h"

namespace stele {
namespace {

namespace v1 = journal::v1;

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Code::data_loss, "stored bytes are damaged: " + std::string(what));
}

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
  if (from.kind() == 0 || from.kind() > static_cast<std::uint32_t>(Refused::Kind::conflict))
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

Result<Entry> Codec::decode_entry(BytesView bytes, std::uint32_t position, BlobSource& source) {
  Entry entry{.position = position};
  TRY(decode_entry_into(bytes, source, entry));
  return entry;
}

Result<void> Codec::decode_entry_into(BytesView bytes, BlobSource& source, Entry& to) {
  if (decode_plain(bytes, to)) return {};
  v1::Entry& message = messages_->entry;
  if (!parse(bytes, message)) return damaged("an entry cannot be read");
  Result<EntryBody> body = body_of(message, source);
  if (!body) return std::unexpected(std::move(body.error()));
  to.version = message.version();
  to.at = Instant{message.at()};
  to.body = std::move(*body);
  return {};
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

// SPDX-License-Identifier: Apache-2.0
#include "journal/codec_messages.h"
#include "journal/hash.h"

namespace stele {
namespace {

namespace v1 = journal::v1;

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

}  // namespace

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

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
#include "journal/codec.h"

#include <map>

#include <gtest/gtest.h>

#include "journal/codec_plain.h"
#include "journal/hash.h"

namespace stele {
namespace {

class Blobs final : public BlobSink, public BlobSource {
 public:
  Result<void> put_value(const Hash128& hash, BytesView bytes) override {
    values[hash] = Bytes(bytes);
    return {};
  }
  Result<Bytes> get_value(const Hash128& hash) override {
    const auto value = values.find(hash);
    if (value == values.end()) return fail(Code::data_loss, "a large value is missing");
    return value->second;
  }
  std::map<Hash128, Bytes> values;
};

Hash128 some_hash() { return blake2b_128("params"); }

Outcome some_outcome() {
  return {OutcomeKind::failure, "", FailureKind::timed_out, "too late", "a\nb", "\1\2"};
}

std::vector<EntryBody> bodies() {
  const JoinSetOrdinal set{3};
  const ScheduleAt in{ScheduleAt::Kind::in, {}, seconds(-5)};
  const ScheduleAt at{ScheduleAt::Kind::at, Instant{INT64_MIN}, {}};
  return {
      Persist{Persist::Kind::random_u64, 1, UINT64_MAX, std::string("\0\1\2\3\4\5\6\7", 8)},
      JoinSetCreate{set, JoinSetKind::named, "a/b-c"},
      ChildRequest{set, 1'000'000, ExecutionKey{INT64_MAX}, FunctionId{9}, some_hash()},
      DelayRequest{set, 4, in, Instant{-1}},
      DirectCall{JoinSetOrdinal{}, 1, ExecutionKey{2}, FunctionId{1}, some_hash()},
      Sleep{set, 7, "nap", at, instant_max},
      Sleep{set, 8, "", {}, Instant{5}},
      JoinNext{set, FunctionId{4}, true, 10'000},
      JoinNext{set, std::nullopt, false, 1},
      JoinNextTry{set, JoinNextTry::Result::all_processed},
      JoinNextTooMany{set, FunctionId{2}},
      Ending{some_outcome()},
      ChildResponse{5,
                    set,
                    ExecutionKey{8},
                    6,
                    {OutcomeKind::ok, "{\"a\":1}", FailureKind::uncategorized, "", "", ""},
                    3},
      DelayResponse{6, set, 1, true},
      AttemptFailed{2, true, Instant{77}, "r", "d"},
      Control{Control::Kind::unpaused, "who", "why \xFF"},
  };
}

TEST(Codec, ReadsWhatItWrote) {
  Codec codec;
  Blobs blobs;
  std::uint32_t position = 0;
  for (const EntryBody& body : bodies()) {
    const Entry entry{position++, 40, Instant{1'700'000'000'000'000}, body};
    Bytes bytes;
    ASSERT_TRUE(codec.encode(entry, blobs, bytes));
    const Result<Entry> read = codec.decode_entry(bytes, entry.position, blobs);
    ASSERT_TRUE(read) << body.index();
    EXPECT_EQ(*read, entry) << body.index();
  }
  EXPECT_TRUE(blobs.values.empty());
}

TEST(Codec, ADirectCallIsSmall) {
  Codec codec;
  Blobs blobs;
  Bytes bytes;
  const DirectCall call{JoinSetOrdinal{900}, 900, ExecutionKey{100'000}, FunctionId{12},
                        some_hash()};
  ASSERT_TRUE(codec.encode(Entry{1, 2700, Instant{1'700'000'000'000'000}, call}, blobs, bytes));
  EXPECT_LE(bytes.size(), 52U);
}

TEST(Codec, LargeValuesAreKeptOnceByTheirHash) {
  Codec codec;
  Blobs blobs;
  const Bytes large(inline_value_bytes_max + 1, 'x');
  const Outcome outcome{OutcomeKind::ok, large, FailureKind::uncategorized, "", large, ""};
  Bytes bytes;
  ASSERT_TRUE(codec.encode(outcome, blobs, bytes));
  EXPECT_LT(bytes.size(), 100U);
  ASSERT_EQ(blobs.values.size(), 1U);
  EXPECT_EQ(blobs.values.begin()->first, blake2b_128(large));
  EXPECT_EQ(codec.decode_outcome(bytes, blobs).value(), outcome);
  blobs.values.clear();
  EXPECT_EQ(codec.decode_outcome(bytes, blobs).error().code, Code::data_loss);
}

TEST(Codec, KeepsWhatAnExecutionWasCreatedWith) {
  Codec codec;
  Blobs blobs;
  ExecutionRow row;
  row.params = "[" + std::string(20'000, '1') + "]";
  row.params_hash = some_hash();
  row.requester = "cli";
  row.random_algorithm = 1;
  Bytes bytes;
  ASSERT_TRUE(codec.encode_creation(row, blobs, bytes));
  EXPECT_EQ(blobs.values.size(), 1U);
  ExecutionRow read;
  ASSERT_TRUE(codec.decode_creation(bytes, blobs, read));
  EXPECT_EQ(read, row);
}

TEST(Codec, DamagedBytesAreAnErrorAndNothingWorse) {
  Codec codec;
  Blobs blobs;
  std::size_t refused = 0;
  for (const EntryBody& body : bodies()) {
    Bytes bytes;
    ASSERT_TRUE(codec.encode(Entry{0, 1, Instant{5}, body}, blobs, bytes));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const auto read = codec.decode_entry(BytesView(bytes).substr(0, length), 0, blobs);
      EXPECT_TRUE(read || read.error().code == Code::data_loss);
      refused += read ? 0 : 1;
    }
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      Bytes flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      const auto read = codec.decode_entry(flipped, 0, blobs);
      EXPECT_TRUE(read || read.error().code == Code::data_loss);
      refused += read ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 500U);
}

/// An unknown field at the end makes the codec use its messages.
Result<Entry> decode_by_message(Codec& codec, Blobs& blobs, Bytes bytes) {
  bytes += std::string("\xA0\x06\x00", 3);
  return codec.decode_entry(bytes, 0, blobs);
}

/// 1 if it is plain.
std::size_t check_plain(Codec& codec, Blobs& blobs, const Bytes& bytes) {
  Entry read;
  if (!decode_plain(bytes, read)) return 0;
  EXPECT_EQ(decode_by_message(codec, blobs, bytes), read);
  return 1;
}

TEST(Codec, WhatIsPlainIsReadLikeEverythingElse) {
  Codec codec;
  Blobs blobs;
  std::size_t plain = 0;
  std::size_t plain_after_damage = 0;
  for (const EntryBody& body : bodies()) {
    Bytes bytes;
    ASSERT_TRUE(codec.encode(Entry{0, 1, Instant{-5}, body}, blobs, bytes));
    plain += check_plain(codec, blobs, bytes);
    for (std::size_t change = 0; change < bytes.size() * 256; ++change) {
      Bytes changed = bytes;
      changed[change / 256] = static_cast<char>(change % 256);
      plain_after_damage += check_plain(codec, blobs, changed);
    }
  }
  EXPECT_EQ(plain, 2U);
  EXPECT_GT(plain_after_damage, 1'000U);
}

TEST(Codec, ARefusalWithoutAKindIsDamage) {
  Codec codec;
  Blobs blobs;
  Bytes bytes;
  Schedule request;
  request.refused = {.kind = Refused::Kind::type_check, .text = "no", .ffqn = {}};
  ASSERT_TRUE(codec.encode(Entry{0, 1, Instant{5}, request}, blobs, bytes));
  EXPECT_EQ(codec.decode_entry(bytes, 0, blobs)->body, EntryBody(request));
  const std::size_t kind = bytes.rfind(std::string("\x08\x02\x12\x02no")) + 1;
  ASSERT_NE(kind, 0U);
  bytes[kind] = '\0';
  EXPECT_EQ(codec.decode_entry(bytes, 0, blobs).error().code, Code::data_loss);
}

TEST(History, TheHeadFollowsTheEntries) {
  HistoryHead head;
  std::uint32_t version = 1;
  for (const EntryBody& body : bodies()) {
    const Entry entry{head.position, head.version, Instant{}, body};
    head = after(entry, head);
    version += version_width(body);
    EXPECT_FALSE(is_request(body) && is_response(body));
  }
  EXPECT_EQ(head, (HistoryHead{16, version, 3}));
  EXPECT_EQ(version, 1U + 4 + 9 + 10'001 + 2 + 2);
}

}  // namespace
}  // namespace stele

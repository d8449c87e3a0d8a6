// SPDX-License-Identifier: Apache-2.0
// Stored bytes: whatever they are, decoding gives an error or a value that can be written again.
#include "fuzz/fuzz.h"
#include "journal/codec.h"
#include "journal/codec_plain.h"
#include "journal/hash.h"

namespace stele {
namespace {

/// Knows one large value; every other one is missing.
class Blobs final : public BlobSink, public BlobSource {
 public:
  Result<void> put_value(const Hash128& /*hash*/, BytesView /*bytes*/) override { return {}; }
  Result<Bytes> get_value(const Hash128& hash) override {
    if (hash == blake2b_128(value_)) return value_;
    return fail(Code::data_loss, "a large value is missing");
  }

 private:
  Bytes value_ = Bytes(inline_value_bytes_max + 1, 'x');
};

template <typename T>
void check_refusal(const Result<T>& read) {
  if (!read) CHECK(read.error().code == Code::data_loss && !read.error().reason.empty());
}

void entry(Codec& codec, Blobs& blobs, BytesView bytes) {
  const Result<Entry> read = codec.decode_entry(bytes, 7, blobs);
  check_refusal(read);
  Entry plain{.position = 7};
  // An unknown field at the end makes the codec use its messages.
  const Bytes by_message = Bytes(bytes) + std::string("\xA0\x06\x00", 3);
  if (decode_plain(bytes, plain)) CHECK(codec.decode_entry(by_message, 7, blobs) == plain);
  if (!read) return;
  Bytes again;
  CHECK(codec.encode(*read, blobs, again).has_value());
  CHECK(codec.decode_entry(again, 7, blobs) == *read);
  const HistoryHead head = after(*read, {});
  CHECK(head.position == 8);
}

void outcome(Codec& codec, Blobs& blobs, BytesView bytes) {
  const Result<Outcome> read = codec.decode_outcome(bytes, blobs);
  check_refusal(read);
  if (!read) return;
  Bytes again;
  CHECK(codec.encode(*read, blobs, again).has_value());
  CHECK(codec.decode_outcome(again, blobs) == *read);
}

void creation(Codec& codec, Blobs& blobs, BytesView bytes) {
  ExecutionRow row;
  const Result<void> read = codec.decode_creation(bytes, blobs, row);
  check_refusal(read);
  if (!read) return;
  Bytes again;
  CHECK(codec.encode_creation(row, blobs, again).has_value());
  ExecutionRow second;
  CHECK(codec.decode_creation(again, blobs, second).has_value());
  CHECK(second == row);
}

}  // namespace

void fuzz(std::string_view input) {
  static Codec codec;
  static Blobs blobs;
  fuzz_input::Choices bytes(input);
  const std::uint64_t kind = bytes.below(3);
  if (kind == 0) entry(codec, blobs, bytes.rest());
  if (kind == 1) outcome(codec, blobs, bytes.rest());
  if (kind == 2) creation(codec, blobs, bytes.rest());
}

}  // namespace stele

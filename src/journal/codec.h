// SPDX-License-Identifier: Apache-2.0
// Owns: the byte form of history (proto/stele/journal/v1), the only durable format of the journal.
// Life cycle: a Codec keeps message objects between calls, so that they are not allocated each
// time. Thread: one at a time for each Codec. Must hold: what any release wrote is read for ever;
// decoding
//   foreign bytes gives an error, nothing worse.
#pragma once

#include <memory>

#include "base/result.h"
#include "journal/rows.h"

namespace stele {

/// Values above this go to the blob sink and are referenced by their hash.
constexpr std::size_t inline_value_bytes_max = std::size_t{16} * 1024;

class BlobSink {
 public:
  virtual ~BlobSink() = default;
  /// Keeps `bytes` under `hash`; the same again changes nothing.
  virtual Result<void> put_value(const Hash128& hash, BytesView bytes) = 0;
};

class BlobSource {
 public:
  virtual ~BlobSource() = default;
  virtual Result<Bytes> get_value(const Hash128& hash) = 0;
};

class Codec {
 public:
  Codec();
  ~Codec();
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  /// Each encode appends to `out`. Errors: only the sink's. The position is not part of the bytes.
  Result<void> encode(const Entry& entry, BlobSink& sink, Bytes& out);
  Result<void> encode(const Outcome& outcome, BlobSink& sink, Bytes& out);
  /// The parts of a row that are not columns and never change.
  Result<void> encode_creation(const ExecutionRow& row, BlobSink& sink, Bytes& out);

  /// Errors: data_loss when the bytes are not what was encoded; the source's.
  Result<Entry> decode_entry(BytesView bytes, std::uint32_t position, BlobSource& source);
  /// The same in place; after an error `to` holds anything.
  Result<void> decode_entry_into(BytesView bytes, BlobSource& source, Entry& to);
  Result<Outcome> decode_outcome(BytesView bytes, BlobSource& source);
  Result<void> decode_creation(BytesView bytes, BlobSource& source, ExecutionRow& row);

 private:
  struct Messages;
  std::unique_ptr<Messages> messages_;
};

}  // namespace stele

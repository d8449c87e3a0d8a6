// SPDX-License-Identifier: Apache-2.0
// Owns: the byte form of segments: consecutive entries of one execution.
// Life cycle: a SegmentBuilder makes one segment after the other, a SegmentOpener reads them; both
//   keep what zstd needs. Thread: one.
// Must hold: the first position and the execution make the id, so segments of an execution lie
// together
//   in order; a segment needs nothing but itself (and `blob`) to be read.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "journal/codec.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace stele::sqlite {

constexpr unsigned position_bits = 24;
constexpr std::uint32_t position_max = (1U << position_bits) - 1;

constexpr std::int64_t execution_key_max = std::int64_t{1} << (62U - position_bits);

constexpr std::int64_t segment_id(std::int64_t key, std::uint32_t first) {
  return (key << position_bits) | first;
}
constexpr std::int64_t segment_key(std::int64_t id) { return id >> position_bits; }
constexpr std::uint32_t segment_first(std::int64_t id) {
  return static_cast<std::uint32_t>(id & position_max);
}

/// Made once and kept: each one asks the processor by `cpuid` what it can, which in a virtual
/// machine the host answers, and that takes longer than to decompress a segment.
struct FreeZstd {
  void operator()(ZSTD_CCtx_s* compressor) const;
  void operator()(ZSTD_DCtx_s* decompressor) const;
};
using Compressor = std::unique_ptr<ZSTD_CCtx_s, FreeZstd>;
using Decompressor = std::unique_ptr<ZSTD_DCtx_s, FreeZstd>;

enum class Compression : std::uint8_t { none = 0, zstd = 1 };

struct Segment {
  std::int64_t id = 0;
  std::uint32_t entries = 0;
  HistoryHead head;  ///< after its last entry
  Compression method = Compression::none;
  std::uint64_t size = 0;  ///< before compression
  Bytes body;              ///< sealed
};

class SegmentBuilder {
 public:
  explicit SegmentBuilder(bool compress) : compress_(compress) {}
  /// `encoded` is one entry as the codec wrote it.
  void add(BytesView encoded);
  bool empty() const { return entries_ == 0; }
  std::uint32_t entries() const { return entries_; }
  std::size_t bytes() const { return raw_.size(); }
  /// The segment of what was added, and begins the next one.
  Segment finish(std::int64_t key, std::uint32_t first, const HistoryHead& head);

 private:
  bool compress_;
  Compressor zstd_;
  Bytes raw_;
  std::uint32_t entries_ = 0;
};

/// The encoded entries of a segment.
struct SegmentEntries {
  struct Range {
    std::size_t start;
    std::size_t length;
  };
  BytesView at(std::size_t place) const {
    return BytesView(raw).substr(ranges[place].start, ranges[place].length);
  }

  Bytes raw;
  std::vector<Range> ranges;
};

class SegmentOpener {
 public:
  /// Errors: data_loss, unavailable (no memory).
  Result<SegmentEntries> open(const Segment& segment);

 private:
  Result<Bytes> decompress(const Segment& segment, BytesView stored);

  Decompressor zstd_;
};

}  // namespace stele::sqlite

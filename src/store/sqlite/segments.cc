// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/segments.h"

#include <zstd.h>

#include "store/sqlite/seal.h"

namespace stele::sqlite {
namespace {

constexpr std::size_t compressed_from_bytes = 256;
constexpr std::uint64_t segment_bytes_limit = std::uint64_t{1} << 28U;
constexpr int zstd_level = 1;

void append_length(Bytes& out, std::size_t length) {
  while (length >= 0x80) {
    out += static_cast<char>((length & 0x7FU) | 0x80U);
    length >>= 7U;
  }
  out += static_cast<char>(length);
}

/// Reads a length off the front; false if there is none.
bool take_length(BytesView& from, std::size_t& length) {
  length = 0;
  for (unsigned shift = 0; shift < 35 && !from.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    length |= static_cast<std::size_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

std::unexpected<Error> damaged() {
  return fail(Code::data_loss, "a segment of history is damaged");
}

}  // namespace

void FreeZstd::operator()(ZSTD_CCtx_s* compressor) const { ZSTD_freeCCtx(compressor); }
void FreeZstd::operator()(ZSTD_DCtx_s* decompressor) const { ZSTD_freeDCtx(decompressor); }

void SegmentBuilder::add(BytesView encoded) {
  append_length(raw_, encoded.size());
  raw_ += encoded;
  ++entries_;
}

Segment SegmentBuilder::finish(std::int64_t key, std::uint32_t first, const HistoryHead& head) {
  Segment segment{segment_id(key, first), entries_, head, Compression::none, raw_.size(), {}};
  if (compress_ && zstd_ == nullptr) zstd_.reset(ZSTD_createCCtx());
  if (zstd_ != nullptr && raw_.size() >= compressed_from_bytes) {
    segment.body.resize(ZSTD_compressBound(raw_.size()));
    const std::size_t size =
        ZSTD_compressCCtx(zstd_.get(), segment.body.data(), segment.body.size(), raw_.data(),
                          raw_.size(), zstd_level);
    const bool pays = ZSTD_isError(size) == 0 && size < raw_.size() - raw_.size() / 8;
    if (pays) segment.method = Compression::zstd;
    segment.body.resize(pays ? size : 0);
  }
  if (segment.method == Compression::none) segment.body = raw_;
  seal(segment.body);
  raw_.clear();
  entries_ = 0;
  return segment;
}

Result<Bytes> SegmentOpener::decompress(const Segment& segment, BytesView stored) {
  if (segment.size > segment_bytes_limit) return damaged();
  if (zstd_ == nullptr) zstd_.reset(ZSTD_createDCtx());
  if (zstd_ == nullptr) return fail(Code::unavailable, "out of memory");
  Bytes raw(segment.size, '\0');
  const std::size_t size =
      ZSTD_decompressDCtx(zstd_.get(), raw.data(), raw.size(), stored.data(), stored.size());
  if (ZSTD_isError(size) != 0 || size != raw.size()) return damaged();
  return raw;
}

Result<SegmentEntries> SegmentOpener::open(const Segment& segment) {
  const BytesView stored = TRY(unseal(segment.body));
  SegmentEntries opened;
  if (segment.method == Compression::none) {
    opened.raw = stored;
  } else if (segment.method == Compression::zstd) {
    opened.raw = TRY(decompress(segment, stored));
  } else {
    return damaged();
  }
  BytesView rest = opened.raw;
  while (!rest.empty()) {
    std::size_t length = 0;
    if (!take_length(rest, length) || length > rest.size()) return damaged();
    opened.ranges.push_back({opened.raw.size() - rest.size(), length});
    rest.remove_prefix(length);
  }
  if (opened.ranges.size() != segment.entries) return damaged();
  return opened;
}

}  // namespace stele::sqlite

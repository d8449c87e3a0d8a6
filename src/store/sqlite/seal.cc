// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/seal.h"

#include <cstdint>
#include <cstring>

namespace stele::sqlite {
namespace {

constexpr std::uint64_t multiplier = 0x9FB21C651E98DF25ULL;

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * multiplier;
  return hash ^ (hash >> 32U);
}

std::uint32_t checksum(BytesView bytes) {
  std::uint64_t hash = 0x9E3779B97F4A7C15ULL ^ bytes.size();
  while (bytes.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    hash = mix(hash, word);
    bytes.remove_prefix(sizeof word);
  }
  std::uint64_t word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
  hash = mix(hash, word);
  return static_cast<std::uint32_t>(mix(hash, 0));
}

}  // namespace

void seal(Bytes& bytes, std::size_t start) {
  const std::uint32_t sum = checksum(BytesView(bytes).substr(start));
  for (unsigned shift = 0; shift < 32; shift += 8)
    bytes += static_cast<char>((sum >> shift) & 0xFFU);
}

Result<BytesView> unseal(BytesView sealed) {
  if (sealed.size() < seal_bytes) return fail(Code::data_loss, "stored bytes are cut off");
  const BytesView bytes = sealed.substr(0, sealed.size() - seal_bytes);
  std::uint32_t stored = 0;
  for (std::size_t place = seal_bytes; place-- > 0;) {
    stored = (stored << 8U) | static_cast<unsigned char>(sealed[bytes.size() + place]);
  }
  if (stored != checksum(bytes))
    return fail(Code::data_loss, "stored bytes are damaged: wrong checksum");
  return bytes;
}

}  // namespace stele::sqlite

// SPDX-License-Identifier: Apache-2.0
#include "journal/hash.h"

#include <sodium.h>

namespace stele {
namespace {

const unsigned char* raw(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Hash128 blake2b_128(BytesView bytes) {
  Hash128 hash;
  crypto_generichash(hash.bytes.data(), hash.bytes.size(), raw(bytes), bytes.size(), nullptr, 0);
  return hash;
}

std::array<std::uint8_t, 32> sha256(BytesView bytes) {
  std::array<std::uint8_t, 32> digest{};
  crypto_hash_sha256(digest.data(), raw(bytes), bytes.size());
  return digest;
}

}  // namespace stele

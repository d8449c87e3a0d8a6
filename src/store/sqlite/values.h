// SPDX-License-Identifier: Apache-2.0
// Owns: the table `blob`: large values by their hash and component files by their digest.
// Life cycle: none. Thread: as the connection. Must hold: a key is either the text of a digest or
// one
//   byte of algorithm (1: BLAKE2b-128) and the hash; no text begins with that byte.
#pragma once

#include "journal/codec.h"
#include "store/sqlite/database.h"

namespace stele::sqlite {

inline Bytes value_digest(const Hash128& hash) {
  Bytes digest(1, '\1');
  digest += view(hash);
  return digest;
}

constexpr std::string_view insert_blob =
    "insert into blob(digest, bytes) values(?1, ?2) on conflict do nothing";

/// Writes large values inside the open transaction.
class ValueWriter final : public BlobSink {
 public:
  explicit ValueWriter(Statement insert) : insert_(std::move(insert)) {}

  Result<void> put(BytesView digest, BytesView bytes) {
    insert_.bind_bytes(1, digest).bind_bytes(2, bytes);
    return insert_.run();
  }
  Result<void> put_value(const Hash128& hash, BytesView bytes) override {
    return put(value_digest(hash), bytes);
  }

 private:
  Statement insert_;
};

}  // namespace stele::sqlite

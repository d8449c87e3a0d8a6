// SPDX-License-Identifier: Apache-2.0
// Owns: the checksum at the end of each stored byte string of history, by which damage is seen.
// Life cycle: none. Thread: any. Must hold: the four bytes are little-endian and never change
// meaning.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace stele::sqlite {

constexpr std::size_t seal_bytes = 4;

/// Appends the checksum of what `bytes` holds from `start` on.
void seal(Bytes& bytes, std::size_t start = 0);
/// What was sealed. Errors: data_loss.
Result<BytesView> unseal(BytesView sealed);

}  // namespace stele::sqlite

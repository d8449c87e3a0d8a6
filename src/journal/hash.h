// SPDX-License-Identifier: Apache-2.0
// Owns: the hashes of the journal. Life cycle: none. Thread: any.
// Must hold: what these return for the same bytes never changes; stored ids depend on it.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace stele {

/// BLAKE2b with 128 bits of output, no key.
Hash128 blake2b_128(BytesView bytes);
std::array<std::uint8_t, 32> sha256(BytesView bytes);

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
// Owns: the messages that a codec fills again and again. Life cycle: as its codec's. Thread: its
//   codec's. Must hold: only the codec's two sources include this.
#pragma once

#include "journal/codec.h"
#include "stele/journal/v1/journal.pb.h"

namespace stele {

constexpr std::uint32_t algorithm_blake2b_128 = 1;

struct Codec::Messages {
  journal::v1::Entry entry;
  journal::v1::Outcome outcome;
  journal::v1::Creation creation;
};

}  // namespace stele

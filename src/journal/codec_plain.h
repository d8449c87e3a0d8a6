// SPDX-License-Identifier: Apache-2.0
// Owns: reading the entries that make up nearly all of long histories (direct calls and small
//   results of children) without message objects.
// Life cycle: a function. Thread: any. Must hold: what it accepts the codec reads alike; whatever
//   is not in the very form that the codec writes is left to the codec.
#pragma once

#include "journal/entry.h"

namespace stele {

/// Sets all of `to` but its position. False: not plain; then `to` holds anything.
bool decode_plain(BytesView bytes, Entry& to);

}  // namespace stele

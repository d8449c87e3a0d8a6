// SPDX-License-Identifier: Apache-2.0
// Owns: deliberate bugs of a store driver; the simulator must find them. Life cycle: values.
// Thread: any. Must hold: off in production.
#pragma once

#include <cstdint>

namespace stele {

enum class StoreCanary : std::uint8_t {
  none,
  tails_again,      ///< a history is read from tails though segments hold it
  segments_missed,  ///< segments are not read while a tail holds something
  restarted_ids,    ///< rows of each tail are numbered from 1
  early_emptying,   ///< a table is emptied before its segments are written
  count,
};

}  // namespace stele

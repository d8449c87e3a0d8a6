// SPDX-License-Identifier: Apache-2.0
// Owns: ids and seeds from the system's entropy and clock. Life cycle: none. Thread: any.
// Must hold: two calls never give the same id.
#pragma once

#include <cstdint>

#include "journal/ids.h"

namespace stele::server {

std::uint64_t system_random();
Ulid new_ulid();

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
#include "server/server_ids.h"

#include <sys/random.h>

#include "base/check.h"
#include "runtime/threads/system_time.h"

namespace stele::server {

std::uint64_t system_random() {
  std::uint64_t value = 0;
  CHECK(::getrandom(&value, sizeof value, 0) == sizeof value);
  return value;
}

Ulid new_ulid() {
  runtime::SystemTime time;
  return make_ulid(time.wall().us / 1'000, static_cast<std::uint16_t>(system_random()),
                   system_random());
}

}  // namespace stele::server

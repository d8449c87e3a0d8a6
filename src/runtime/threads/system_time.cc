// SPDX-License-Identifier: Apache-2.0
#include "runtime/threads/system_time.h"

#include <chrono>

namespace stele::runtime {
namespace {

template <typename Clock>
std::int64_t micros() {
  const auto since = Clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

}  // namespace

Instant SystemTime::wall() { return Instant{micros<std::chrono::system_clock>()}; }

Duration SystemTime::monotonic() { return Duration{micros<std::chrono::steady_clock>()}; }

}  // namespace stele::runtime

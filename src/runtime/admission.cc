// SPDX-License-Identifier: Apache-2.0
#include "runtime/admission.h"

#include <algorithm>
#include <utility>

namespace stele::runtime {
namespace {

constexpr Duration window = milliseconds(50);
constexpr Duration shortest = milliseconds(20);
constexpr Duration longest = seconds(5);
constexpr std::uint64_t growth_max = 4;

}  // namespace

void Admission::admitted() {
  const Lock lock(mutex_);
  ++admitted_;
}

void Admission::refused(Instant monotonic) {
  const Lock lock(mutex_);
  after_ = std::max(after_, shortest);
  if (monotonic >= look_at_) {
    const std::uint64_t taken = std::max<std::uint64_t>(1, std::exchange(admitted_, 0));
    const auto growth = static_cast<std::int64_t>(std::min(growth_max, refused_ / taken));
    if (monotonic >= look_at_ + after_ + window)
      after_ = shortest;  // nobody was refused for as long as those refused stayed away
    else if (growth > 1)
      after_ = std::min(longest, Duration{after_.us * growth});
    else if (refused_ * 2 < taken)
      after_ = std::max(shortest, Duration{after_.us * 3 / 4});
    refused_ = 0;
    look_at_ = monotonic + window;
  }
  ++refused_;
}

std::optional<Duration> Admission::retry_after() const {
  const Lock lock(mutex_);
  if (after_.us == 0) return std::nullopt;
  const auto half = static_cast<std::uint64_t>(after_.us / 2);
  return Duration{after_.us - static_cast<std::int64_t>(half / 2) +
                  static_cast<std::int64_t>(jitter_.below(half))};
}

}  // namespace stele::runtime

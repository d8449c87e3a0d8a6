// SPDX-License-Identifier: Apache-2.0
#include "runtime/admission.h"

#include <algorithm>
#include <utility>

namespace stele::runtime {
namespace {

constexpr Duration window = milliseconds(50);
constexpr Duration calm = milliseconds(100);
constexpr Duration shortest = milliseconds(20);
constexpr Duration longest = seconds(5);
constexpr std::uint64_t growth_max = 4;
constexpr std::uint64_t wait_us = 5'000;  ///< so long one that is accepted may wait to begin
constexpr std::size_t limit_min = 32;

}  // namespace

void Admission::admitted() {
  const Lock lock(mutex_);
  ++admitted_;
}

void Admission::refused(Instant monotonic) {
  const Lock lock(mutex_);
  // Nobody was refused for as long as those refused stayed away.
  if (monotonic >= refused_at_ + after_ + calm) after_ = shortest;
  if (is_calm(monotonic)) {
    limit_ = limit_min;  // until it is known how fast they are taken
    admitted_ = refused_ = 0;
    looked_at_ = monotonic;
  } else if (monotonic >= looked_at_ + window) {
    look(monotonic);
  }
  ++refused_;
  refused_at_ = monotonic;
}

bool Admission::is_calm(Instant monotonic) const { return monotonic >= refused_at_ + calm; }

void Admission::look(Instant monotonic) {
  const std::uint64_t taken = std::max<std::uint64_t>(1, std::exchange(admitted_, 0));
  const auto growth = static_cast<std::int64_t>(std::min(growth_max, refused_ / taken));
  const auto us = static_cast<std::uint64_t>((monotonic - looked_at_).us);
  limit_ = std::max<std::size_t>(limit_min, taken * wait_us / us);
  if (growth > 1)
    after_ = std::min(longest, Duration{after_.us * growth});
  else if (refused_ * 2 < taken)
    after_ = std::max(shortest, Duration{after_.us * 3 / 4});
  refused_ = 0;
  looked_at_ = monotonic;
}

std::size_t Admission::limit(Instant monotonic) const {
  const Lock lock(mutex_);
  return is_calm(monotonic) ? queue_max_ : std::min(limit_, queue_max_);
}

std::optional<Duration> Admission::retry_after() const {
  const Lock lock(mutex_);
  if (after_.us == 0) return std::nullopt;
  const auto half = static_cast<std::uint64_t>(after_.us / 2);
  return Duration{after_.us - static_cast<std::int64_t>(half / 2) +
                  static_cast<std::int64_t>(jitter_.below(half))};
}

}  // namespace stele::runtime

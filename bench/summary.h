// SPDX-License-Identifier: Apache-2.0
// Owns: what the load generator and the limits measure time with, and what they say of many times.
// Life cycle: plain values. Thread: one owner. Must hold: percentiles are of all that was added.
#pragma once

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <string>
#include <vector>

namespace stele::bench {

inline double monotonic_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Durations in seconds, said in milliseconds.
class Summary {
 public:
  void add(double seconds) { times_.push_back(seconds); }
  void add(const Summary& other) {
    times_.insert(times_.end(), other.times_.begin(), other.times_.end());
  }
  std::size_t count() const { return times_.size(); }

  /// Members of a JSON object, without its braces.
  std::string json() {
    std::sort(times_.begin(), times_.end());
    return fmt::format(
        R"("count":{},"p50_ms":{:.4f},"p99_ms":{:.4f},"p999_ms":{:.4f},"max_ms":{:.4f})",
        times_.size(), at(0.5), at(0.99), at(0.999), at(1));
  }

 private:
  double at(double part) const {
    if (times_.empty()) return 0;
    const auto last = static_cast<double>(times_.size() - 1);
    return times_[static_cast<std::size_t>(part * last + 0.5)] * 1e3;
  }

  std::vector<double> times_;
};

}  // namespace stele::bench

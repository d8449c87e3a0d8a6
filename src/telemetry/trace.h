// SPDX-License-Identifier: Apache-2.0
// Owns: what `--profile` records, and the file that is made of it (Chrome's trace format: load it
//   in ui.perfetto.dev or chrome://tracing).
// Life cycle: made before threads start; set as trace_sink by its maker; write() after they have
//   ended. Thread: recording: any; each has a ring of its own, and no lock is taken but for its
//   first event.
// Must hold: memory is bounded: of too many events the oldest go, and are counted; spans of 5 ms
//   and more have a ring of their own, so that the cause of a stall is there minutes later.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/trace.h"

namespace stele::telemetry {

struct TraceLimits {
  std::size_t events_per_thread = std::size_t{1} << 17U;
  std::size_t long_spans_per_thread = std::size_t{1} << 12U;
  std::size_t threads = 64;  ///< what further ones do is only counted
};

class Trace final : public TraceSink {
 public:
  /// Opens the file; an old one of this name is replaced. Errors: invalid_argument.
  static Result<std::unique_ptr<Trace>> open(const std::string& path, TraceLimits limits = {});
  ~Trace() override;
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  std::int64_t now_ns() noexcept override;
  void put(const TraceEvent& event) noexcept override;
  void name_thread(std::string_view name) noexcept override;

  /// Writes everything and closes the file. Errors: resource_exhausted, unavailable.
  Result<void> write();

 private:
  struct Ring;
  struct Thread;
  struct State;
  explicit Trace(TraceLimits limits);
  Thread* mine() noexcept;

  std::unique_ptr<State> state_;
};

}  // namespace stele::telemetry

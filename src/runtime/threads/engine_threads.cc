// SPDX-License-Identifier: Apache-2.0
#include "runtime/threads/engine_threads.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "base/trace.h"
#include "telemetry/log.h"

namespace stele::runtime {
namespace {

constexpr Duration busy_look =
    microseconds(500);  ///< while guests run, overdue batches are seen to
constexpr Duration idle_look_max = milliseconds(500);
constexpr Duration upkeep_pause = milliseconds(20);
constexpr Duration logs_pause = milliseconds(50);
constexpr Duration drain_look = milliseconds(1);

/// Behind the threads of the API (ADR 0005): they take in, refuse and answer in little time, and
/// what waits for them in a socket cannot be refused. Where the system does not allow it, all stay
/// equal.
void step_back() {
  constexpr int niceness = 5;
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness));
}

}  // namespace

EngineThreads::~EngineThreads() { stop(); }

void EngineThreads::start(std::uint32_t guest_threads) {
  // One more than can compute: whoever closes a batch commits it, and waits for the disk.
  if (guest_threads == 0) guest_threads = std::max(1U, std::thread::hardware_concurrency()) + 1;
  for (std::uint32_t i = 0; i < guest_threads; ++i) {
    threads_.emplace_back([this, i] {
      trace_name_thread("guests " + std::to_string(i + 1));
      run_guests();
    });
  }
  threads_.emplace_back([this] { run_commits(); });
  threads_.emplace_back([this] { run_upkeep(); });
  threads_.emplace_back([this] { run_logs(); });
  bell_.ring();
}

void EngineThreads::drain() {
  engine_.drain();
  bell_.ring_commit();
  while (!engine_.drained() && !hurry_ && !stopping_) {
    std::this_thread::sleep_for(std::chrono::microseconds(drain_look.us));
    bell_.ring_commit();
  }
}

void EngineThreads::stop() {
  if (stopping_.exchange(true)) return;
  bell_.stop();
  upkeep_signal_.notify_all();
  engine_.log_buffer().wake();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  while (engine_.write_logs()) {
  }
}

/// While this thread commits the next batch, another one begins with what the last one released.
bool EngineThreads::commit() {
  if (!engine_.commit()) return false;
  if (engine_.commit_waits() && engine_.has_ready()) bell_.ring();
  return true;
}

void EngineThreads::run_guests() {
  step_back();
  while (!stopping_) {
    bell_.active();
    while (engine_.work()) {
      if (stopping_) return;
      bell_.active();
      while (commit()) {
      }
    }
    if (engine_.commit()) continue;
    const TraceSpan span("asleep");
    if (!bell_.sleep_guest()) return;
  }
}

/// Commits what it closes itself, and sees to whatever has its time.
void EngineThreads::run_commits() {
  step_back();
  trace_name_thread("commits");
  while (!stopping_) {
    const Instant next = engine_.tend();
    if (engine_.has_ready()) bell_.ring();
    if (commit()) continue;
    const Duration until = next - engine_.monotonic();
    Duration limit = std::clamp(until, Duration{}, idle_look_max);
    if (bell_.take_activity()) limit = std::min(limit, busy_look);
    const TraceSpan span("asleep");
    if (!bell_.sleep_commit(limit)) return;
  }
}

void EngineThreads::run_upkeep() {
  step_back();
  trace_name_thread("upkeep");
  while (!stopping_) {
    const Result<UpkeepState> state = engine_.store().upkeep();
    if (!state) {
      telemetry::log(telemetry::Level::warn, "upkeep failed", {{"reason", state.error().reason}});
    }
    if (state && *state == UpkeepState::more) continue;
    Lock lock(upkeep_mutex_);
    if (!stopping_) upkeep_signal_.wait_for(lock, upkeep_pause);
  }
}

void EngineThreads::run_logs() {
  step_back();
  trace_name_thread("logs");
  while (!stopping_) {
    if (!engine_.write_logs()) engine_.log_buffer().wait(logs_pause);
  }
}

}  // namespace stele::runtime

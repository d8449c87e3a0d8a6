// SPDX-License-Identifier: Apache-2.0
#include "telemetry/trace.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/sync.h"
#include "telemetry/trace_file.h"

namespace stele::telemetry {
namespace {

constexpr std::int64_t long_span_ns = 5'000'000;
std::atomic<std::uint64_t> traces_made{0};

}  // namespace

/// Written by one thread, read after that has ended.
struct Trace::Ring {
  std::size_t capacity;
  std::vector<TraceEvent> events{};
  std::uint64_t total = 0;

  void put(const TraceEvent& event) {
    if (events.size() < capacity) {
      events.push_back(event);
    } else {
      events[total % capacity] = event;
    }
    ++total;
  }
  bool overran() const { return total > capacity; }
  /// Of the oldest event that is still there; spans are put at their end.
  std::int64_t oldest_ns() const { return events[total % capacity].end_ns; }
};

struct Trace::Thread {
  std::string name;
  Ring all;
  Ring lasting;
};

struct Trace::State {
  explicit State(TraceLimits wanted) : limits(wanted) {}

  TraceLimits limits;
  std::uint64_t number = ++traces_made;  ///< tells this trace from an earlier one at its address
  std::FILE* file = nullptr;
  std::string path{};
  std::atomic<bool> written = false;
  std::atomic<std::uint64_t> refused = 0;
  Mutex mutex{};
  std::vector<std::unique_ptr<Thread>> threads{};
};

Trace::Trace(TraceLimits limits) : state_(std::make_unique<State>(limits)) {}

Trace::~Trace() {
  if (trace_sink == this) trace_sink = nullptr;
  if (state_->file != nullptr) std::fclose(state_->file);
}

Result<std::unique_ptr<Trace>> Trace::open(const std::string& path, TraceLimits limits) {
  std::unique_ptr<Trace> trace(new Trace(limits));
  trace->state_->path = path;
  trace->state_->file = std::fopen(path.c_str(), "we");
  if (trace->state_->file != nullptr) return trace;
  return fail(Code::invalid_argument,
              fmt::format("the profile cannot be written to {}: {}: choose another file", path,
                          std::strerror(errno)),
              path);
}

std::int64_t Trace::now_ns() noexcept {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

Trace::Thread* Trace::mine() noexcept {
  struct Known {
    std::uint64_t trace = 0;
    Thread* thread = nullptr;
  };
  thread_local Known known;
  if (known.trace == state_->number) return known.thread;
  const Lock lock(state_->mutex);
  known = {state_->number, nullptr};
  if (state_->threads.size() < state_->limits.threads) {
    state_->threads.push_back(std::make_unique<Thread>(Thread{
        fmt::format("api {}", state_->threads.size() + 1), Ring{state_->limits.events_per_thread},
        Ring{state_->limits.long_spans_per_thread}}));
    known.thread = state_->threads.back().get();
  }
  return known.thread;
}

void Trace::put(const TraceEvent& event) noexcept {
  if (state_->written.load(std::memory_order_relaxed)) return;
  Thread* thread = mine();
  if (thread == nullptr) {
    state_->refused.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  thread->all.put(event);
  if (event.end_ns - event.begin_ns >= long_span_ns) thread->lasting.put(event);
}

void Trace::name_thread(std::string_view name) noexcept {
  Thread* thread = mine();
  if (thread != nullptr) thread->name = name;
}

Result<void> Trace::write() {
  state_->written = true;
  std::int64_t whole_from = 0;  // before it, some thread's events are gone
  for (const auto& thread : state_->threads) {
    if (thread->all.overran()) whole_from = std::max(whole_from, thread->all.oldest_ns());
  }
  TraceRecord record;
  record.dropped = state_->refused;
  for (const auto& thread : state_->threads) {
    TracedThread traced{thread->name, {}};
    for (const TraceEvent& event : thread->lasting.events) {
      if (event.end_ns < whole_from) traced.events.push_back(event);
    }
    for (const TraceEvent& event : thread->all.events) {
      if (event.end_ns >= whole_from) traced.events.push_back(event);
    }
    record.dropped += thread->all.total;
    record.threads.push_back(std::move(traced));
  }
  for (const TracedThread& thread : record.threads) record.dropped -= thread.events.size();
  const bool written = write_trace(state_->file, record);
  const bool closed = std::fclose(std::exchange(state_->file, nullptr)) == 0;
  if (written && closed) return {};
  return fail(
      Code::unavailable,
      fmt::format("the profile was not written to {}: {}", state_->path, std::strerror(errno)),
      state_->path);
}

}  // namespace stele::telemetry

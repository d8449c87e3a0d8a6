// SPDX-License-Identifier: Apache-2.0
// Owns: the seam through which any layer says what it does, for `stele server run --profile`.
// Life cycle: the sink is set once before threads start, and outlives them. Thread: any.
// Must hold: without a sink a trace point costs one branch; nobody reads the time through it.
#pragma once

#include <cstdint>
#include <string_view>

namespace stele {

/// What a hand-over hands over; with the subject it names both of its ends.
enum class Flow : std::uint8_t { none, turn, input, request, commit, committed };

struct TraceEvent {
  const char* name = nullptr;  ///< a literal
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t subject = 0;  ///< execution, guest, request or batch; 0: none
  Flow flow = Flow::none;
  bool arrives = false;        ///< of a flow: its far end
  const char* lane = nullptr;  ///< a literal; null: the thread's own
};

class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual std::int64_t now_ns() noexcept = 0;
  virtual void put(const TraceEvent& event) noexcept = 0;
  virtual void name_thread(std::string_view name) noexcept = 0;
};

/// Null: nobody looks.
inline TraceSink* trace_sink = nullptr;

/// What the calling thread does from here to the end of the scope.
class TraceSpan {
 public:
  explicit TraceSpan(const char* name, std::int64_t subject = 0)
      : begin_ns_(trace_sink != nullptr ? trace_sink->now_ns() : 0),
        name_(name),
        subject_(subject) {}
  ~TraceSpan() {
    if (trace_sink != nullptr) end();
  }
  TraceSpan(const TraceSpan&) = delete;
  TraceSpan& operator=(const TraceSpan&) = delete;

  /// It begins with the far end of a hand-over.
  void arrived(Flow flow, std::int64_t subject) const {
    if (trace_sink == nullptr) return;
    trace_sink->put({.begin_ns = begin_ns_,
                     .end_ns = begin_ns_,
                     .subject = subject,
                     .flow = flow,
                     .arrives = true});
  }

 private:
  void end() noexcept {
    trace_sink->put({.name = name_,
                     .begin_ns = begin_ns_,
                     .end_ns = trace_sink->now_ns(),
                     .subject = subject_});
  }

  std::int64_t begin_ns_;
  const char* name_;
  std::int64_t subject_;
};

/// A hand-over to whoever takes it; ends with the same flow and subject meet in order.
inline void trace_hand_over(Flow flow, std::int64_t subject) {
  if (trace_sink == nullptr) return;
  const std::int64_t now = trace_sink->now_ns();
  trace_sink->put({.begin_ns = now, .end_ns = now, .subject = subject, .flow = flow});
}

inline void trace_name_thread(std::string_view name) {
  if (trace_sink != nullptr) trace_sink->name_thread(name);
}

}  // namespace stele

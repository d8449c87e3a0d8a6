// SPDX-License-Identifier: Apache-2.0
#include "runtime/batch_trace.h"

#include <utility>

namespace stele::runtime {
namespace {

constexpr const char* filling_lane = "batch that fills";
constexpr const char* committing_lane = "batch that commits";

}  // namespace

void BatchTrace::put_closed(std::int64_t number) {
  const std::int64_t now = trace_sink->now_ns();
  const std::int64_t filling = std::exchange(filling_ns_, 0);
  const std::int64_t gathering = std::exchange(gathering_ns_, 0);
  TraceEvent event{.name = "fills", .begin_ns = filling, .end_ns = now, .subject = number};
  event.lane = filling_lane;
  if (filling != 0) trace_sink->put(event);
  event.name = "gathers";
  event.begin_ns = gathering;
  if (gathering != 0) trace_sink->put(event);
  number_ = number;
  since_ns_ = now;
  trace_hand_over(Flow::commit, number);
}

void BatchTrace::put_next(const char* name) {
  const std::int64_t now = trace_sink->now_ns();
  trace_sink->put({.name = name,
                   .begin_ns = std::exchange(since_ns_, now),
                   .end_ns = now,
                   .subject = number_,
                   .lane = committing_lane});
}

}  // namespace stele::runtime

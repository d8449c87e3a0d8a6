// SPDX-License-Identifier: Apache-2.0
// Owns: the two rows of a profile that show batches: the one that fills and the one that commits.
// Life cycle: as its driver. Thread: as the call that it stands in; the driver's lock is between
//   them. Must hold: without a sink each call costs one branch.
#pragma once

#include "base/trace.h"
#include "journal/ids.h"

namespace stele::runtime {

class BatchTrace {
 public:
  /// A step has ended; the open batch has `rows`.
  void stepped(std::size_t rows) {
    if (trace_sink != nullptr && filling_ns_ == 0 && rows > 0) filling_ns_ = trace_sink->now_ns();
  }
  /// The batch could be committed, and waits for runs that are on their way.
  void gathers() {
    if (trace_sink != nullptr) gathering_ns_ = trace_sink->now_ns();
  }
  void closed(BatchNumber number) {
    if (trace_sink != nullptr) put_closed(static_cast<std::int64_t>(number.value));
  }
  void commits() {
    if (trace_sink != nullptr) put_next("closed, waits for a thread");
  }
  void committed() {
    if (trace_sink == nullptr) return;
    put_next("commit");
    trace_hand_over(Flow::committed, number_);
  }
  void released() {
    if (trace_sink != nullptr) put_next("committed, waits for the partition");
  }

 private:
  void put_closed(std::int64_t number);
  void put_next(const char* name);

  std::int64_t filling_ns_ = 0;
  std::int64_t gathering_ns_ = 0;
  std::int64_t number_ = 0;  ///< of the one that commits
  std::int64_t since_ns_ = 0;
};

}  // namespace stele::runtime

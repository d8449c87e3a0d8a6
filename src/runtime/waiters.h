// SPDX-License-Identifier: Apache-2.0
// Owns: whoever waits: for the answer to a request, for the end or the next change of an execution.
// Life cycle: as the engine's. Thread: any; callbacks run without the lock.
// Must hold: each callback is called once; no wakeup is lost: register, then look.
#pragma once

#include <unordered_map>
#include <vector>

#include "base/sync.h"
#include "core/effects.h"
#include "runtime/engine.h"

namespace stele::runtime {

/// The answer of the partition to one request.
using Answered = Done<core::Answer>;

class Waiters {
 public:
  /// 0 if too many wait already; `done` was called with resource_exhausted then.
  core::RequestId add_request(Answered done, std::size_t requests_max);
  void answer(core::Answer answer);
  void refuse(core::RequestId request, Error error);

  using Ticket = std::uint64_t;
  Ticket await_finish(ExecutionKey key, Done<ExecutionView> done);
  Ticket await_progress(ExecutionKey key, Done<ExecutionView> done);
  /// The callback of a ticket, if it was not called yet.
  Done<ExecutionView> take(ExecutionKey key, Ticket ticket);
  bool anyone_awaits(ExecutionKey key) const;
  std::vector<Done<ExecutionView>> take_finished(ExecutionKey key);
  std::vector<Done<ExecutionView>> take_progressed(ExecutionKey key);

  /// Everyone is told that the outcome is not known.
  void fail_all(const Error& error);

 private:
  struct Follower {
    Ticket ticket = 0;
    bool progress = false;
    Done<ExecutionView> done;
  };
  Ticket await(ExecutionKey key, Done<ExecutionView> done, bool progress);

  mutable Mutex mutex_;
  std::uint64_t last_ STELE_GUARDED_BY(mutex_) = 0;
  std::unordered_map<core::RequestId, Answered> requests_ STELE_GUARDED_BY(mutex_);
  std::unordered_map<std::int64_t, std::vector<Follower>> followers_ STELE_GUARDED_BY(mutex_);
};

}  // namespace stele::runtime

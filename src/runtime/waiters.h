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
  /// 0 if so many wait already; nothing was kept then.
  core::RequestId add_request(Answered& done, std::size_t requests_max);
  /// The same for a submission whose end is waited for: `done` hears of a refusal, and of a request
  /// that had been accepted before; `ended` of the end of what was started.
  core::RequestId add_run(Answered& done, Done<ExecutionView>& ended, std::size_t requests_max);
  /// What was started for this answer is waited for from here on; there is nothing to tell yet.
  /// To be called in order with the releases of the same execution.
  bool follow_run(const core::Answer& answer);
  /// Drops who waits for the end of that submission.
  void leave_run(core::RequestId request);
  void answer(core::Answer answer);
  void refuse(core::RequestId request, Error error);

  using Ticket = std::uint64_t;
  Ticket await_finish(ExecutionKey key, Done<ExecutionView> done);
  Ticket await_progress(ExecutionKey key, Done<ExecutionView> done);
  /// The callback of a ticket, if it was not called yet.
  Done<ExecutionView> take(ExecutionKey key, Ticket ticket);
  bool anyone_awaits(ExecutionKey key) const;
  /// Someone waits for any change of it.
  bool anyone_awaits_progress(ExecutionKey key) const;
  std::vector<Done<ExecutionView>> take_finished(ExecutionKey key);
  std::vector<Done<ExecutionView>> take_progressed(ExecutionKey key);

  /// Everyone is told that the outcome is not known.
  void fail_all(const Error& error);

 private:
  struct Request {
    Answered done;
    Done<ExecutionView> ended;  ///< of a run
  };
  struct Follower {
    Ticket ticket = 0;
    bool progress = false;
    bool run = false;
    Done<ExecutionView> done;
  };
  Ticket await(ExecutionKey key, Done<ExecutionView> done, bool progress);
  core::RequestId add(Answered& done, Done<ExecutionView>* ended, std::size_t requests_max);
  /// A follower is taken away.
  void forget(const Follower& follower) STELE_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::uint64_t last_ STELE_GUARDED_BY(mutex_) = 0;
  std::unordered_map<core::RequestId, Request> requests_ STELE_GUARDED_BY(mutex_);
  /// Those that are followed.
  std::unordered_map<core::RequestId, ExecutionKey> runs_ STELE_GUARDED_BY(mutex_);
  std::size_t progress_followers_ STELE_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::int64_t, std::vector<Follower>> followers_ STELE_GUARDED_BY(mutex_);
};

}  // namespace stele::runtime

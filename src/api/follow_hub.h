// SPDX-License-Identifier: Apache-2.0
// Owns: the callers that wait for an execution to change or to finish; to the engine all that wait
//   for the same thing are one.
// Life cycle: shared by the service and by what it has asked the engine. Thread: any.
// Must hold: a callback is called once or, after a successful cancel, never; no lock is held while
// it
//   runs; the engine knows at most two waits of an execution, however many clients come and go.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/sync.h"
#include "runtime/engine.h"

namespace stele::api {

class FollowHub : public std::enable_shared_from_this<FollowHub> {
 public:
  using Callback = runtime::Done<runtime::ExecutionView>;
  using Ticket = std::uint64_t;

  explicit FollowHub(runtime::Engine& engine) : engine_(engine) {}

  /// A ticket for one wait. Cancelling it before the wait begins prevents the wait.
  Ticket reserve();
  void wait_finished(Ticket ticket, const ExecutionId& id, Callback callback);
  using RunCallback = std::move_only_function<void(Result<runtime::ExecutionView>, bool repeated)>;
  /// Submits, and waits for the end of what was submitted.
  void run(Ticket ticket, runtime::SubmitRequest request, RunCallback callback);
  /// At the first change after `position`, the number of entries that the caller has seen.
  void wait_progress(Ticket ticket, const ExecutionId& id, std::uint32_t position,
                     Callback callback);
  /// True if the callback will not be called; it is the caller then who must go on.
  bool cancel(Ticket ticket);
  /// Everyone who waits, now or later, is told so.
  void close(const Error& error);

 private:
  struct Topic {
    ExecutionId id;
    bool finished = false;  ///< waits for the end, not for any change
    auto operator<=>(const Topic&) const = default;
  };
  struct Waiter {
    Ticket ticket = 0;
    Callback callback;
  };
  struct Wait {
    std::uint32_t position = 0;  ///< what the engine was asked with
    std::vector<Waiter> waiters;
  };

  struct Run {
    RunCallback callback;
    runtime::RunTicket asked = 0;
  };
  enum class Joined : std::uint8_t { waits, first, cancelled, behind, closed };
  Joined join(Ticket ticket, const Topic& topic, std::uint32_t position, Callback& callback);
  Joined join_locked(const Topic& topic, std::uint32_t position) const STELE_REQUIRES(mutex_);
  bool cancel_locked(Ticket ticket) STELE_REQUIRES(mutex_);
  void fire(const Topic& topic, const Result<runtime::ExecutionView>& result);
  void ran(Ticket ticket, Result<runtime::Ran> result);
  Callback on_change(const Topic& topic);
  /// What close() was told.
  std::unexpected<Error> closed() const;

  runtime::Engine& engine_;
  mutable Mutex mutex_;
  Ticket next_ticket_ STELE_GUARDED_BY(mutex_) = 1;
  std::optional<Error> closed_ STELE_GUARDED_BY(mutex_);
  std::map<Ticket, Topic> tickets_ STELE_GUARDED_BY(mutex_);  ///< reserved and waiting ones
  std::map<Topic, Wait> waits_ STELE_GUARDED_BY(mutex_);
  std::unordered_map<Ticket, Run> runs_ STELE_GUARDED_BY(mutex_);  ///< these have their ticket too
};

}  // namespace stele::api

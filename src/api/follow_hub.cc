// SPDX-License-Identifier: Apache-2.0
#include "api/follow_hub.h"

#include <utility>

namespace stele::api {

FollowHub::Ticket FollowHub::reserve() {
  const Lock lock(mutex_);
  const Ticket ticket = next_ticket_++;
  tickets_.emplace(ticket, Topic());
  return ticket;
}

void FollowHub::wait_finished(Ticket ticket, const ExecutionId& id, Callback callback) {
  const Topic topic{id, true};
  const Joined joined = join(ticket, topic, 0, callback);
  if (joined == Joined::first) engine_.wait_finished(id, on_change(topic));
  if (joined == Joined::closed) callback(closed());
}

void FollowHub::run(Ticket ticket, runtime::SubmitRequest request, RunCallback callback) {
  std::optional<Error> closed;
  {
    const Lock lock(mutex_);
    const auto held = tickets_.find(ticket);
    if (held == tickets_.end()) return;
    closed = closed_;
    if (!closed) runs_.emplace(ticket, Run{std::move(callback), 0});
    if (closed) tickets_.erase(held);
  }
  // NOLINTNEXTLINE(bugprone-use-after-move): moved only if the hub is open
  if (closed) return callback(std::unexpected(*closed), false);
  const runtime::RunTicket asked = engine_.run(
      std::move(request), [self = shared_from_this(), ticket](Result<runtime::Ran> result) {
        self->ran(ticket, std::move(result));
      });
  {
    const Lock lock(mutex_);
    const auto run = runs_.find(ticket);
    if (run != runs_.end()) {
      run->second.asked = asked;
      return;
    }
  }
  engine_.leave(asked);  // it is over, or its caller has left
}

void FollowHub::ran(Ticket ticket, Result<runtime::Ran> result) {
  RunCallback callback;
  const bool repeated = result && !result->view;
  {
    const Lock lock(mutex_);
    const auto run = runs_.find(ticket);
    if (run == runs_.end()) return;
    callback = std::move(run->second.callback);
    runs_.erase(run);
    if (!repeated) tickets_.erase(ticket);
  }
  if (!result) return callback(std::unexpected(std::move(result.error())), false);
  if (!repeated) return callback(std::move(*result->view), false);
  wait_finished(ticket, result->id,
                [callback = std::move(callback)](Result<runtime::ExecutionView> view) mutable {
                  callback(std::move(view), true);
                });
}

void FollowHub::wait_progress(Ticket ticket, const ExecutionId& id, std::uint32_t position,
                              Callback callback) {
  const Topic topic{id, false};
  switch (join(ticket, topic, position, callback)) {
    case Joined::first: return engine_.wait_progress(id, position, on_change(topic));
    case Joined::closed: return callback(closed());
    // Others have seen more than this caller: there is something to read for it now.
    case Joined::behind: return callback(engine_.get(id));
    case Joined::waits:
    case Joined::cancelled: break;
  }
}

FollowHub::Joined FollowHub::join(Ticket ticket, const Topic& topic, std::uint32_t position,
                                  Callback& callback) {
  const Lock lock(mutex_);
  const auto held = tickets_.find(ticket);
  if (held == tickets_.end()) return Joined::cancelled;
  const Joined joined = join_locked(topic, position);
  if (joined == Joined::closed || joined == Joined::behind) {
    tickets_.erase(held);
    return joined;
  }
  held->second = topic;
  Wait& wait = waits_[topic];
  if (joined == Joined::first) wait.position = position;
  wait.waiters.push_back({ticket, std::move(callback)});
  return joined;
}

FollowHub::Joined FollowHub::join_locked(const Topic& topic, std::uint32_t position) const {
  if (closed_) return Joined::closed;
  const auto wait = waits_.find(topic);
  if (wait == waits_.end()) return Joined::first;
  return position < wait->second.position ? Joined::behind : Joined::waits;
}

void FollowHub::close(const Error& error) {
  std::vector<Waiter> waiters;
  std::unordered_map<Ticket, Run> runs;
  {
    const Lock lock(mutex_);
    closed_ = error;
    runs.swap(runs_);
    for (const auto& [ticket, run] : runs) tickets_.erase(ticket);
    for (auto& [topic, wait] : waits_) {
      for (Waiter& waiter : wait.waiters) {
        tickets_.erase(waiter.ticket);
        waiters.push_back(std::move(waiter));
      }
      wait.waiters.clear();
    }
  }
  for (Waiter& waiter : waiters) waiter.callback(std::unexpected(error));
  for (auto& [ticket, run] : runs) run.callback(std::unexpected(error), false);
}

std::unexpected<Error> FollowHub::closed() const {
  const Lock lock(mutex_);
  return std::unexpected(*closed_);
}

FollowHub::Callback FollowHub::on_change(const Topic& topic) {
  return [self = shared_from_this(), topic](Result<runtime::ExecutionView> result) {
    self->fire(topic, result);
  };
}

void FollowHub::fire(const Topic& topic, const Result<runtime::ExecutionView>& result) {
  std::vector<Waiter> waiters;
  {
    const Lock lock(mutex_);
    const auto wait = waits_.find(topic);
    if (wait == waits_.end()) return;
    waiters = std::move(wait->second.waiters);
    waits_.erase(wait);
    for (const Waiter& waiter : waiters) tickets_.erase(waiter.ticket);
  }
  for (Waiter& waiter : waiters) waiter.callback(result);
}

bool FollowHub::cancel(Ticket ticket) {
  std::optional<Run> left;
  {
    const Lock lock(mutex_);
    if (!cancel_locked(ticket)) return false;
    const auto run = runs_.find(ticket);
    if (run == runs_.end()) return true;
    left = std::move(run->second);
    runs_.erase(run);
  }
  engine_.leave(left->asked);
  return true;
}

bool FollowHub::cancel_locked(Ticket ticket) {
  const auto held = tickets_.find(ticket);
  if (held == tickets_.end()) return false;
  const auto wait = waits_.find(held->second);
  tickets_.erase(held);
  if (wait == waits_.end()) return true;
  std::erase_if(wait->second.waiters, [&](const Waiter& each) { return each.ticket == ticket; });
  return true;
}

}  // namespace stele::api

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
  if (join(ticket, topic, 0, callback)) engine_.wait_finished(id, on_change(topic));
}

void FollowHub::wait_progress(Ticket ticket, const ExecutionId& id, std::uint32_t position,
                              Callback callback) {
  const Topic topic{id, false};
  if (join(ticket, topic, position, callback)) {
    engine_.wait_progress(id, position, on_change(topic));
  }
  if (!callback) return;
  // Others have seen more than this caller: there is something to read for it now.
  callback(engine_.get(id));
}

bool FollowHub::join(Ticket ticket, Topic topic, std::uint32_t position, Callback& callback) {
  const Lock lock(mutex_);
  const auto held = tickets_.find(ticket);
  if (held == tickets_.end()) {
    callback = nullptr;  // cancelled before the wait began
    return false;
  }
  const auto [wait, is_new] = waits_.try_emplace(topic);
  if (is_new) wait->second.position = position;
  if (position < wait->second.position) {
    tickets_.erase(held);
    return false;
  }
  held->second = std::move(topic);
  wait->second.waiters.push_back({ticket, std::move(callback)});
  callback = nullptr;
  return is_new;
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
  const Lock lock(mutex_);
  const auto held = tickets_.find(ticket);
  if (held == tickets_.end()) return false;
  const auto wait = waits_.find(held->second);
  tickets_.erase(held);
  if (wait == waits_.end()) return true;
  std::erase_if(wait->second.waiters, [&](const Waiter& each) { return each.ticket == ticket; });
  return true;
}

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
#include "runtime/waiters.h"

#include <utility>

namespace stele::runtime {

core::RequestId Waiters::add_request(Answered done, std::size_t requests_max) {
  {
    const Lock lock(mutex_);
    if (requests_.size() < requests_max) {
      requests_.emplace(++last_, std::move(done));
      return last_;
    }
  }
  done(fail(Code::resource_exhausted,
            "too many requests wait for an answer; try again in a second"));
  return 0;
}

void Waiters::answer(core::Answer answer) {
  Answered done;
  {
    const Lock lock(mutex_);
    const auto found = requests_.find(answer.request);
    if (found == requests_.end()) return;
    done = std::move(found->second);
    requests_.erase(found);
  }
  if (answer.refusal) return done(std::unexpected(std::move(*answer.refusal)));
  done(std::move(answer));
}

void Waiters::refuse(core::RequestId request, Error error) {
  core::Answer refused;
  refused.request = request;
  refused.refusal = std::move(error);
  answer(std::move(refused));
}

Waiters::Ticket Waiters::await(ExecutionKey key, Done<ExecutionView> done, bool progress) {
  const Lock lock(mutex_);
  followers_[key.value].push_back(Follower{++last_, progress, std::move(done)});
  return last_;
}

Waiters::Ticket Waiters::await_finish(ExecutionKey key, Done<ExecutionView> done) {
  return await(key, std::move(done), false);
}

Waiters::Ticket Waiters::await_progress(ExecutionKey key, Done<ExecutionView> done) {
  return await(key, std::move(done), true);
}

Done<ExecutionView> Waiters::take(ExecutionKey key, Ticket ticket) {
  const Lock lock(mutex_);
  const auto found = followers_.find(key.value);
  if (found == followers_.end()) return nullptr;
  std::vector<Follower>& all = found->second;
  for (auto follower = all.begin(); follower != all.end(); ++follower) {
    if (follower->ticket != ticket) continue;
    Done<ExecutionView> done = std::move(follower->done);
    all.erase(follower);
    if (all.empty()) followers_.erase(found);
    return done;
  }
  return nullptr;
}

bool Waiters::anyone_awaits(ExecutionKey key) const {
  const Lock lock(mutex_);
  return followers_.contains(key.value);
}

std::vector<Done<ExecutionView>> Waiters::take_finished(ExecutionKey key) {
  std::vector<Done<ExecutionView>> taken;
  const Lock lock(mutex_);
  const auto found = followers_.find(key.value);
  if (found == followers_.end()) return taken;
  for (Follower& follower : found->second) taken.push_back(std::move(follower.done));
  followers_.erase(found);
  return taken;
}

std::vector<Done<ExecutionView>> Waiters::take_progressed(ExecutionKey key) {
  std::vector<Done<ExecutionView>> taken;
  const Lock lock(mutex_);
  const auto found = followers_.find(key.value);
  if (found == followers_.end()) return taken;
  std::vector<Follower> stay;
  for (Follower& follower : found->second) {
    if (follower.progress) {
      taken.push_back(std::move(follower.done));
    } else {
      stay.push_back(std::move(follower));
    }
  }
  found->second = std::move(stay);
  if (found->second.empty()) followers_.erase(found);
  return taken;
}

void Waiters::fail_all(const Error& error) {
  std::unordered_map<core::RequestId, Answered> requests;
  std::unordered_map<std::int64_t, std::vector<Follower>> followers;
  {
    const Lock lock(mutex_);
    requests.swap(requests_);
    followers.swap(followers_);
  }
  for (auto& [id, done] : requests) done(std::unexpected(error));
  for (auto& [key, all] : followers) {
    for (Follower& follower : all) follower.done(std::unexpected(error));
  }
}

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
#include "runtime/waiters.h"

#include <utility>

namespace stele::runtime {

core::RequestId Waiters::add(Answered& done, Done<ExecutionView>* ended, std::size_t requests_max) {
  const Lock lock(mutex_);
  if (requests_.size() >= requests_max) return 0;
  Request& request = requests_[++last_];
  request.done = std::move(done);
  if (ended != nullptr) request.ended = std::move(*ended);
  return last_;
}

core::RequestId Waiters::add_request(Answered& done, std::size_t requests_max) {
  return add(done, nullptr, requests_max);
}

core::RequestId Waiters::add_run(Answered& done, Done<ExecutionView>& ended,
                                 std::size_t requests_max) {
  return add(done, &ended, requests_max);
}

bool Waiters::follow_run(const core::Answer& answer) {
  if (answer.refusal || answer.repeated) return false;
  const Lock lock(mutex_);
  const auto found = requests_.find(answer.request);
  if (found == requests_.end() || !found->second.ended) return false;
  followers_[answer.key.value].push_back(
      Follower{answer.request, false, true, std::move(found->second.ended)});
  runs_.emplace(answer.request, answer.key);
  requests_.erase(found);
  return true;
}

void Waiters::leave_run(core::RequestId request) {
  Done<ExecutionView> dropped;
  ExecutionKey key;
  {
    const Lock lock(mutex_);
    const auto run = runs_.find(request);
    if (run == runs_.end()) return;
    key = run->second;
  }
  dropped = take(key, request);
}

void Waiters::answer(core::Answer answer) {
  Answered done;
  {
    const Lock lock(mutex_);
    const auto found = requests_.find(answer.request);
    if (found == requests_.end()) return;
    done = std::move(found->second.done);
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
  followers_[key.value].push_back(Follower{++last_, progress, false, std::move(done)});
  if (progress) ++progress_followers_;
  return last_;
}

void Waiters::forget(const Follower& follower) {
  if (follower.progress) --progress_followers_;
  if (follower.run) runs_.erase(follower.ticket);
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
    forget(*follower);
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

bool Waiters::anyone_awaits_progress(ExecutionKey key) const {
  const Lock lock(mutex_);
  return progress_followers_ > 0 && followers_.contains(key.value);
}

std::vector<Done<ExecutionView>> Waiters::take_finished(ExecutionKey key) {
  std::vector<Done<ExecutionView>> taken;
  const Lock lock(mutex_);
  const auto found = followers_.find(key.value);
  if (found == followers_.end()) return taken;
  for (Follower& follower : found->second) {
    forget(follower);
    taken.push_back(std::move(follower.done));
  }
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
      forget(follower);
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
  std::unordered_map<core::RequestId, Request> requests;
  std::unordered_map<std::int64_t, std::vector<Follower>> followers;
  {
    const Lock lock(mutex_);
    requests.swap(requests_);
    followers.swap(followers_);
    runs_.clear();
    progress_followers_ = 0;
  }
  for (auto& [id, request] : requests) request.done(std::unexpected(error));
  for (auto& [key, all] : followers) {
    for (Follower& follower : all) follower.done(std::unexpected(error));
  }
}

}  // namespace stele::runtime

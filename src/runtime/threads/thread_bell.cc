// SPDX-License-Identifier: Apache-2.0
#include "runtime/threads/thread_bell.h"

#include <algorithm>
#include <utility>

namespace stele::runtime {
namespace {

constexpr Duration long_sleep = milliseconds(2);

}  // namespace

void ThreadBell::ring() noexcept {
  {
    const Lock lock(mutex_);
    rung_ = std::min(rung_ + 1, std::max<std::uint32_t>(sleepers_, 1));
    if (sleepers_ == 0) return;
  }
  guests_.notify_one();
}

void ThreadBell::ring_commit() noexcept {
  {
    const Lock lock(mutex_);
    commit_rung_ = true;
  }
  commit_.notify_one();
}

void ThreadBell::stop() {
  {
    const Lock lock(mutex_);
    stopped_ = true;
  }
  guests_.notify_all();
  commit_.notify_all();
}

bool ThreadBell::sleep_guest() {
  Lock lock(mutex_);
  ++sleepers_;
  while (rung_ == 0 && !stopped_) guests_.wait(lock);
  --sleepers_;
  if (rung_ > 0) --rung_;
  return !stopped_;
}

bool ThreadBell::sleep_commit(Duration limit) {
  Lock lock(mutex_);
  commit_slow_ = limit > long_sleep;
  const bool missed = commit_slow_ && active_;  // since its limit was chosen
  if (!commit_rung_ && !stopped_ && !missed && limit.us > 0) commit_.wait_for(lock, limit);
  commit_slow_ = false;
  commit_rung_ = false;
  return !stopped_;
}

bool ThreadBell::take_activity() { return active_.exchange(false); }

void ThreadBell::active() {
  if (active_.exchange(true)) return;  // the commit thread has not looked since
  bool wake = false;
  {
    const Lock lock(mutex_);
    wake = std::exchange(commit_slow_, false);
    commit_rung_ = commit_rung_ || wake;
  }
  if (wake) commit_.notify_one();
}

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Owns: the lock, the condition and the queue that the rest of the program uses between threads.
// Life cycle: as their owner. Thread: any. Must hold: no lock is held while foreign code runs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/time.h"

namespace stele {

/// A std::mutex whose lock() looks again for about a microsecond before it sleeps: no section that
/// it guards is long, and a sleep costs the thread a wake-up of 10 to 20 µs.
class Mutex : public std::mutex {
 public:
  Mutex() noexcept {
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
    *native_handle() = pthread_mutex_t PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
#endif
  }
};
using Lock = std::unique_lock<std::mutex>;

/// A condition bound to a Mutex by its caller.
class Signal {
 public:
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }
  void wait(Lock& lock) { condition_.wait(lock); }
  /// False if the time ran out first.
  bool wait_for(Lock& lock, Duration limit) {
    return condition_.wait_for(lock, std::chrono::microseconds(limit.us)) ==
           std::cv_status::no_timeout;
  }

 private:
  std::condition_variable condition_;
};

/// First in, first out, bounded by its users (see the credits in design.md section 7).
template <typename T>
class Queue {
 public:
  void push(T item) {
    {
      const Lock lock(mutex_);
      items_.push_back(std::move(item));
    }
    signal_.notify_one();
  }

  std::optional<T> try_pop() {
    const Lock lock(mutex_);
    return pop_locked();
  }

  /// Waits at most `limit`.
  std::optional<T> pop(Duration limit) {
    Lock lock(mutex_);
    if (items_.empty()) signal_.wait_for(lock, limit);
    return pop_locked();
  }

  std::size_t size() const {
    const Lock lock(mutex_);
    return items_.size();
  }

 private:
  std::optional<T> pop_locked() {
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  mutable Mutex mutex_;
  Signal signal_;
  std::deque<T> items_;
};

}  // namespace stele

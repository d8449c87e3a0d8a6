// SPDX-License-Identifier: Apache-2.0
// Owns: the lock, the condition and the queue that the rest of the program uses between threads.
// Life cycle: as their owner. Thread: any. Must hold: no lock is held while foreign code runs.
// STELE_GUARDED_BY and STELE_REQUIRES say what a lock guards; clang holds the code to it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/time.h"

#ifdef __clang__
#define STELE_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define STELE_THREAD_SAFETY(attribute)
#endif
/// Of a member: only whoever holds the lock reads or writes it.
#define STELE_GUARDED_BY(mutex) STELE_THREAD_SAFETY(guarded_by(mutex))
/// Of a function: its caller holds the lock.
#define STELE_REQUIRES(...) STELE_THREAD_SAFETY(requires_capability(__VA_ARGS__))

namespace stele {

/// Its lock looks again for about a microsecond before it sleeps: no section that it guards is
/// long, and a sleep costs the thread a wake-up of 10 to 20 µs.
class STELE_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
  Mutex() noexcept {
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
    *mutex_.native_handle() = pthread_mutex_t PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
#endif
  }
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

 private:
  friend class Lock;
  std::mutex mutex_;
};

/// Holds a Mutex from its making to its end.
class [[nodiscard]] STELE_THREAD_SAFETY(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) STELE_THREAD_SAFETY(acquire_capability(mutex))
      : lock_(mutex.mutex_) {}
  ~Lock() STELE_THREAD_SAFETY(release_capability()) = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  friend class Signal;
  std::unique_lock<std::mutex> lock_;
};

/// A condition bound to a Mutex by its caller.
class Signal {
 public:
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }
  void wait(Lock& lock) { condition_.wait(lock.lock_); }
  /// False if the time ran out first.
  bool wait_for(Lock& lock, Duration limit) {
    return condition_.wait_for(lock.lock_, std::chrono::microseconds(limit.us)) ==
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
  std::optional<T> pop_locked() STELE_REQUIRES(mutex_) {
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  mutable Mutex mutex_;
  Signal signal_;
  std::deque<T> items_ STELE_GUARDED_BY(mutex_);
};

}  // namespace stele

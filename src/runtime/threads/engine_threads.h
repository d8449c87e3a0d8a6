// SPDX-License-Identifier: Apache-2.0
// Owns: the engine's threads: guest threads, the commit thread (which keeps time too), upkeep of
// the
//   store, writing of logs.
// Life cycle: start() after the engine was opened; stop() drains and joins. Thread: one owner.
// Must hold: the only place that starts threads for the engine; no guest code runs after stop().
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "runtime/local_engine.h"
#include "runtime/threads/thread_bell.h"

namespace stele::runtime {

class EngineThreads {
 public:
  EngineThreads(LocalEngine& engine, ThreadBell& bell) : engine_(engine), bell_(bell) {}
  ~EngineThreads();
  EngineThreads(const EngineThreads&) = delete;
  EngineThreads& operator=(const EngineThreads&) = delete;

  /// `guest_threads` 0: one more than there are cores.
  void start(std::uint32_t guest_threads);
  /// Lets running work end, up to the drain's limit, and stores the clean mark.
  void drain();
  /// Gives a drain that is under way up; safe, like a crash.
  void stop_now() { hurry_ = true; }
  /// Ends all threads.
  void stop();

 private:
  bool commit();
  void run_guests();
  void run_commits();
  void run_upkeep();
  void run_logs();

  LocalEngine& engine_;
  ThreadBell& bell_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> hurry_ = false;
  Mutex upkeep_mutex_;
  Signal upkeep_signal_;
  std::vector<std::thread> threads_;
};

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Owns: the outside world that scripted activities touch: how often each was begun, gates that
// tests
//   open, the wish to crash.
// Life cycle: outlives engines and crashes. Thread: any.
// Must hold: what has happened in it is never taken back.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/sync.h"
#include "wasm/guest.h"

namespace stele::wasm::scripted {

class World {
 public:
  /// Counts an attempt of `call` (`FFQN params`); answers its number, from 1.
  std::uint64_t begin_attempt(const std::string& call);
  std::uint64_t attempts(const std::string& call) const;
  /// Every call with the number of its attempts.
  std::map<std::string, std::uint64_t> ledger() const;

  /// True if it is open; else the guest is woken when it opens.
  bool pass(const std::string& gate, std::uint64_t guest_id, Wakes* wakes);
  void open(const std::string& gate);

  /// The engine is gone: nobody is woken any more.
  void forget_waiters();
  void crash();
  /// True once after each crash().
  bool take_crash();

 private:
  struct Waiter {
    std::uint64_t guest_id;
    Wakes* wakes;
  };
  mutable Mutex mutex_;
  std::map<std::string, std::uint64_t> attempts_ STELE_GUARDED_BY(mutex_);
  std::set<std::string> open_ STELE_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<Waiter>> waiting_ STELE_GUARDED_BY(mutex_);
  bool crash_ STELE_GUARDED_BY(mutex_) = false;
};

}  // namespace stele::wasm::scripted

// SPDX-License-Identifier: Apache-2.0
// Owns: how many guests of each limited component run, and who waits for one of them to end.
// Life cycle: as the pool's. Thread: under the pool's lock.
// Must hold: a component without a limit takes no room here; who waits is in no other queue.
#pragma once

#include <map>

#include "runtime/turn_queue.h"

namespace stele::runtime {

class InstanceLimits {
 public:
  /// False: the component is full; the task waits here.
  bool enter(Task& task, const InstanceRule& rule, bool begun);
  /// One has ended or is parked; whoever may go on now, or null.
  Task* leave(const wasm::Component* component);
  /// One that was called to go on is gone instead; who may go on in its place, or null.
  Task* pass_on(const InstanceRule& rule);

 private:
  struct Limit {
    std::uint32_t active = 0;
    TurnQueue begun;  ///< guests in memory: they go first, or no room may be left for the others
    TurnQueue fresh;
    Task* next();
  };
  std::map<const wasm::Component*, Limit> limits_;
};

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
#include "runtime/instance_limits.h"

namespace stele::runtime {

bool InstanceLimits::enter(Task& task, const InstanceRule& rule) {
  Limit& limit = limits_[rule.component];
  if (limit.active >= rule.max) {
    limit.waiting.push(task);
    return false;
  }
  ++limit.active;
  return true;
}

Task* InstanceLimits::leave(const wasm::Component* component) {
  const auto found = limits_.find(component);
  if (found == limits_.end()) return nullptr;
  Limit& limit = found->second;
  --limit.active;
  if (Task* next = limit.waiting.pop()) return next;
  if (limit.active == 0) limits_.erase(found);
  return nullptr;
}

Task* InstanceLimits::pass_on(const InstanceRule& rule) {
  const auto found = limits_.find(rule.component);
  if (found == limits_.end() || found->second.active >= rule.max) return nullptr;
  return found->second.waiting.pop();
}

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
#include "runtime/instance_limits.h"

namespace stele::runtime {

Task* InstanceLimits::Limit::next() {
  Task* task = begun.pop();
  return task != nullptr ? task : fresh.pop();
}

bool InstanceLimits::enter(Task& task, const InstanceRule& rule, bool begun) {
  Limit& limit = limits_[rule.component];
  if (limit.active >= rule.max) {
    (begun ? limit.begun : limit.fresh).push(task);
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
  if (Task* next = limit.next()) return next;
  if (limit.active == 0) limits_.erase(found);
  return nullptr;
}

Task* InstanceLimits::pass_on(const InstanceRule& rule) {
  const auto found = limits_.find(rule.component);
  if (found == limits_.end() || found->second.active >= rule.max) return nullptr;
  return found->second.next();
}

}  // namespace stele::runtime

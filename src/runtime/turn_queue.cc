// SPDX-License-Identifier: Apache-2.0
#include "runtime/turn_queue.h"

#include <algorithm>

namespace stele::runtime {

void TurnQueue::push(Task& task) {
  task.in_queue_ = this;
  task.next_ = nullptr;
  const std::int64_t root = task.name.root.value;
  Lane& lane = lanes_[root];
  if (lane.head == nullptr) {
    lane.head = &task;
    roots_.push_back(root);
  } else {
    lane.tail->next_ = &task;
  }
  lane.tail = &task;
  ++size_;
}

Task* TurnQueue::pop() {
  if (roots_.empty()) return nullptr;
  const std::int64_t root = roots_.front();
  roots_.pop_front();
  const auto found = lanes_.find(root);
  Task* task = found->second.head;
  found->second.head = task->next_;
  task->next_ = nullptr;
  task->in_queue_ = nullptr;
  --size_;
  if (found->second.head == nullptr) {
    lanes_.erase(found);
  } else {
    roots_.push_back(root);
  }
  return task;
}

bool TurnQueue::remove(Task& task) {
  const auto found = lanes_.find(task.name.root.value);
  if (found == lanes_.end()) return false;
  Lane& lane = found->second;
  Task* before = nullptr;
  Task* at = lane.head;
  while (at != nullptr && at != &task) {
    before = at;
    at = at->next_;
  }
  if (at == nullptr) return false;
  (before != nullptr ? before->next_ : lane.head) = task.next_;
  if (lane.tail == &task) lane.tail = before;
  task.next_ = nullptr;
  task.in_queue_ = nullptr;
  --size_;
  if (lane.head == nullptr) {
    lanes_.erase(found);
    roots_.erase(std::ranges::find(roots_, task.name.root.value));
  }
  return true;
}

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
#include "api/history_cache.h"

#include <algorithm>

namespace stele::api {

std::shared_ptr<IndexedHistory> HistoryCache::get(ExecutionKey key) {
  const Lock lock(mutex_);
  const auto found = std::ranges::find(items_, key, &Item::first);
  if (found != items_.end()) {
    items_.splice(items_.begin(), items_, found);
    return items_.front().second;
  }
  items_.emplace_front(key, std::make_shared<IndexedHistory>());
  if (items_.size() > capacity_) items_.pop_back();
  return items_.front().second;
}

}  // namespace stele::api

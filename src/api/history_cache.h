// SPDX-License-Identifier: Apache-2.0
// Owns: the indexes of the histories that were read last, so that the pages of one history are not
//   each paid for with a read from its beginning.
// Life cycle: as the service. Thread: any. Must hold: at most `capacity` indexes; an index holds
// only
//   what is committed, so it stays right for ever.
#pragma once

#include <list>
#include <memory>
#include <utility>

#include "api/history_index.h"
#include "base/sync.h"

namespace stele::api {

struct IndexedHistory {
  Mutex mutex;  ///< held while `index` is used
  HistoryIndex index;
};

class HistoryCache {
 public:
  explicit HistoryCache(std::size_t capacity) : capacity_(capacity) {}

  std::shared_ptr<IndexedHistory> get(ExecutionKey key);

 private:
  using Item = std::pair<ExecutionKey, std::shared_ptr<IndexedHistory>>;

  const std::size_t capacity_;
  Mutex mutex_;
  std::list<Item> items_ STELE_GUARDED_BY(mutex_);  ///< the last used one first
};

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
// Owns: one use of the index of a history. Life cycle: one call of the service. Thread: its
//   caller's. Must hold: the index is used by one call at a time.
#pragma once

#include "api/service.h"

namespace stele::api {

struct Service::Reading {
  ExecutionKey key;
  std::shared_ptr<IndexedHistory> history;
  Lock lock;

  Reading(ExecutionKey of, HistoryCache& cache)
      : key(of), history(cache.get(of)), lock(history->mutex) {}
  HistoryIndex& index() const { return history->index; }
};

}  // namespace stele::api

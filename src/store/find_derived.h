// SPDX-License-Identifier: Apache-2.0
// Owns: the search of an execution by its text id, for drivers that do not index derived ids, and
//   what earlier searches learned of the parents asked for last.
// Life cycle: as the store. Thread: any; one mutex for the list of parents, one for each parent.
// Must hold: uses only the port's reads, one committed snapshot each; what an id names never
//   changes and histories only grow, so what was learned stays true; memory is bounded.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "base/sync.h"
#include "store/store.h"

namespace stele {

class ParentIndex;

class DerivedFinder {
 public:
  DerivedFinder();
  ~DerivedFinder();

  /// From the root down through each parent's history. Errors: not_found, and those of the reads.
  Result<ExecutionRow> find(Store& store, const ExecutionId& id);
  /// Entries that all searches so far have read.
  std::uint64_t entries_read() const;

 private:
  std::shared_ptr<ParentIndex> index_of(ExecutionKey parent);

  mutable Mutex mutex_;
  std::list<std::shared_ptr<ParentIndex>> parents_
      STELE_GUARDED_BY(mutex_);  ///< the last used one in front
  std::uint64_t read_by_dropped_ STELE_GUARDED_BY(mutex_) = 0;
};

}  // namespace stele

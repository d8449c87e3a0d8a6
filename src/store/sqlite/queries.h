// SPDX-License-Identifier: Apache-2.0
// Owns: the reads of executions, due instants, ready work and lists. Life cycle: one call each.
// Thread: as the Reading. Must hold: an execution that cannot be read never hides the others of a
// scan.
#pragma once

#include <functional>
#include <span>

#include "store/sqlite/readers.h"
#include "store/store.h"

namespace stele::sqlite {

Result<Loaded> load(Reading& reading, std::span<const ExecutionKey> keys,
                    std::span<const Ulid> roots);
Result<DuePage> due(Reading& reading, Instant from, Instant before, std::uint32_t limit);
Result<std::vector<DelayRow>> delays_of(Reading& reading, ExecutionKey owner);

/// Called for each execution of a scan that cannot be read.
using OnDamaged = std::function<void(const Error&)>;

struct ReadyRequest {
  Pool pool = Pool::none;
  ReadyCursor after;
  std::uint32_t per_root = 64;
  std::uint32_t limit = 64;
};
Result<ReadyPage> ready(Reading& reading, const ReadyRequest& request, const OnDamaged& on_damaged);

/// One bounded piece of a list: appends to `rows`, returns where to go on, or none at the end.
Result<std::optional<ExecutionKey>> list_some(Reading& reading, const ListFilter& filter,
                                              Duration slice, std::vector<ExecutionRow>& rows,
                                              const OnDamaged& on_damaged);

}  // namespace stele::sqlite

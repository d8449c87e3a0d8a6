// SPDX-License-Identifier: Apache-2.0
// Owns: what the guests' side tells the partition's side. Life cycle: values. Thread: any posts.
// Must hold: posting only enqueues.
#pragma once

#include <variant>

#include "base/result.h"
#include "core/book.h"
#include "core/input.h"

namespace stele::runtime {

/// A replaying run is about to read its history; answered with GuestPool::handed_over.
struct HistoryWanted {
  ExecutionKey key;
  Incarnation incarnation;
  RunNumber run;
};
/// It has read it; answered likewise once the partition has the book.
struct HistoryFolded {
  ExecutionKey key;
  Incarnation incarnation;
  RunNumber run;
  core::Book book;
};

using Message = std::variant<core::Input, HistoryWanted, HistoryFolded>;

class Reports {
 public:
  virtual ~Reports() = default;
  virtual void post(Message message) = 0;
};

}  // namespace stele::runtime

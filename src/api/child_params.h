// SPDX-License-Identifier: Apache-2.0
// Owns: the params of children while the requests for them are shown. Life cycle: one page.
// Thread: its caller's. Must hold: those of a few children at a time are in memory; what cannot be
//   read is not there, so that it does not hide the history.
#pragma once

#include <map>
#include <span>

#include "runtime/engine.h"

namespace stele::api {

class ChildParams {
 public:
  explicit ChildParams(runtime::Engine& engine) : engine_(engine) {}

  /// Sees to it that those of the first entry's child are there, if it has one.
  void read(std::span<const Entry> entries);
  const std::map<ExecutionKey, Bytes>& known() const { return known_; }

 private:
  runtime::Engine& engine_;
  std::map<ExecutionKey, Bytes> known_;
};

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
#include "api/child_params.h"

#include "api/render.h"

namespace stele::api {
namespace {

constexpr std::size_t children_at_once = 16;

}  // namespace

void ChildParams::read(std::span<const Entry> entries) {
  const ExecutionKey wanted = child_of(entries.front());
  if (!wanted || known_.contains(wanted)) return;
  known_.clear();
  std::vector<ExecutionKey> keys;
  for (const Entry& entry : entries) {
    if (const ExecutionKey child = child_of(entry)) keys.push_back(child);
    if (keys.size() == children_at_once) break;
  }
  auto params = engine_.params_of(keys);
  if (!params) return;
  for (std::size_t i = 0; i < keys.size() && i < params->size(); ++i) {
    known_.emplace(keys[i], std::move((*params)[i]));
  }
}

}  // namespace stele::api

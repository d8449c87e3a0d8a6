// SPDX-License-Identifier: Apache-2.0
#include "sim/checker.h"

#include <fmt/format.h>

namespace stele::sim {
namespace {

std::string call_text(std::string_view function, std::string_view params) {
  return fmt::format("{} {}", function, params);
}

}  // namespace

void Checker::violation(std::string text) {
  if (violations_.size() < 20) violations_.push_back(std::move(text));
}

void Checker::name_functions(const std::vector<FunctionRow>& functions) {
  for (const FunctionRow& row : functions) names_[row.id] = row.ffqn;
}

void Checker::mix(std::uint64_t value) { digest_ = (digest_ ^ value) * 1099511628211ULL; }

void Checker::see(const WriteBatch& batch) {
  ++batches_;
  mix(batch.number.value);
  for (const RowWrite& write : batch.rows) see_row(write);
  // Children and parents may end in one batch; a parent still never ends alone.
  for (const RowWrite& write : batch.rows)
    if (write.row.stage == Stage::finished) see_end(write.row);
  for (const EntryWrite& write : batch.entries) see_entry(write);
}

void Checker::see_row(const RowWrite& write) {
  const ExecutionRow& row = write.row;
  mix(static_cast<std::uint64_t>(row.key.value) * 8 + static_cast<std::uint64_t>(row.stage));
  Known& known = known_[row.key];
  if (known.finished) violation(fmt::format("{} was written after its end", to_text(row.id)));
  if (write.is_new) {
    known.parent = row.parent;
    known.not_before = row.scheduled;
    if (row.parent)
      ++known_[row.parent].open_children;
    else if (!roots_.emplace(row.id.root, row.key).second)
      violation(fmt::format("{} exists twice", to_text(row.id)));
    if (row.pool == Pool::activity) {
      known.call = call_text(names_[row.function], row.params);
      calls_[known.call] = row.key;
    }
  }
  if (row.stage == Stage::waiting) known.not_before = row.wake;
  if (row.stage != Stage::finished) return;
  known.finished = true;
  if (known.parent) --known_[known.parent].open_children;
}

void Checker::see_end(const ExecutionRow& row) {
  if (known_[row.key].open_children > 0)
    violation(fmt::format("{} ended before its children", to_text(row.id)));
}

void Checker::see_entry(const EntryWrite& write) {
  const ExecutionKey key = write.key;
  mix(static_cast<std::uint64_t>(key.value) + write.entry.position * 31ULL);
  if (write.entry.position != positions_[key]++)
    violation(fmt::format("history of {} has a gap at {}", key.value, write.entry.position));
  const EntryBody& body = write.entry.body;
  if (const auto* child = std::get_if<ChildResponse>(&body)) {
    if (!answered_.emplace(key, child->child).second)
      violation(fmt::format("child {} of {} answered twice", child->child.value, key.value));
  } else if (const auto* delay = std::get_if<DelayRequest>(&body)) {
    delays_[{key, delay->join_set, delay->index}] = delay->expires;
  } else if (const auto* sleep = std::get_if<Sleep>(&body)) {
    delays_[{key, sleep->join_set, 1}] = sleep->expires;
  } else if (const auto* fired = std::get_if<DelayResponse>(&body)) {
    const auto expected = delays_.find({key, fired->join_set, fired->index});
    if (expected == delays_.end())
      return violation(fmt::format("a delay of {} answered twice or was never made", key.value));
    if (!fired->cancelled && write.entry.at < expected->second)
      violation(fmt::format("a delay of {} fired early", key.value));
    delays_.erase(expected);
  }
}

void Checker::see_attempt(std::string_view function, std::string_view params, Instant now) {
  const std::string call = call_text(function, params);
  const auto found = calls_.find(call);
  if (found == calls_.end()) return violation("an attempt began before its commit: " + call);
  const Known& known = known_[found->second];
  if (known.finished) violation("an attempt began after the end of its activity: " + call);
  if (now < known.not_before) violation("an attempt began before its time: " + call);
}

}  // namespace stele::sim

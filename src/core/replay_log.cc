// SPDX-License-Identifier: Apache-2.0
#include "core/replay_log.h"

#include "base/check.h"

namespace stele::core {
namespace {

std::optional<JoinSetOrdinal> one_off_of(const EntryBody& body) {
  if (const auto* call = std::get_if<DirectCall>(&body)) return call->join_set;
  if (const auto* sleep = std::get_if<Sleep>(&body)) return sleep->join_set;
  return std::nullopt;
}

}  // namespace

void ReplayLog::add(std::vector<Entry> page) {
  for (Entry& entry : page) {
    // After its end come the closings of its sets, which no guest asks for.
    if (ended_) return;
    next_position_ = entry.position + 1;
    next_version_ = entry.version + version_width(entry.body);
    if (auto* ending = std::get_if<Ending>(&entry.body)) {
      ended_ = std::move(ending->outcome);
    } else if (is_response(entry.body)) {
      ++responses_;
      if (auto routed = route(std::move(entry))) keep(std::move(*routed));
    } else if (is_request(entry.body)) {
      add_request(std::move(entry));
    }
  }
}

void ReplayLog::add_request(Entry&& entry) {
  if (const auto set = one_off_of(entry.body)) one_off_set_ = set;
  Stored stored{.version = entry.version, .body = {}};
  const auto* child = std::get_if<ChildRequest>(&entry.body);
  if (child != nullptr && !child->refused)
    stored.body = StoredChild{child->join_set, child->index, child->child, child->function,
                              child->params_hash};
  else if (const auto* call = std::get_if<DirectCall>(&entry.body))
    stored.body = *call;
  else if (const auto* next = std::get_if<JoinNext>(&entry.body))
    stored.body = *next;
  else
    stored.body = std::make_unique<EntryBody>(std::move(entry.body));
  requests_.push_back(std::move(stored));
}

void ReplayLog::keep(RoutedArrival routed) {
  if (one_off_set_ == routed.set)
    one_offs_.push_back(std::move(routed.arrived));
  else
    arrivals_[routed.set].push(std::move(routed.arrived));
}

Arrived ReplayLog::take_one_off() {
  CHECK(!one_offs_.empty());
  Arrived arrived = std::move(one_offs_.front());
  one_offs_.pop_front();
  return arrived;
}

Entry ReplayLog::front() const {
  CHECK(!requests_.empty());
  const Stored& stored = requests_.front();
  Entry entry{.version = stored.version};
  if (const auto* child = std::get_if<StoredChild>(&stored.body)) {
    entry.body = ChildRequest{.join_set = child->join_set,
                              .index = child->index,
                              .child = child->key,
                              .function = child->function,
                              .params_hash = child->params_hash};
  }
  if (const auto* call = std::get_if<DirectCall>(&stored.body)) entry.body = *call;
  if (const auto* next = std::get_if<JoinNext>(&stored.body)) entry.body = *next;
  if (const auto* other = std::get_if<std::unique_ptr<EntryBody>>(&stored.body))
    entry.body = **other;
  return entry;
}

ArrivalQueue ReplayLog::take_arrivals(JoinSetOrdinal set) {
  auto found = arrivals_.extract(set);
  return found ? std::move(found.mapped()) : ArrivalQueue();
}

}  // namespace stele::core

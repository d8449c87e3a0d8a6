// SPDX-License-Identifier: Apache-2.0
#include "api/history_index.h"

#include <algorithm>

namespace stele::api {
namespace {

constexpr std::uint32_t mark_every = 256;
constexpr std::uint32_t no_text = UINT32_MAX;

}  // namespace

void HistoryIndex::add(const Entry& entry) {
  if (entry.position != head_.position) return;
  if (entry.position % mark_every == 0) marks_.push_back(head_);
  head_ = after(entry, head_);
  add_names(entry);
  add_awaited(entry);
}

void HistoryIndex::add_awaited(const Entry& entry) {
  if (const auto* next = std::get_if<JoinNext>(&entry.body)) last_awaited_ = next->join_set;
  if (const auto* call = std::get_if<DirectCall>(&entry.body)) last_awaited_ = call->join_set;
  if (const auto* sleep = std::get_if<Sleep>(&entry.body)) last_awaited_ = sleep->join_set;
}

void HistoryIndex::add_names(const Entry& entry) {
  if (const auto* create = std::get_if<JoinSetCreate>(&entry.body)) {
    add_set(create->join_set, {create->kind, 0, FunctionId(), text_number(create->name)});
  } else if (const auto* call = std::get_if<DirectCall>(&entry.body)) {
    add_set(call->join_set, {JoinSetKind::one_off, call->one_off, call->function, no_text});
    if (call->child) children_.push_back({call->child, call->join_set, 1});
  } else if (const auto* sleep = std::get_if<Sleep>(&entry.body)) {
    add_set(sleep->join_set,
            {JoinSetKind::one_off, sleep->one_off, FunctionId(), text_number(sleep->name)});
  } else if (const auto* request = std::get_if<ChildRequest>(&entry.body)) {
    if (request->child) children_.push_back({request->child, request->join_set, request->index});
  }
  const std::size_t count = children_.size();
  if (count > 1 && children_[count - 1].key < children_[count - 2].key) {
    std::ranges::sort(children_, {}, &Child::key);
  }
}

std::optional<HistoryIndex::JoinSetName> HistoryIndex::join_set(JoinSetOrdinal ordinal) const {
  if (ordinal.value >= sets_.size()) return std::nullopt;
  const Set& set = sets_[ordinal.value];
  const std::string_view text = set.text == no_text ? std::string_view() : texts_[set.text];
  return JoinSetName{set.kind, set.one_off, set.function, text};
}

std::optional<HistoryIndex::Child> HistoryIndex::child(ExecutionKey key) const {
  const auto found = std::ranges::lower_bound(children_, key, {}, &Child::key);
  if (found == children_.end() || found->key != key) return std::nullopt;
  return *found;
}

std::uint32_t HistoryIndex::position_of_version(std::uint32_t version) const {
  const auto next = std::ranges::upper_bound(marks_, version, {}, &HistoryHead::version);
  return next == marks_.begin() ? 0 : std::prev(next)->position;
}

std::uint32_t HistoryIndex::position_of_response(std::uint32_t seq) const {
  const auto next = std::ranges::lower_bound(marks_, seq, {}, &HistoryHead::response_seq);
  return next == marks_.begin() ? 0 : std::prev(next)->position;
}

void HistoryIndex::add_set(JoinSetOrdinal ordinal, Set set) {
  if (ordinal.value > sets_.size()) return;  // a damaged history: its sets stay without a name
  if (ordinal.value == sets_.size()) sets_.push_back(set);
}

std::uint32_t HistoryIndex::text_number(const std::string& text) {
  if (texts_.empty() || texts_.back() != text) texts_.push_back(text);
  return static_cast<std::uint32_t>(texts_.size() - 1);
}

}  // namespace stele::api

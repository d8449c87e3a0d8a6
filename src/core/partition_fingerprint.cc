// SPDX-License-Identifier: Apache-2.0
// What is alike about failures: kind, function and reason without its numbers and ids.
#include <algorithm>

#include "core/partition_state.h"

namespace stele::core {
namespace {

constexpr std::size_t length_max = 160;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Words that hold a digit become `#`: numbers, addresses, ids.
std::string without_numbers(std::string_view text) {
  std::string kept;
  while (!text.empty() && kept.size() < length_max) {
    const std::size_t end = std::min(text.find_first_of(" \n\t,:;()[]'\""), text.size());
    const std::string_view word = text.substr(0, end);
    if (std::ranges::any_of(word, is_digit))
      kept += '#';
    else
      kept += word;
    if (end < text.size()) kept += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return kept;
}

}  // namespace

Bytes PartitionState::fingerprint_of(const ExecutionRow& row, const Outcome& outcome) const {
  const CatalogFunction* function = catalog_->find(row.function);
  Bytes text(failure_kind_name(outcome.failure));
  text += '|';
  if (function != nullptr) text += function->ffqn;
  text += '|';
  text += without_numbers(outcome.reason);
  return text;
}

}  // namespace stele::core

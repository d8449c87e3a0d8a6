// SPDX-License-Identifier: Apache-2.0
#include "base/json_slice.h"

namespace stele {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Behind the string that begins at `at`, or npos if it does not end.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return text.npos;
}

/// The next comma outside of everything, or the end; npos if brackets or strings do not match.
std::size_t end_of_element(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
      if (at == text.npos) return at;
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth < 0) return text.npos;
    if (c == ',' && depth == 0) return at;
    ++at;
  }
  return depth == 0 ? at : text.npos;
}

}  // namespace

std::optional<std::vector<std::string_view>> json_elements(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<std::string_view> elements;
  if (trimmed(text).empty()) return elements;
  for (std::size_t at = 0;; ++at) {
    const std::size_t end = end_of_element(text, at);
    if (end == text.npos) return std::nullopt;
    elements.push_back(trimmed(text.substr(at, end - at)));
    if (elements.back().empty()) return std::nullopt;
    if (end == text.size()) return elements;
    at = end;
  }
}

}  // namespace stele

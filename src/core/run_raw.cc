// SPDX-License-Identifier: Apache-2.0
#include "core/run_raw.h"

#include <fmt/format.h>

namespace stele::core {
namespace {

constexpr std::string_view spaces = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

/// Behind the string that begins at `from`.
std::size_t end_of_string(std::string_view text, std::size_t from) {
  for (std::size_t i = from + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return text.size();
}

/// Of the next `mark` that is in no string, array or object; the end if there is none.
std::size_t find_outside(std::string_view text, char mark) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      i = end_of_string(text, i);
      continue;
    }
    if (depth == 0 && c == mark) return i;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    ++i;
  }
  return text.size();
}

Result<std::string_view> inside(std::string_view text, char open, char close) {
  text = trimmed(text);
  if (text.size() < 2 || text.front() != open || text.back() != close)
    return fail(Code::invalid_argument, fmt::format("expected {}…{}", open, close));
  return trimmed(text.substr(1, text.size() - 2));
}

}  // namespace

Result<std::vector<std::string_view>> raw_elements(std::string_view array) {
  std::string_view rest = TRY(inside(array, '[', ']'));
  std::vector<std::string_view> elements;
  while (!rest.empty()) {
    const std::size_t end = find_outside(rest, ',');
    elements.push_back(trimmed(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return elements;
}

Result<RawMember> raw_member(std::string_view object) {
  const std::string_view text = TRY(inside(object, '{', '}'));
  const std::size_t colon = find_outside(text, ':');
  const std::string_view key = trimmed(text.substr(0, colon));
  const bool is_one = colon < text.size() && find_outside(text, ',') == text.size();
  if (!is_one || key.size() < 2 || key.front() != '"' || key.back() != '"')
    return fail(Code::invalid_argument, "expected one member");
  return RawMember{key.substr(1, key.size() - 2), trimmed(text.substr(colon + 1))};
}

}  // namespace stele::core

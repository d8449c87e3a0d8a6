// SPDX-License-Identifier: Apache-2.0
#include "server/toml_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace stele::server {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Behind the string whose first quote is at `at`.
std::size_t after_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string fence(3, quote);
  const bool lines = text.substr(at).starts_with(fence);
  for (at += lines ? 3 : 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (!lines) {
      if (text[at] == quote || text[at] == '\n') return at + 1;
    } else if (text.substr(at).starts_with(fence)) {
      return std::min(text.find_first_not_of(quote, at), text.size());
    }
  }
  return text.size();
}

}  // namespace

std::size_t stray_character(std::string_view text) {
  std::size_t at = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '"' || c == '\'') {
      at = after_string(text, at);
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return at;
    } else {
      ++at;
    }
  }
  return std::string_view::npos;
}

Result<toml::table> parse_toml(std::string_view text, const std::string& path) {
  // toml++ 3.3 has no defined behaviour for letters such as U+0142 where a key or value begins.
  if (const std::size_t stray = stray_character(text); stray != std::string_view::npos) {
    const std::string_view before = text.substr(0, stray);
    const auto line = std::ranges::count(before, '\n') + 1;
    const std::size_t column = stray - (before.rfind('\n') + 1) + 1;
    return fail(Code::invalid_argument,
                fmt::format("{}:{}:{}: a character that is not ASCII stands outside of quotes; put "
                            "the key or value in quotes",
                            path, line, column),
                path);
  }
  toml::parse_result parsed = toml::parse(text, path);
  if (parsed) return std::move(parsed).table();
  const toml::source_position at = parsed.error().source().begin;
  return fail(Code::invalid_argument,
              fmt::format("{}:{}:{}: {}", path, at.line, at.column, parsed.error().description()),
              path);
}

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
#include "server/toml_text.h"

#include <fmt/format.h>

namespace stele::server {

Result<toml::table> parse_toml(std::string_view text, const std::string& path) {
  toml::parse_result parsed = toml::parse(text, path);
  if (parsed) return std::move(parsed).table();
  const toml::source_position at = parsed.error().source().begin;
  return fail(Code::invalid_argument,
              fmt::format("{}:{}:{}: {}", path, at.line, at.column, parsed.error().description()),
              path);
}

}  // namespace stele::server

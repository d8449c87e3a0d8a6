// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "server/deployment_file.h"

namespace stele::server {
namespace {

constexpr int depth_max = 16;

/// The text from `at` up to the brace that closes the one before `at`.
Result<std::string_view> up_to_brace(std::string_view text, std::size_t at) {
  int open = 1;
  for (std::size_t i = at; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${")) ++open;
    if (text[i] == '}' && --open == 0) return text.substr(at, i - at);
  }
  return fail(Code::invalid_argument, fmt::format("`${{` without `}}` in \"{}\"", text));
}

struct Reference {
  std::string name;
  std::optional<std::string_view> fallback;
  bool empty_counts_as_unset = false;
};

Reference split(std::string_view inner) {
  const std::size_t dash = inner.find('-');
  if (dash == std::string_view::npos) return {.name = std::string(inner), .fallback = {}};
  const bool colon = dash > 0 && inner[dash - 1] == ':';
  return {.name = std::string(inner.substr(0, colon ? dash - 1 : dash)),
          .fallback = inner.substr(dash + 1),
          .empty_counts_as_unset = colon};
}

Result<std::string> expand(std::string_view text, Variable variable, int depth) {
  if (depth > depth_max) return fail(Code::invalid_argument, "defaults are nested too deeply");
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (!text.substr(i).starts_with("${")) {
      out += text[i++];
      continue;
    }
    const std::string_view inner = TRY(up_to_brace(text, i + 2));
    i += inner.size() + 3;
    const Reference reference = split(inner);
    const auto value = variable(reference.name);
    const bool unset = !value || (reference.empty_counts_as_unset && value->empty());
    if (unset && !reference.fallback)
      return fail(
          Code::invalid_argument,
          fmt::format("the environment variable {} is not set and has no default", reference.name));
    out += unset ? TRY(expand(*reference.fallback, variable, depth + 1)) : *value;
  }
  return out;
}

}  // namespace

Result<std::string> interpolate(std::string_view text, Variable variable) {
  return expand(text, variable, 0);
}

}  // namespace stele::server

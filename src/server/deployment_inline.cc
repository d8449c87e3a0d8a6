// SPDX-License-Identifier: Apache-2.0
// Stubs and external activities that are written in the deployment file itself.
#include <fmt/format.h>

#include <algorithm>

#include "server/deployment_section.h"

namespace stele::server {
namespace {

/// A type's text without spaces.
std::string compact(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\t' && c != '\n') out += c;
  return out;
}

/// The parts between the commas that stand outside of all brackets.
std::vector<std::string_view> parts(std::string_view text) {
  std::vector<std::string_view> found;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::string_view("<({").contains(text[i])) ++depth;
    if (std::string_view(">)}").contains(text[i])) --depth;
    if (text[i] != ',' || depth != 0) continue;
    found.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  found.push_back(text.substr(begin));
  return found;
}

/// Contract 2.2. What is inside is checked with the whole type.
bool extendable(std::string_view result) {
  if (result == "result") return true;
  if (!result.starts_with("result<") || !result.ends_with('>')) return false;
  const auto inner = parts(result.substr(7, result.size() - 8));
  if (inner.size() == 1) return true;
  if (inner.size() != 2) return false;
  const std::string_view error = inner[1];
  if (error == "string") return true;
  if (!error.starts_with("variant{") || !error.ends_with('}')) return false;
  const auto cases = parts(error.substr(8, error.size() - 9));
  return std::ranges::find(cases, "execution-failed") != cases.end();
}

bool is_label(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && std::ranges::all_of(text, fits) && (text[0] < '0' || text[0] > '9') &&
         text[0] != '-' && text.back() != '-';
}

Result<void> read_ffqn(Section& section, InlineFunction& function) {
  function.ffqn = TRY(section.reader.text("ffqn"))
  .value_or("");
  const std::string_view ffqn = function.ffqn;
  const std::size_t dot = ffqn.rfind('.');
  const std::size_t colon = ffqn.find(':');
  const std::size_t slash = ffqn.find('/');
  const bool fits = dot != std::string_view::npos && colon != std::string_view::npos &&
                    slash != std::string_view::npos && colon < slash && slash < dot &&
                    is_label(ffqn.substr(dot + 1));
  if (!fits)
    return section.reader.refuse(
        *section.reader.raw().get("ffqn"),
        fmt::format("`ffqn` must be `namespace:package/interface.function`, with `@version` after "
                    "the interface if there is one, found \"{}\"",
                    ffqn));
  std::string_view interface = ffqn.substr(slash + 1, dot - slash - 1);
  interface = interface.substr(0, interface.find('@'));
  const auto name = TRY(section.reader.text("name"));
  section.settings.name = name ? *name : fmt::format("{}.{}", interface, ffqn.substr(dot + 1));
  return check_name(section, section.settings.name);
}

Result<wasm::Param> read_param(Section& section, const toml::node& node) {
  if (!node.is_table())
    return section.reader.refuse(node, "an entry of `params` must be {name, type}");
  TomlReader entry(*node.as_table(), section.reader.path(), "an entry of `params`");
  auto name = TRY(entry.text("name"));
  const auto type = TRY(entry.text("type"));
  TRY(entry.finish());
  if (!name || !type) return entry.refuse(node, "an entry of `params` needs `name` and `type`");
  std::ranges::replace(*name, '_', '-');
  if (!is_label(*name))
    return entry.refuse(*node.as_table()->get("name"),
                        fmt::format("a parameter's name must be made of letters, digits and `-`, "
                                    "found \"{}\"",
                                    *name));
  return wasm::Param{.name = *name, .type = *type};
}

Result<void> read_types(Section& section, InlineFunction& function) {
  const toml::array* params = TRY(section.reader.array("params"));
  if (params == nullptr) function.params = {{.name = "params", .type = "list<string>"}};
  if (params != nullptr)
    for (const toml::node& node : *params)
      function.params.push_back(TRY(read_param(section, node)));
  const auto result = TRY(section.reader.text("return_type"));
  function.result = result.value_or("result<string, string>");
  if (extendable(compact(function.result))) return {};
  return section.reader.refuse(
      *section.reader.raw().get("return_type"),
      fmt::format("`return_type` must be `result` whose error is none, `string` or a variant with "
                  "the case `execution-failed`, found \"{}\"",
                  function.result));
}

}  // namespace

Result<void> read_inline(Section& section) {
  const toml::table& raw = section.reader.raw();
  InlineFunction function;
  TRY(read_ffqn(section, function));
  for (const std::string_view key : {"location", "content_digest"})
    if (const toml::node* file = section.reader.find(key))
      return section.reader.refuse(*file, fmt::format("`{}` and `ffqn` exclude each other: a "
                                                      "component is a file or one function written "
                                                      "here",
                                                      key));
  const toml::node* wit = section.reader.find("wit");
  if (wit == nullptr) {
    TRY(read_types(section, function));
  } else {
    for (const std::string_view key : {"params", "return_type"})
      if (section.reader.find(key) != nullptr)
        return section.reader.refuse(*raw.get(key),
                                     fmt::format("`{}` and `wit` exclude each other: the types "
                                                 "come from one of them",
                                                 key));
    function.wit = TRY(path_below(section, *wit, "wit"));
  }
  section.settings.inline_function = std::move(function);
  return {};
}

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
#include "cli/params.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/nearest.h"
#include "cli/files.h"

namespace stele::cli {
namespace {

constexpr std::string_view short_prefix = ".../";

/// The parser by itself takes a NUL for the end of the text.
bool is_json(std::string_view text) {
  return text.find('\0') == std::string_view::npos && nlohmann::json::accept(text);
}

Result<std::string> joined(std::span<const std::string> values) {
  std::string array = "[";
  for (const std::string& value : values) {
    if (!is_json(value)) {
      return fail(
          Code::invalid_argument,
          fmt::format("`{}` is not JSON; a string needs its quotes: '\"{}\"'", value, value));
    }
    if (array.size() > 1) array += ',';
    array += value;
  }
  return array + "]";
}

Result<std::string> checked_array(std::string text, const std::string& subject) {
  if (!is_json(text)) {
    return fail(Code::invalid_argument,
                "the params are not JSON; expected an array such as '[1, \"two\"]'", subject);
  }
  if (text[text.find_first_not_of(" \t\r\n")] != '[') {
    return fail(Code::invalid_argument,
                "the params must be a JSON array; write one value after `--` instead", subject);
  }
  return text;
}

}  // namespace

Result<std::string> read_params(const ParamWords& given) {
  if (given.separate) return joined(given.words);
  if (given.words.empty()) return "[]";
  if (given.words.size() > 1) {
    return fail(Code::invalid_argument,
                "write the params as one JSON array, or as separate values after `--`");
  }
  const std::string& word = given.words.front();
  if (!word.starts_with('@')) return checked_array(word, "");
  const std::string path = word.substr(1);
  return checked_array(TRY(read_file(path)), path);
}

bool is_short_ffqn(const std::string& name) { return name.starts_with(short_prefix); }

Result<std::string> resolve_ffqn(const std::string& name, std::span<const std::string> known) {
  const std::string wanted = name.substr(short_prefix.size());
  const std::size_t dot = wanted.rfind('.');
  const std::string interface = wanted.substr(0, dot);
  const std::string function = dot == std::string::npos ? std::string() : wanted.substr(dot);
  std::vector<std::string> found;
  std::vector<std::string> short_names;
  for (const std::string& ffqn : known) {
    const std::size_t end = ffqn.rfind('.');
    const std::string whole = ffqn.substr(ffqn.find('/') + 1, end - ffqn.find('/') - 1);
    const std::string bare = whole.substr(0, whole.find('@'));
    short_names.push_back(std::string(short_prefix) + bare + ffqn.substr(end));
    const bool same = interface == whole || interface == bare;
    if (same && ffqn.substr(end) == function) found.push_back(ffqn);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    return fail(Code::invalid_argument,
                fmt::format("{} could be any of {}", name, fmt::join(found, ", ")));
  }
  const std::string close = nearest(name, short_names);
  return fail(Code::not_found, fmt::format("no function {} is deployed{}", name,
                                           close.empty() ? "" : "; did you mean " + close + "?"));
}

}  // namespace stele::cli

// SPDX-License-Identifier: Apache-2.0
#include "wasm/scripted/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace stele::wasm::scripted {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::string_view cut(std::string_view& text, char at) {
  const std::size_t end = std::min(text.find(at), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::string_view next_word(std::string_view& text) {
  text = trimmed(text);
  const std::string_view word = cut(text, ' ');
  text = trimmed(text);
  return word;
}

std::string_view cut_as(std::string_view& text) {
  const std::size_t at = text.rfind("as ");
  if (at == text.npos || (at > 0 && text[at - 1] != ' ')) return {};
  const std::string_view name = trimmed(text.substr(at + 3));
  if (name.empty() || !std::ranges::all_of(name, in_name)) return {};
  text = trimmed(text.substr(0, at));
  return name;
}

std::vector<std::string_view> split_types(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i == text.size() ? ',' : text[i];
    if (c == '<' || c == '{' || c == '(') ++depth;
    if (c == '>' || c == '}' || c == ')') --depth;
    if (c != ',' || (depth != 0 && i != text.size())) continue;
    const std::string_view part = trimmed(text.substr(begin, i - begin));
    if (!part.empty()) parts.push_back(part);
    begin = i + 1;
  }
  return parts;
}

Result<std::string> schedule_json(std::string_view text) {
  struct Unit {
    std::string_view suffix;
    std::string_view name;
  };
  constexpr std::array units{Unit{"ms", "milliseconds"}, Unit{"s", "seconds"}, Unit{"m", "minutes"},
                             Unit{"h", "hours"}, Unit{"d", "days"}};
  if (text == "now") return R"("now")";
  if (text.starts_with('@'))
    return fmt::format(R"({{"at":{{"seconds":{},"nanoseconds":0}}}})", text.substr(1));
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.suffix)) continue;
    const std::string_view number = text.substr(0, text.size() - unit.suffix.size());
    if (number.empty() || number.find_first_not_of("0123456789") != number.npos) continue;
    return fmt::format(R"({{"in":{{"{}":{}}}}})", unit.name, number);
  }
  return fail(Code::invalid_argument, fmt::format("'{}' is no time like now, 5s or 20ms", text));
}

std::string filled_in(std::string_view text, const Lookup& lookup) {
  std::string filled;
  while (!text.empty()) {
    filled += cut(text, '$');
    if (text.empty()) break;
    const auto stop = std::ranges::find_if_not(text, [](char c) { return in_name(c) || c == '.'; });
    std::string_view path = text.substr(0, static_cast<std::size_t>(stop - text.begin()));
    while (path.ends_with('.')) path.remove_suffix(1);
    text.remove_prefix(path.size());
    const std::string_view name = cut(path, '.');
    filled += json_part(lookup(name), path);
  }
  return filled;
}

std::string json_part(const std::string& text, std::string_view path) {
  if (path.empty()) return text.empty() ? "null" : text;
  const Json whole = Json::parse(text, nullptr, false);
  const Json* at = &whole;
  while (!path.empty()) {
    const std::string key(cut(path, '.'));
    if (!at->is_object() || !at->contains(key)) return "null";
    at = &at->at(key);
  }
  return dump(*at);
}

std::string canonical(std::string_view text) {
  const Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? std::string(text) : dump(value);
}

Result<std::vector<std::string>> json_elements(std::string_view text) {
  const Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded())
    return fail(Code::invalid_argument, "cannot parse params as JSON array");
  if (!value.is_array()) return fail(Code::invalid_argument, "params must be a json array");
  std::vector<std::string> elements;
  for (const Json& element : value) elements.push_back(dump(element));
  return elements;
}

std::string json_text(std::string_view text) { return dump(Json(text)); }

std::string case_name(const std::string& value) {
  const Json parsed = Json::parse(value, nullptr, false);
  if (parsed.is_string()) return parsed.get<std::string>();
  if (parsed.is_object() && !parsed.empty()) return parsed.begin().key();
  return {};
}

}  // namespace stele::wasm::scripted

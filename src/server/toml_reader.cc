// SPDX-License-Identifier: Apache-2.0
#include "server/toml_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/nearest.h"

namespace stele::server {
namespace {

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a float";
    case toml::node_type::boolean: return "a boolean";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date or time";
    case toml::node_type::none: break;
  }
  return "nothing";
}

struct Unit {
  std::string_view name;
  std::int64_t us;
};
constexpr std::array units{Unit{"milliseconds", 1'000}, Unit{"seconds", 1'000'000},
                           Unit{"minutes", 60'000'000}, Unit{"hours", 3'600'000'000}};

}  // namespace

std::string position(const std::string& path, const toml::node& node) {
  return fmt::format("{}:{}:{}: ", path, node.source().begin.line, node.source().begin.column);
}

TomlReader::TomlReader(const toml::table& table, const std::string& path, std::string where)
    : table_(table), path_(path), where_(std::move(where)) {}

const toml::node* TomlReader::find(std::string_view key) {
  known_.emplace_back(key);
  return table_.get(key);
}

std::unexpected<Error> TomlReader::refuse(const toml::node& node, const std::string& what) const {
  return fail(Code::invalid_argument, position(path_, node) + what, path_);
}

std::unexpected<Error> TomlReader::wrong(std::string_view key, const toml::node& node,
                                         std::string_view expected) const {
  return refuse(
      node, fmt::format("`{}` of {} must be {}, found {}", key, where_, expected, type_name(node)));
}

Result<std::optional<std::string>> TomlReader::text(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::optional<std::string>();
  const auto value = node->value_exact<std::string>();
  if (!value) return wrong(key, *node, "a string");
  return value;
}

Result<std::optional<bool>> TomlReader::boolean(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::optional<bool>();
  const auto value = node->value_exact<bool>();
  if (!value) return wrong(key, *node, "true or false");
  return value;
}

Result<std::optional<std::int64_t>> TomlReader::integer(std::string_view key, std::int64_t low,
                                                        std::int64_t high) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::optional<std::int64_t>();
  const auto value = node->value_exact<std::int64_t>();
  if (!value) return wrong(key, *node, "an integer");
  if (*value < low || *value > high)
    return refuse(*node, fmt::format("`{}` of {} must lie between {} and {}, found {}", key, where_,
                                     low, high, *value));
  return value;
}

Result<std::optional<std::uint32_t>> TomlReader::percentage(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::optional<std::uint32_t>();
  const auto value = node->value<double>();
  const bool fits = node->is_number() && value && *value >= 0.0 && *value <= 1.0;
  if (!fits)
    return refuse(*node, fmt::format("`{}` of {} must be a number from 0 to 1", key, where_));
  return static_cast<std::uint32_t>(std::lround(*value * 100.0));
}

Result<std::optional<Duration>> TomlReader::duration(std::string_view key) {
  const toml::table* inner = TRY(table(key));
  if (inner == nullptr) return std::optional<Duration>();
  if (inner->size() != 1)
    return refuse(*inner, fmt::format("`{}` of {} must have exactly one of milliseconds, seconds, "
                                      "minutes, hours, found {} keys",
                                      key, where_, inner->size()));
  TomlReader reader(*inner, path_, fmt::format("`{}` of {}", key, where_));
  std::optional<Duration> found;
  for (const Unit& unit : units) {
    const auto amount = TRY(reader.integer(unit.name, 0, INT64_MAX / unit.us));
    if (amount) found = microseconds(*amount * unit.us);
  }
  TRY(reader.finish());
  return found;
}

Result<const toml::table*> TomlReader::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) return wrong(key, *node, "a table");
  return node->as_table();
}

Result<const toml::array*> TomlReader::array(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_array()) return wrong(key, *node, "an array");
  return node->as_array();
}

Result<std::optional<std::size_t>> TomlReader::choice(std::string_view key,
                                                      std::span<const std::string_view> names) {
  const auto value = TRY(text(key));
  if (!value) return std::optional<std::size_t>();
  const auto found = std::ranges::find(names, *value);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  return refuse(*table_.get(key), fmt::format("`{}` of {} must be one of {}, found \"{}\"", key,
                                              where_, fmt::join(names, ", "), *value));
}

Result<void> TomlReader::finish() const {
  for (const auto& [key, node] : table_) {
    const std::string name(key.str());
    if (std::ranges::find(known_, name) != known_.end()) continue;
    const std::string meant = nearest(name, std::span<const std::string>(known_));
    const toml::source_position at = key.source().begin;
    return fail(
        Code::invalid_argument,
        fmt::format("{}:{}:{}: unknown key `{}` in {}{}", path_, at.line, at.column, name, where_,
                    meant.empty() ? "" : fmt::format("; did you mean `{}`?", meant)),
        path_);
  }
  return {};
}

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
#include "wasm/scripted/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "wasm/scripted/words.h"

namespace stele::wasm::scripted {
namespace {

using Json = nlohmann::ordered_json;

struct Integer {
  std::string_view name;
  std::int64_t min;
  std::uint64_t max;
};
constexpr std::array integers{
    Integer{"u8", 0, UINT8_MAX},          Integer{"u16", 0, UINT16_MAX},
    Integer{"u32", 0, UINT32_MAX},        Integer{"u64", 0, UINT64_MAX},
    Integer{"s8", INT8_MIN, INT8_MAX},    Integer{"s16", INT16_MIN, INT16_MAX},
    Integer{"s32", INT32_MIN, INT32_MAX}, Integer{"s64", INT64_MIN, INT64_MAX},
};

std::string describe(const Json& value) {
  if (value.is_string()) return "string " + value.dump();
  if (value.is_boolean()) return fmt::format("boolean `{}`", value.get<bool>());
  if (value.is_number_float()) return fmt::format("floating point `{}`", value.dump());
  if (value.is_number()) return fmt::format("integer `{}`", value.dump());
  if (value.is_null()) return "null";
  return value.is_array() ? "sequence" : "map";
}

std::unexpected<Error> wrong(std::string_view what, const Json& value, std::string_view type) {
  return fail(Code::invalid_argument, fmt::format("invalid {}: {}, expected value matching \"{}\"",
                                                  what, describe(value), type));
}

/// `inner` of name<inner>; empty if the type is another one.
std::string_view argument(std::string_view type, std::string_view name) {
  if (!type.starts_with(name) || !type.ends_with('>') || type.substr(name.size(), 1) != "<")
    return {};
  return trimmed(type.substr(name.size() + 1, type.size() - name.size() - 2));
}

Result<void> check(std::string_view type, const Json& value);

Result<void> check_integer(const Integer& type, const Json& value) {
  if (!value.is_number()) return wrong("type", value, type.name);
  const bool fits = value.is_number_unsigned()  ? value.get<std::uint64_t>() <= type.max
                    : value.is_number_integer() ? value.get<std::int64_t>() >= type.min
                                                : false;
  if (!fits) return wrong("value", value, type.name);
  return {};
}

Result<void> check_list(std::string_view type, std::string_view element, const Json& value) {
  if (!value.is_array()) return wrong("type", value, type);
  for (const Json& item : value) TRY(check(element, item));
  return {};
}

Result<void> check_tuple(std::string_view type, std::string_view inner, const Json& value) {
  if (!value.is_array()) return wrong("type", value, type);
  const auto parts = split_types(inner);
  if (parts.size() != value.size())
    return fail(
        Code::invalid_argument,
        fmt::format("invalid length, expected {} elements matching \"{}\"", parts.size(), type));
  for (std::size_t i = 0; i < parts.size(); ++i) TRY(check(parts[i], value[i]));
  return {};
}

Result<void> check_result(std::string_view inner, const Json& value) {
  const auto parts = split_types(inner);
  const std::string key = value.is_object() && !value.empty() ? value.begin().key() : "";
  if (key.empty()) return fail(Code::invalid_argument, "a result needs the key `ok` or `err`");
  if (key != "ok" && key != "err")
    return fail(Code::invalid_argument,
                fmt::format("a result needs the key `ok` or `err`, not `{}`", key));
  const std::size_t side = key == "ok" ? 0 : 1;
  const Json& payload = value.begin().value();
  if (side < parts.size() && parts[side] != "_") return check(parts[side], payload);
  if (payload.is_null()) return {};
  return fail(Code::invalid_argument, "invalid result value, expected null");
}

Result<void> check(std::string_view type, const Json& value) {
  type = trimmed(type);
  const auto* integer = std::ranges::find(integers, type, &Integer::name);
  if (integer != integers.end()) return check_integer(*integer, value);
  if (type == "bool" && !value.is_boolean()) return wrong("type", value, type);
  if ((type == "string" || type == "char") && !value.is_string()) return wrong("type", value, type);
  if ((type == "f32" || type == "f64") && !value.is_number()) return wrong("type", value, type);
  if (const auto inner = argument(type, "list"); !inner.empty())
    return check_list(type, inner, value);
  if (const auto inner = argument(type, "tuple"); !inner.empty())
    return check_tuple(type, inner, value);
  if (const auto inner = argument(type, "option"); !inner.empty())
    return value.is_null() ? Result<void>() : check(inner, value);
  if (type == "result" || type.starts_with("result<"))
    return check_result(argument(type, "result"), value);
  return {};
}

}  // namespace

Result<void> check_type(std::string_view type, std::string_view json) {
  const Json value = Json::parse(json, nullptr, false);
  if (value.is_discarded()) return fail(Code::invalid_argument, "it is no JSON");
  return check(type, value);
}

}  // namespace stele::wasm::scripted

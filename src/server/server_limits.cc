// SPDX-License-Identifier: Apache-2.0
#include "server/server_limits.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

namespace stele::server {
namespace {

constexpr const char* variable = "STELE_TEST_LIMITS";

using Setter = void (*)(Limits&, std::uint64_t);

void set_seed(Limits& limits, std::uint64_t seed) {
  limits.runtime.seed = seed;
  limits.runtime.partition.seed = seed;
}

const std::map<std::string, Setter, std::less<>>& setters() {
  static const std::map<std::string, Setter, std::less<>> table{
      {"tail_events", [](Limits& to, std::uint64_t n) { to.store.tail_events_max = n; }},
      {"hot_guests",
       [](Limits& to, std::uint64_t n) {
         to.runtime.hot_guests_max = static_cast<std::uint32_t>(n);
         to.runtime.hot_calls_min = 0;
       }},
      {"batch_rows", [](Limits& to, std::uint64_t n) { to.runtime.batch_rows_max = n; }},
      {"ready_loaded",
       [](Limits& to, std::uint64_t n) {
         to.runtime.partition.ready_loaded_max = static_cast<std::uint32_t>(n);
       }},
      {"wal_bytes", [](Limits& to, std::uint64_t n) { set_wal_limit(to.store, n); }},
      {"careful_ms",
       [](Limits& to, std::uint64_t n) {
         to.runtime.partition.careful_for = milliseconds(static_cast<std::int64_t>(n));
       }},
      {"interruptions_max",
       [](Limits& to, std::uint64_t n) {
         to.runtime.partition.interruptions_max = static_cast<std::uint32_t>(n);
       }},
      {"schema_versions_added",
       [](Limits& to, std::uint64_t n) {
         to.store.schema_versions_added = static_cast<std::uint32_t>(n);
       }},
      {"seed", set_seed},
  };
  return table;
}

}  // namespace

Result<void> apply_test_limits(Limits& limits, std::string_view json) {
  const auto object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object()) return fail(Code::invalid_argument, "expected a JSON object", variable);
  for (const auto& [key, value] : object.items()) {
    const auto setter = setters().find(key);
    if (setter == setters().end()) {
      return fail(Code::invalid_argument, fmt::format("unknown key `{}`", key), variable);
    }
    if (!value.is_number_unsigned()) {
      return fail(Code::invalid_argument, fmt::format("`{}` must be a whole number", key),
                  variable);
    }
    setter->second(limits, value.get<std::uint64_t>());
  }
  return {};
}

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
// Owns: typed access to a TOML table that remembers which keys were asked for.
// Life cycle: one for each table while a file is read. Thread: one owner.
// Must hold: finish() refuses every key that nobody asked for; each error has line and column.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
// Of its own assertions some do not hold for foreign text (`[$`), which it refuses a moment later.
#define TOML_ASSERT(condition) static_cast<void>(0)
#include <toml++/toml.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace stele::server {

/// `path:line:column: ` for messages.
std::string position(const std::string& path, const toml::node& node);

class TomlReader {
 public:
  /// `where` names the table in messages: `[[activity_wasm]]`.
  TomlReader(const toml::table& table, const std::string& path, std::string where);

  const toml::node* find(std::string_view key);
  Result<std::optional<std::string>> text(std::string_view key);
  Result<std::optional<bool>> boolean(std::string_view key);
  /// An integer from `low` to `high`.
  Result<std::optional<std::int64_t>> integer(std::string_view key, std::int64_t low,
                                              std::int64_t high);
  /// A number from 0 to 1, as a percentage.
  Result<std::optional<std::uint32_t>> percentage(std::string_view key);
  /// {milliseconds|seconds|minutes|hours = n}, exactly one.
  Result<std::optional<Duration>> duration(std::string_view key);
  /// A sub-table, or null if the key is absent.
  Result<const toml::table*> table(std::string_view key);
  Result<const toml::array*> array(std::string_view key);
  /// One of `names`; the index of the one found.
  Result<std::optional<std::size_t>> choice(std::string_view key,
                                            std::span<const std::string_view> names);

  Result<void> finish() const;
  std::unexpected<Error> refuse(const toml::node& node, const std::string& what) const;
  const std::string& where() const { return where_; }
  const std::string& path() const { return path_; }
  const toml::table& raw() const { return table_; }

 private:
  std::unexpected<Error> wrong(std::string_view key, const toml::node& node,
                               std::string_view expected) const;

  const toml::table& table_;
  const std::string& path_;
  std::string where_;
  std::vector<std::string> known_;
};

}  // namespace stele::server

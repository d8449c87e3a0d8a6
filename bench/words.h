// SPDX-License-Identifier: Apache-2.0
// Owns: `key=value` words of a command line. Life cycle: a value. Thread: one owner. Must hold: a
//   word that nobody asked for is an error, so that a misspelt one is not silently ignored.
#pragma once

#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace stele::bench {

class Words {
 public:
  explicit Words(std::span<char*> args) {
    for (const std::string word : args) {
      const std::size_t equals = word.find('=');
      values_[word.substr(0, equals)] =
          equals == std::string::npos ? std::string() : word.substr(equals + 1);
    }
  }

  std::string text(const std::string& key, const std::string& otherwise = "") {
    asked_.insert(key);
    const auto found = values_.find(key);
    return found == values_.end() ? otherwise : found->second;
  }
  double number(const std::string& key, double otherwise) {
    const std::string found = text(key);
    return found.empty() ? otherwise : std::strtod(found.c_str(), nullptr);
  }
  std::uint64_t count(const std::string& key, std::uint64_t otherwise) {
    const std::string found = text(key);
    return found.empty() ? otherwise : std::strtoull(found.c_str(), nullptr, 10);
  }
  /// The first word that was never asked for.
  std::optional<std::string> left_over() const {
    for (const auto& [key, value] : values_)
      if (!asked_.contains(key)) return key;
    return std::nullopt;
  }

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> asked_;
};

}  // namespace stele::bench

// SPDX-License-Identifier: Apache-2.0
#include "api/json_text.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace stele::api {
namespace {

constexpr std::string_view float_key = "\"$float\"";
constexpr std::string_view some_key = "\"$some\"";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

/// The position after the string literal that begins at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

/// If an object whose first key is `key` opens at `at`: the position after the key's colon, else 0.
std::size_t after_key(std::string_view text, std::size_t at, std::string_view key) {
  at = skip_space(text, at + 1);
  if (text.substr(at, key.size()) != key) return 0;
  at = skip_space(text, at + key.size());
  return at < text.size() && text[at] == ':' ? at + 1 : 0;
}

class UserForm {
 public:
  explicit UserForm(std::string_view stored) : stored_(stored) { out_.reserve(stored.size()); }

  std::string take() {
    while (at_ < stored_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = stored_[at_];
    if (c == '"') return copy_to(skip_string(stored_, at_));
    if (c == '{') return open();
    if (c == '}') return close();
    copy_to(at_ + 1);
  }

  void open() {
    if (const std::size_t value = after_key(stored_, at_, float_key); value != 0) {
      out_ += "null";
      const std::size_t end = stored_.find('}', skip_string(stored_, skip_space(stored_, value)));
      at_ = std::min(end, stored_.size() - 1) + 1;
      return;
    }
    const std::size_t some = after_key(stored_, at_, some_key);
    dropped_.push_back(some != 0);
    if (some == 0) return copy_to(at_ + 1);
    at_ = skip_space(stored_, some);
  }

  void close() {
    const bool drop = !dropped_.empty() && dropped_.back();
    if (!dropped_.empty()) dropped_.pop_back();
    if (!drop) return copy_to(at_ + 1);
    ++at_;
  }

  void copy_to(std::size_t end) {
    out_ += stored_.substr(at_, end - at_);
    at_ = end;
  }

  std::string_view stored_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<bool> dropped_;  ///< for each open object: it is the wrapper of a `some`
};

}  // namespace

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string valid_utf8(std::string_view text) {
  const auto literal = nlohmann::json::parse(json_string(text), nullptr, false);
  return literal.is_string() ? literal.get<std::string>() : std::string();
}

std::string json_string_or_null(std::string_view text) {
  return text.empty() ? "null" : json_string(text);
}

std::string user_form(std::string_view stored) {
  if (stored.empty()) return "null";
  if (stored.find("\"$") == std::string_view::npos) return std::string(stored);
  return UserForm(stored).take();
}

}  // namespace stele::api

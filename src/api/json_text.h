// SPDX-License-Identifier: Apache-2.0
// Owns: the few pieces of JSON text that the views are made of. Life cycle: none. Thread: any.
// Must hold: the result is JSON whatever bytes come in; values that are JSON already are not parsed
//   again, so a number keeps all its digits.
#pragma once

#include <string>
#include <string_view>

namespace stele::api {

/// A JSON string literal; bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);
/// The text with what is not UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);
/// `null` for an empty text, else the literal.
std::string json_string_or_null(std::string_view text);

/// Stored JSON as users see it: `{"$float":…}` is `null`, `{"$some":x}` is `x`; `null` if it is
/// empty.
std::string user_form(std::string_view stored);

}  // namespace stele::api

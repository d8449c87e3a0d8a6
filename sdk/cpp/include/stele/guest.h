// SPDX-License-Identifier: Apache-2.0
// What every guest in C++ uses: results, strings and log lines.
//
// Include the generated bindings of your world first (`<world>_cpp.h`), then this header. The
// bindings spell their own string and vector types (wit::string, wit::vector); the functions below
// convert. Guests are built without exceptions: errors are values of std::expected.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wit.h"

namespace stele {

/// A result as the bindings spell it: `result<T, E>` of WIT.
template <typename T, typename E = wit::string>
using Result = std::expected<T, E>;

/// An owned copy for the bindings.
inline wit::string text(std::string_view value) { return wit::string::from_view(value); }

/// The error of a function whose err type is `string`.
inline std::unexpected<wit::string> error(std::string_view value) {
  return std::unexpected<wit::string>(text(value));
}

/// Moves the elements of a container into a list of the bindings.
template <typename T>
wit::vector<T> list(std::vector<T>&& values) {
  wit::vector<T> out = wit::vector<T>::allocate(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) out.initialize(i, std::move(values[i]));
  return out;
}

/// The elements of a list, to iterate over.
template <typename T>
std::span<const T> each(const wit::vector<T>& values) {
  return values.get_const_view();
}

/// Small pieces of text put together: numbers and strings.
inline void append(std::string& out, std::string_view piece) { out += piece; }
inline void append(std::string& out, const wit::string& piece) { out += piece.get_view(); }
template <typename Number>
  requires std::is_integral_v<Number>
void append(std::string& out, Number number) {
  out += std::to_string(number);
}
template <typename... Pieces>
std::string join(const Pieces&... pieces) {
  std::string out;
  (append(out, pieces), ...);
  return out;
}

}  // namespace stele

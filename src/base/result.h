// SPDX-License-Identifier: Apache-2.0
// Owns: Result<T> and TRY. Life cycle: plain values. Thread: any.
// Must hold: an operating error is a value that is looked at; nothing here throws.
#pragma once

#include <expected>
#include <utility>

#include "base/error.h"

namespace stele {

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string reason, std::string subject = {}) {
  return std::unexpected<Error>(error(code, std::move(reason), std::move(subject)));
}

namespace result_detail {

template <typename T>
T take(Result<T>& result) {
  return std::move(*result);
}

inline void take(Result<void>& /*result*/) {}

}  // namespace result_detail

}  // namespace stele

#define STELE_JOIN_INNER(a, b) a##b
#define STELE_JOIN(a, b) STELE_JOIN_INNER(a, b)

/// TRY(expression): the value of a Result, or an early return of its error.
/// It follows no other part in the braces of an initialiser, the parentheses that initialise an
/// aggregate, or the captures of a lambda: when it returns early, gcc does not destroy the parts
/// already made. Take it into a local before; among the arguments of a call it is safe.
#define TRY(...) STELE_TRY(STELE_JOIN(stele_try_, __COUNTER__), __VA_ARGS__)
#define STELE_TRY(name, ...)                                    \
  __extension__({                                               \
    auto name = (__VA_ARGS__);                                  \
    if (!name) return std::unexpected(std::move(name.error())); \
    ::stele::result_detail::take(name);                         \
  })

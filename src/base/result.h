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
#define TRY(...) STELE_TRY(STELE_JOIN(stele_try_, __COUNTER__), __VA_ARGS__)
#define STELE_TRY(name, ...)                                    \
  __extension__({                                               \
    auto name = (__VA_ARGS__);                                  \
    if (!name) return std::unexpected(std::move(name.error())); \
    ::stele::result_detail::take(name);                         \
  })

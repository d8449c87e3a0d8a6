// SPDX-License-Identifier: Apache-2.0
// Owns: assertions for our own bugs. Life cycle: none. Thread: any.
// Must hold: never reachable from input; input gets an Error.
#pragma once

namespace stele {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace stele

/// Always on: aborts with a message when our own code is wrong.
#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::stele::check_failed(#condition, __FILE__, __LINE__))

/// Costly checks, compiled in for tests and simulation only.
#ifdef STELE_CHECK_SLOW
#define CHECK_SLOW(condition) CHECK(condition)
#else
#define CHECK_SLOW(condition) static_cast<void>(0)
#endif

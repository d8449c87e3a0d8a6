// SPDX-License-Identifier: Apache-2.0
// Owns: the one error type of operating errors, its codes and what follows from a code.
// Life cycle: a plain value. Thread: any. Must hold: codes are numerically gRPC's, so they cross
// the API unchanged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace stele {

/// A code exists only if a caller branches on it. Numbers are those of google.rpc.Code.
enum class Code : std::uint8_t {
  cancelled = 1,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
};

/// `reason` says what happened, to what, and what the reader can do next; `subject` names the
/// execution, file or component it is about (may be empty).
struct [[nodiscard]] Error {
  Code code = Code::internal;
  std::string reason;
  std::string subject;
};

inline Error error(Code code, std::string reason, std::string subject = {}) {
  return Error{code, std::move(reason), std::move(subject)};
}

/// Snake-case name of the code, for logs and JSON.
std::string_view code_name(Code code);

/// True if the same request may succeed later without any change.
bool is_retryable(Code code);

}  // namespace stele

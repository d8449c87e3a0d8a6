// SPDX-License-Identifier: Apache-2.0
// Owns: the translation between Error and grpc::Status, both ways. Life cycle: none. Thread: any.
// Must hold: codes are equal by number; the subject travels in trailing metadata.
#pragma once

#include <grpcpp/grpcpp.h>

#include "base/result.h"

namespace stele::api {

inline constexpr const char* subject_key = "stele-subject-bin";

/// The text of an Error: what happened, then what it is about.
grpc::Status to_status(const Error& error);

/// For servers: the status, with the subject put into `context`'s trailing metadata.
template <typename Context>
grpc::Status answer_error(Context& context, const Error& error) {
  if (!error.subject.empty()) context.AddTrailingMetadata(subject_key, error.subject);
  return to_status(error);
}

/// For clients; `address` is where the server was looked for.
Error to_error(const grpc::Status& status, const grpc::ClientContext& context,
               const std::string& address);

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
// Owns: the translation between Error and grpc::Status, both ways. Life cycle: none. Thread: any.
// Must hold: codes are equal by number; the subject and the time after which to try again travel in
//   trailing metadata.
#pragma once

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace stele::api {

inline constexpr const char* subject_key = "stele-subject-bin";
/// Milliseconds; clients of gRPC with a retry policy obey it by themselves.
inline constexpr const char* retry_after_key = "grpc-retry-pushback-ms";

/// The text of an Error: what happened, then what it is about.
grpc::Status to_status(const Error& error);

/// For servers: the status, with the subject put into `context`'s trailing metadata.
template <typename Context>
grpc::Status answer_error(Context& context, const Error& error) {
  if (!error.subject.empty()) context.AddTrailingMetadata(subject_key, error.subject);
  return to_status(error);
}

/// For servers: the same for a submission; who is refused for lack of room is told when to come
/// back.
template <typename Context>
grpc::Status answer_refusal(Context& context, const Error& error,
                            std::optional<Duration> retry_after) {
  if (error.code == Code::resource_exhausted && retry_after)
    context.AddTrailingMetadata(retry_after_key, std::to_string(retry_after->us / 1'000));
  return answer_error(context, error);
}

/// For clients: what answer_refusal has said.
std::optional<Duration> retry_after_of(const grpc::ClientContext& context);

/// For clients; `address` is where the server was looked for.
Error to_error(const grpc::Status& status, const grpc::ClientContext& context,
               const std::string& address);

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
#include "api/grpc/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace stele::api {
namespace {

constexpr std::int64_t retry_after_ms_max = 60'000;

Code to_code(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS: return static_cast<Code>(code);
    case grpc::StatusCode::OK:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::DO_NOT_USE: break;
  }
  return Code::internal;
}

/// True if no server was reached at all, in the words of grpc++.
bool is_unreachable(const grpc::Status& status) {
  const std::string& text = status.error_message();
  return status.error_code() == grpc::StatusCode::UNAVAILABLE &&
         (text.find("failed to connect") != std::string::npos ||
          text.find("DNS resolution failed") != std::string::npos);
}

}  // namespace

grpc::Status to_status(const Error& error) {
  return {static_cast<grpc::StatusCode>(error.code), error.reason};
}

std::optional<Duration> retry_after_of(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find(retry_after_key);
  if (found == metadata.end()) return std::nullopt;
  std::int64_t ms = 0;
  const char* const end = found->second.data() + found->second.size();
  const auto parsed = std::from_chars(found->second.data(), end, ms);
  if (parsed.ec != std::errc() || parsed.ptr != end || ms < 0) return std::nullopt;
  return milliseconds(std::min(ms, retry_after_ms_max));
}

Error to_error(const grpc::Status& status, const grpc::ClientContext& context,
               const std::string& address) {
  if (is_unreachable(status)) {
    return error(Code::unavailable,
                 fmt::format("no server at {}, start one with `stele server run`, or name another "
                             "with --api-url",
                             address));
  }
  std::string subject;
  const auto& metadata = context.GetServerTrailingMetadata();
  if (const auto found = metadata.find(subject_key); found != metadata.end()) {
    subject.assign(found->second.data(), found->second.size());
  }
  return error(to_code(status.error_code()), status.error_message(), std::move(subject));
}

}  // namespace stele::api

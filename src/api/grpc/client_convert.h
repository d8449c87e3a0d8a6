// SPDX-License-Identifier: Apache-2.0
// Owns: messages of stele.v1 as the plain values of the command line. Life cycle: none. Thread:
// any. Must hold: the one place that reads these messages on the client.
#pragma once

#include <stele/v1/execution.pb.h>
#include <stele/v1/function.pb.h>

#include "cli/api_client.h"

namespace stele::api {

cli::Execution from_message(const v1::Execution& message);
cli::Item from_message(const v1::Event& message);
cli::Item from_message(const v1::Response& message);
cli::ReplayAnswer from_message(const v1::ReplayResponse& message);
cli::LogLine from_message(const v1::LogLine& message);
cli::FunctionInfo from_message(const v1::Function& message);
cli::Update from_message(const v1::FollowResponse& message);

}  // namespace stele::api

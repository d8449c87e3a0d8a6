// SPDX-License-Identifier: Apache-2.0
// Owns: the views of the service as messages of stele.v1. Life cycle: none. Thread: any.
// Must hold: the one place that fills these messages on the server.
#pragma once

#include <stele/v1/deployment.pb.h>
#include <stele/v1/execution.pb.h>
#include <stele/v1/function.pb.h>

#include "api/views.h"
#include "journal/rows.h"
#include "store/store.h"

namespace stele::api {

void fill(v1::Execution& to, const ExecutionDetail& from);
void fill(v1::Event& to, EventView from);
void fill(v1::Response& to, ResponseView from);
void fill(v1::ReplayResponse& to, ReplayView from);
void fill(v1::LogLine& to, const LogRow& from);
void fill(v1::Function& to, const FunctionView& from);
void fill(v1::GetActiveDeploymentResponse& to, const DeploymentRow& from);

}  // namespace stele::api

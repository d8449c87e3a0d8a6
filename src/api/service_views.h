// SPDX-License-Identifier: Apache-2.0
// Owns: the plain values of views.h made from the engine's. Life cycle: none. Thread: any.
// Must hold: nothing here reads or waits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/views.h"
#include "runtime/engine.h"

namespace stele::api {

ResultView make_result(const Outcome& outcome);
ExecutionDetail make_detail(const runtime::ExecutionView& view, std::string state_json);
/// In order of name.
std::vector<FunctionView> make_functions(const core::Catalog& catalog,
                                         const DeploymentRow& deployment, std::string_view prefix);
Counters make_counters(const runtime::EngineCounters& counters);

}  // namespace stele::api

// SPDX-License-Identifier: Apache-2.0
// Owns: what commands print with --json, and the one-line texts for people.
// Life cycle: none. Thread: any. Must hold: values are passed on as the server wrote them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/api_client.h"

namespace stele::cli {

std::string json_string(std::string_view text);
std::string to_json(const Execution& execution);
/// {"ok":…}, {"err":…}, {"execution_failed":{kind,reason,detail}} or null.
std::string result_json(const std::optional<ExecutionResult>& result);
std::string to_json(const LogLine& line);
std::string to_json(const ReplayAnswer& answer);
std::string to_json(const FunctionInfo& function);
/// The texts of `items` as one array.
std::string array_of(const std::vector<std::string>& items);

/// `Pending at …`, `BlockedByJoinSet n:x (closing)`, `Paused`, `Cancelling`, `Finished: OK`, …
std::string state_text(const Execution& execution);
/// `ok 42`, `err "no"`, `failed (timed_out): reason`.
std::string result_text(const ExecutionResult& result);
/// `1.204 s`, `12 ms`.
std::string duration_text(Duration duration);
std::string signature_text(const FunctionInfo& function);

}  // namespace stele::cli

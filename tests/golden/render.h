// SPDX-License-Identifier: Apache-2.0
// Owns: one line for each entry of a history, for people and for comparison.
// Life cycle: functions only. Thread: any. Must hold: no times and no keys are shown.
#pragma once

#include <functional>
#include <string>

#include "journal/entry.h"

namespace stele::golden {

using FunctionName = std::function<std::string(FunctionId)>;

std::string render(const Outcome& outcome);
std::string render(const Entry& entry, const FunctionName& name);

}  // namespace stele::golden

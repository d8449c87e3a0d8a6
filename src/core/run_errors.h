// SPDX-License-Identifier: Apache-2.0
// Owns: the JSON of the errors that the host's functions return (contract 1.3, 1.4).
// Life cycle: functions only. Thread: any. Must hold: a stored refusal reads as it once did.
#pragma once

#include <string>
#include <string_view>

#include "journal/entry.h"

namespace stele::core {

/// {"err":"case"}
std::string error_answer(std::string_view name);
/// {"err":{"case":"text"}}
std::string error_answer(std::string_view name, std::string_view text);
/// {"ok":null} if it is none.
std::string refusal_answer(const Refused& refused);
/// Of schedule-json, whose error has no case for an id that is in use.
std::string schedule_answer(const Refused& refused);

}  // namespace stele::core

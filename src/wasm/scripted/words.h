// SPDX-License-Identifier: Apache-2.0
// Owns: cutting lines into words, and the parts of JSON values. Life cycle: functions only.
// Thread: any. Must hold: views point into what was given.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stele::wasm::scripted {

std::string_view trimmed(std::string_view text);
/// The part before `at`, which is taken off together with it.
std::string_view cut(std::string_view& text, char at);
/// The first word, taken off; what remains is trimmed.
std::string_view next_word(std::string_view& text);
/// NAME of a trailing ` as NAME`, taken off; empty if there is none.
std::string_view cut_as(std::string_view& text);
/// Split at the commas that are not inside of brackets.
std::vector<std::string_view> split_types(std::string_view text);
/// now, 5s, 20ms, 3m, 2h, 1d or @unix-seconds, as a schedule-at.
Result<std::string> schedule_json(std::string_view text);

/// `$name` and `$name.key.key` replaced by what `lookup` has for the name, or null.
using Lookup = std::function<std::string(std::string_view)>;
std::string filled_in(std::string_view text, const Lookup& lookup);
/// The value at a path like `ok.id`; `null` if there is none.
std::string json_part(const std::string& text, std::string_view path);
/// The JSON text in one spelling; the text itself if it is not JSON.
std::string canonical(std::string_view text);
/// Elements of an array, each as text. Errors: invalid_argument.
Result<std::vector<std::string>> json_elements(std::string_view text);
/// A JSON string literal.
std::string json_text(std::string_view text);
/// Name of a variant's case in `value`; empty if it has no such form.
std::string case_name(const std::string& value);

}  // namespace stele::wasm::scripted

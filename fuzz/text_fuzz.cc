// SPDX-License-Identifier: Apache-2.0
// The small texts that users, files and guests write: ids, times, function names, JSON.
#include <nlohmann/json.hpp>

#include "api/json_text.h"
#include "base/time.h"
#include "cli/params.h"
#include "core/imports.h"
#include "core/run_json.h"
#include "core/run_raw.h"
#include "fuzz/fuzz.h"
#include "journal/ids.h"
#include "runtime/engine.h"
#include "runtime/submittable.h"

namespace stele {
namespace {

/// Answers whether there is a value; a refusal must be one that a user can be shown.
template <typename T>
bool accepted(const Result<T>& read) {
  if (!read) CHECK(read.error().code == Code::invalid_argument && !read.error().reason.empty());
  return read.has_value();
}

/// The parser by itself takes a NUL for the end of the text.
bool is_json(std::string_view text) {
  return text.find('\0') == std::string_view::npos && nlohmann::json::accept(text);
}

void ids(std::string_view text) {
  if (const auto ulid = parse_ulid(text); accepted(ulid))
    CHECK(parse_ulid(to_text(*ulid)) == *ulid);
  if (const auto id = parse_execution_id(text); accepted(id)) {
    CHECK(parse_execution_id(to_text(*id)) == *id);
    random_seed(*id);
    if (const auto split = split_derived(*id); accepted(split))
      CHECK(child_suffix(split->parent.suffix, split->join_set, split->index) == id->suffix);
  }
  if (const auto name = runtime::parse_delay_name(text); accepted(name))
    accepted(runtime::parse_delay_name(delay_id(name->owner, name->join_set, name->index)));
  if (const auto ffqn = parse_ffqn(text); accepted(ffqn)) {
    CHECK(ffqn->interface + "." + ffqn->function == text);
    core::meaning_of(ffqn->interface, ffqn->function);
  }
}

void times(std::string_view text) {
  if (const auto at = from_rfc3339(text); accepted(at)) CHECK(from_rfc3339(to_rfc3339(*at)) == *at);
  fuzz_input::Choices bytes(text);
  Instant at{};
  for (int i = 0; i < 8; ++i)
    at.us = static_cast<std::int64_t>((static_cast<std::uint64_t>(at.us) << 8U) | bytes.below(256));
  to_rfc3339(at);
  core::json_datetime(at);
}

void host_params(std::string_view text) {
  if (const auto range = core::parse_range(text)) CHECK(range->min <= UINT64_MAX);
  accepted(core::parse_range(text));
  accepted(core::parse_sleep(text));
  accepted(core::parse_delay(text));
  accepted(core::parse_name(text));
  accepted(core::parse_call_by_name(text));
  accepted(core::parse_schedule_by_name(text));
  accepted(core::parse_target(text));
  accepted(core::parse_stub_by_text(text));
}

/// Cutting is for text that is known to be JSON; other text must not do harm.
void slices(std::string_view text) {
  const bool json = is_json(text);
  core::json_array_error(text);
  const auto elements = core::raw_elements(text);
  if (accepted(elements) && json) {
    for (const std::string_view element : *elements) CHECK(is_json(element));
  }
  const auto member = core::raw_member(text);
  if (accepted(member) && json) CHECK(is_json(member->value));
  const std::string literal = core::json_string(text);
  CHECK(is_json(api::json_string(text)));
  CHECK(nlohmann::json::accept(literal) || !nlohmann::json::accept('"' + literal));
  const std::string form = api::user_form(text);
  if (json) CHECK(is_json(form));
  core::error_type_of(text);
}

void requests(fuzz_input::Choices bytes) {
  const std::string ffqn(bytes.until('\n'));
  if (const auto meant = runtime::submittable(ffqn, bytes.rest()); accepted(meant))
    CHECK(!meant->ffqn.empty() || ffqn.empty());
  cli::ParamWords words{.words = {}, .separate = bytes.below(2) == 1};
  while (!bytes.empty() && words.words.size() < 8) words.words.emplace_back(bytes.until('\n'));
  for (std::string& word : words.words)
    if (word.starts_with('@')) word.front() = '[';  // would read a file
  if (const auto params = cli::read_params(words); accepted(params)) CHECK(is_json(*params));
  if (cli::is_short_ffqn(ffqn)) {
    const std::vector<std::string> known{"a:b/c@1.0.0.d", "a:b/c.d", "x:y/call.call"};
    const auto found = cli::resolve_ffqn(ffqn, known);
    CHECK(found || !found.error().reason.empty());
  }
}

}  // namespace

void fuzz(std::string_view input) {
  fuzz_input::Choices bytes(input);
  switch (bytes.below(5)) {
    case 0: return ids(bytes.rest());
    case 1: return times(bytes.rest());
    case 2: return host_params(bytes.rest());
    case 3: return slices(bytes.rest());
    default: return requests(bytes);
  }
}

}  // namespace stele

// SPDX-License-Identifier: Apache-2.0
#include "runtime/shape.h"

namespace stele::runtime {
namespace {

/// Position of the comma between T and E, or npos.
std::size_t outer_comma(std::string_view inner) {
  int depth = 0;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    const char c = inner[i];
    if (c == '<' || c == '(' || c == '{') ++depth;
    if (c == '>' || c == ')' || c == '}') --depth;
    if (c == ',' && depth == 0) return i;
  }
  return std::string_view::npos;
}

}  // namespace

ResultShape result_shape(std::string_view type) {
  if (!type.starts_with("result")) return {};
  if (type.size() < 8 || type[6] != '<') return {.ok = false, .err = false};
  const std::string_view inner = type.substr(7, type.size() - 8);
  const std::size_t comma = outer_comma(inner);
  if (comma == std::string_view::npos) return {.ok = true, .err = false};
  return {.ok = inner.substr(0, comma) != "_", .err = true};
}

Outcome outcome_of(wasm::Finished finished, const ResultShape& shape) {
  Outcome outcome;
  outcome.kind = finished.ok ? OutcomeKind::ok : OutcomeKind::err;
  if (finished.ok ? shape.ok : shape.err) outcome.value = std::move(finished.value);
  return outcome;
}

Outcome outcome_of_text(std::string_view text, const ResultShape& shape) {
  constexpr std::string_view ok = R"({"ok":)";
  constexpr std::string_view err = R"({"err":)";
  wasm::Finished finished;
  finished.ok = text.starts_with(ok);
  const std::size_t head = finished.ok ? ok.size() : err.size();
  if (text.size() > head) finished.value = text.substr(head, text.size() - head - 1);
  return outcome_of(std::move(finished), shape);
}

bool same_value(const std::optional<Outcome>& stored, const Outcome& given) {
  return stored && stored->kind == given.kind && stored->value == given.value;
}

ResultShape shape_of(const wasm::Component& component, std::string_view ffqn) {
  for (const wasm::Function& function : component.description().exports) {
    const std::size_t split = function.interface.size();
    if (ffqn.size() == split + 1 + function.name.size() && ffqn.starts_with(function.interface) &&
        ffqn.ends_with(function.name)) {
      return result_shape(function.result);
    }
  }
  return {};
}

Outcome failure(FailureKind kind, std::string reason, std::string detail) {
  Outcome outcome;
  outcome.kind = OutcomeKind::failure;
  outcome.failure = kind;
  outcome.reason = std::move(reason);
  outcome.detail = std::move(detail);
  return outcome;
}

}  // namespace stele::runtime

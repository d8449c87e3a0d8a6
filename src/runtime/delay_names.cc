// SPDX-License-Identifier: Apache-2.0
#include "runtime/delay_names.h"

#include <fmt/format.h>

#include <charconv>

namespace stele::runtime {
namespace {

constexpr std::uint32_t page_entries = 4'096;

std::unexpected<Error> malformed(std::string_view text) {
  return fail(Code::invalid_argument,
              "this is no id of a delay: it has the form Delay_<execution>.<join set>_<number>",
              std::string(text));
}

/// The set that the entry makes, if it has that name.
std::optional<JoinSetOrdinal> made_by(const EntryBody& body, std::string_view join_set) {
  if (const auto* create = std::get_if<JoinSetCreate>(&body))
    if (join_set_id(create->kind, create->name) == join_set) return create->join_set;
  if (const auto* sleep = std::get_if<Sleep>(&body))
    if (join_set_id(JoinSetKind::one_off, fmt::format("{}-{}", sleep->one_off, sleep->name)) ==
        join_set)
      return sleep->join_set;
  return std::nullopt;
}

}  // namespace

Result<DelayName> parse_delay_name(std::string_view text) {
  constexpr std::string_view head = "Delay_";
  const std::size_t dot = text.rfind('.');
  const std::size_t bar = text.rfind('_');
  if (!text.starts_with(head) || dot == text.npos || bar < dot) return malformed(text);
  DelayName name;
  const std::string_view owner = text.substr(head.size(), dot - head.size());
  const Result<ExecutionId> id =
      parse_execution_id(owner.starts_with("E_") ? std::string(owner) : fmt::format("E_{}", owner));
  if (!id) return malformed(text);
  name.owner = *id;
  name.join_set = text.substr(dot + 1, bar - dot - 1);
  const std::string_view digits = text.substr(bar + 1);
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, name.index);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != end) return malformed(text);
  return name;
}

Result<DelayRow> find_delay(Store& store, const DelayName& name) {
  const ExecutionRow owner = TRY(store.find(name.owner));
  std::uint32_t position = 0;
  for (bool more = true; more;) {
    const HistoryPage page = TRY(store.read_history(owner.key, position, page_entries));
    more = page.more && !page.entries.empty();
    position += static_cast<std::uint32_t>(page.entries.size());
    for (const Entry& entry : page.entries)
      if (const auto set = made_by(entry.body, name.join_set))
        return DelayRow{.owner = owner.key, .join_set = *set, .index = name.index};
  }
  return fail(Code::not_found,
              fmt::format("{} has no join set {}", to_text(name.owner), name.join_set),
              to_text(name.owner));
}

}  // namespace stele::runtime

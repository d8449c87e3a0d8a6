// SPDX-License-Identifier: Apache-2.0
#include "store/find_derived.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace stele {
namespace {

constexpr std::uint32_t page_entries = 8192;

/// What a level of an id says: `<kind>:<name>_<index>`.
struct Wanted {
  char kind = 'g';
  std::string_view name;
  std::uint32_t index = 0;
  std::uint32_t one_off = 0;  ///< k of a one-off name `{k}-{label}`
};

Wanted wanted_of(std::string_view level) {
  Wanted wanted;
  const std::size_t underscore = level.rfind('_');
  wanted.kind = level[0];
  wanted.name = level.substr(2, underscore - 2);
  const std::string_view index = level.substr(underscore + 1);
  std::from_chars(index.data(), index.data() + index.size(), wanted.index);
  std::from_chars(wanted.name.data(), wanted.name.data() + wanted.name.size(), wanted.one_off);
  return wanted;
}

/// Looks at one entry after the other until the child's request is met.
class ChildSearch {
 public:
  explicit ChildSearch(const Wanted& wanted) : wanted_(wanted) {}

  /// The child's key once found, else 0.
  ExecutionKey look(const EntryBody& body) {
    if (const auto* call = std::get_if<DirectCall>(&body)) {
      const bool same =
          wanted_.kind == 'o' && call->one_off == wanted_.one_off && wanted_.index == 1;
      return same ? call->child : ExecutionKey{};
    }
    if (const auto* create = std::get_if<JoinSetCreate>(&body)) {
      const char kind = join_set_id(create->kind, "")[0];
      if (kind != wanted_.kind || create->name != wanted_.name) return {};
      join_set_ = create->join_set;
      created_ = true;
      return {};
    }
    if (const auto* request = std::get_if<ChildRequest>(&body)) {
      const bool same =
          created_ && request->join_set == join_set_ && request->index == wanted_.index;
      return same ? request->child : ExecutionKey{};
    }
    return {};
  }

 private:
  Wanted wanted_;
  JoinSetOrdinal join_set_;
  bool created_ = false;
};

Result<ExecutionKey> child_of(Store& store, ExecutionKey parent, const Wanted& wanted) {
  ChildSearch search(wanted);
  std::uint32_t position = 0;
  bool more = true;
  while (more) {
    const HistoryPage page = TRY(store.read_history(parent, position, page_entries));
    for (const Entry& entry : page.entries) {
      if (const ExecutionKey child = search.look(entry.body)) return child;
      position = entry.position + 1;
    }
    more = page.more && !page.entries.empty();
  }
  return ExecutionKey{};
}

std::unexpected<Error> not_found(const ExecutionId& id) {
  return fail(Code::not_found, fmt::format("there is no execution {}", to_text(id)), to_text(id));
}

}  // namespace

Result<ExecutionRow> find_through_parents(Store& store, const ExecutionId& id) {
  const std::array roots{id.root};
  Loaded loaded = TRY(store.load({}, roots));
  std::string_view rest = id.suffix;
  while (!loaded.rows.empty() && !rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('.'), rest.size());
    const ExecutionKey parent = loaded.rows.front().key;
    const std::array keys { TRY(child_of(store, parent, wanted_of(rest.substr(0, end)))) };
    if (!keys[0]) return not_found(id);
    loaded = TRY(store.load(keys, {}));
    rest.remove_prefix(end);
  }
  if (loaded.rows.empty() || loaded.rows.front().id != id) return not_found(id);
  return std::move(loaded.rows.front());
}

}  // namespace stele

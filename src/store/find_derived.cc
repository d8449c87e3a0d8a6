// SPDX-License-Identifier: Apache-2.0
#include "store/find_derived.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace stele {
namespace {

constexpr std::uint32_t page_entries = 8192;
constexpr std::size_t parents_max = 8;
/// Of one parent; about 20 MiB.
constexpr std::size_t children_max = 300'000;

/// What a level of an id says: `<kind>:<name>_<index>`.
struct Wanted {
  char kind = 'g';
  std::string name;
  std::uint32_t index = 0;
  std::uint32_t one_off = 0;  ///< k of a one-off name `{k}-{label}`
};

Wanted wanted_of(std::string_view level) {
  Wanted wanted;
  const std::size_t underscore = level.rfind('_');
  wanted.kind = level[0];
  const std::string_view name = level.substr(2, underscore - 2);
  wanted.name = name;
  const std::string_view index = level.substr(underscore + 1);
  std::from_chars(index.data(), index.data() + index.size(), wanted.index);
  std::from_chars(name.data(), name.data() + name.size(), wanted.one_off);
  return wanted;
}

}  // namespace

/// What a parent's history says up to a position: its join sets by name and their children.
class ParentIndex {
 public:
  explicit ParentIndex(ExecutionKey parent) : parent_(parent) {}

  ExecutionKey parent() const { return parent_; }
  std::uint64_t entries_read() const {
    const Lock lock(mutex_);
    return entries_read_;
  }

  /// The child's key, 0 if the history does not name it. Reads only what it has not seen yet, or
  /// had to forget.
  Result<ExecutionKey> child(Store& store, const Wanted& wanted) {
    const Lock lock(mutex_);
    ExecutionKey found = known(wanted);
    if (!found) found = TRY(read_on(store, wanted));
    if (found || !forgot_) return found;
    forgot_ = false;
    scanned_ = 0;
    return read_on(store, wanted);
  }

 private:
  using Child = std::pair<JoinSetOrdinal, std::uint32_t>;

  ExecutionKey known(const Wanted& wanted) const STELE_REQUIRES(mutex_) {
    if (wanted.kind == 'o' && wanted.index == 1) {
      const auto call = calls_.find(wanted.one_off);
      if (call != calls_.end()) return call->second;
    }
    const auto set = join_sets_.find(std::pair(wanted.kind, wanted.name));
    if (set == join_sets_.end()) return {};
    const auto child = children_.find(Child(set->second, wanted.index));
    return child == children_.end() ? ExecutionKey{} : child->second;
  }

  Result<ExecutionKey> read_on(Store& store, const Wanted& wanted) STELE_REQUIRES(mutex_) {
    ExecutionKey found;
    bool more = true;
    while (!found && more) {
      make_room();
      const HistoryPage page = TRY(store.read_history(parent_, scanned_, page_entries));
      entries_read_ += page.entries.size();
      for (const Entry& entry : page.entries) {
        learn(entry.body);
        scanned_ = entry.position + 1;
      }
      found = known(wanted);
      more = page.more && !page.entries.empty();
    }
    return found;
  }

  /// Forgets children, never join sets: later children may belong to any of them.
  void make_room() STELE_REQUIRES(mutex_) {
    if (children_.size() + calls_.size() + page_entries <= children_max) return;
    children_.clear();
    calls_.clear();
    forgot_ = true;
  }

  void learn(const EntryBody& body) STELE_REQUIRES(mutex_) {
    if (const auto* call = std::get_if<DirectCall>(&body)) calls_[call->one_off] = call->child;
    if (const auto* create = std::get_if<JoinSetCreate>(&body)) {
      const char kind = join_set_id(create->kind, "")[0];
      join_sets_.insert_or_assign(std::pair(kind, create->name), create->join_set);
    }
    if (const auto* request = std::get_if<ChildRequest>(&body)) {
      children_[Child(request->join_set, request->index)] = request->child;
    }
  }

  const ExecutionKey parent_;
  mutable Mutex mutex_;
  std::uint32_t scanned_ STELE_GUARDED_BY(mutex_) = 0;  ///< the position at which reading goes on
  bool forgot_ STELE_GUARDED_BY(mutex_) =
      false;  ///< some children before it are not known any more
  std::uint64_t entries_read_ STELE_GUARDED_BY(mutex_) = 0;
  std::map<std::pair<char, std::string>, JoinSetOrdinal, std::less<>> join_sets_
      STELE_GUARDED_BY(mutex_);
  std::map<Child, ExecutionKey> children_ STELE_GUARDED_BY(mutex_);
  std::map<std::uint32_t, ExecutionKey> calls_
      STELE_GUARDED_BY(mutex_);  ///< direct calls by their one-off number
};

namespace {

std::unexpected<Error> not_found(const ExecutionId& id) {
  return fail(Code::not_found, fmt::format("there is no execution {}", to_text(id)), to_text(id));
}

}  // namespace

DerivedFinder::DerivedFinder() = default;
DerivedFinder::~DerivedFinder() = default;

std::shared_ptr<ParentIndex> DerivedFinder::index_of(ExecutionKey parent) {
  const Lock lock(mutex_);
  const auto at =
      std::ranges::find(parents_, parent, [](const auto& each) { return each->parent(); });
  if (at != parents_.end()) {
    parents_.splice(parents_.begin(), parents_, at);
    return parents_.front();
  }
  if (parents_.size() >= parents_max) {
    read_by_dropped_ += parents_.back()->entries_read();
    parents_.pop_back();
  }
  return parents_.emplace_front(std::make_shared<ParentIndex>(parent));
}

std::uint64_t DerivedFinder::entries_read() const {
  const Lock lock(mutex_);
  std::uint64_t sum = read_by_dropped_;
  for (const auto& parent : parents_) sum += parent->entries_read();
  return sum;
}

Result<ExecutionRow> DerivedFinder::find(Store& store, const ExecutionId& id) {
  const std::array roots{id.root};
  Loaded loaded = TRY(store.load({}, roots));
  std::string_view rest = id.suffix;
  while (!loaded.rows.empty() && !rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('.'), rest.size());
    const std::shared_ptr<ParentIndex> parent = index_of(loaded.rows.front().key);
    const std::array keys { TRY(parent->child(store, wanted_of(rest.substr(0, end)))) };
    if (!keys[0]) return not_found(id);
    loaded = TRY(store.load(keys, {}));
    rest.remove_prefix(end);
  }
  if (loaded.rows.empty() || loaded.rows.front().id != id) return not_found(id);
  return std::move(loaded.rows.front());
}

}  // namespace stele

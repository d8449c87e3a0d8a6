// SPDX-License-Identifier: Apache-2.0
// What must hold when everything is over, and that a store holds what was written.
#include <fmt/format.h>

#include <array>

#include "sim/checker.h"

namespace stele::sim {

void Checker::check_end() {
  for (const auto& [key, known] : known_) {
    if (known.row.stage != Stage::finished)
      violation(fmt::format("{} did not finish: stage {}, key {}", text_of(known),
                            static_cast<int>(known.row.stage), key.value));
  }
  if (!delays_.empty())
    violation(fmt::format("{} delays are left behind, the first of {}", delays_.size(),
                          text_of(known_[std::get<0>(delays_.begin()->first)])));
  if (!expiries_.empty())
    violation(fmt::format("a delay of {} was never answered",
                          text_of(known_[std::get<0>(expiries_.begin()->first)])));
}

void Checker::see_rows(const std::vector<ExecutionRow>& rows) {
  for (const ExecutionRow& row : rows) {
    const auto found = known_.find(row.key);
    if (found == known_.end())
      violation(fmt::format("{} is read and was never written", to_text(row.id)));
    else if (!(found->second.row == row))
      violation(fmt::format("{} is read with another row", to_text(row.id)));
  }
}

void Checker::see_page(ExecutionKey key, std::uint32_t position, const HistoryPage& page) {
  const auto found = known_.find(key);
  if (found == known_.end()) return;
  const Known& known = found->second;
  std::size_t at = position;
  for (const Entry& entry : page.entries) {
    const bool same = at < known.history.size() && entry == known.history[at];
    if (!same)
      return violation(fmt::format("history of {} is read differently at {}", text_of(known), at));
    ++at;
  }
  if (!page.more && at < known.history.size())
    violation(fmt::format("history of {} is read in part: {} of {}", text_of(known), at,
                          known.history.size()));
}

void Checker::see_head(ExecutionKey key, const HistoryHead& head) {
  const auto found = known_.find(key);
  if (found != known_.end() && !(found->second.head == head))
    violation(fmt::format("the head of {} is read differently", text_of(found->second)));
}

void Checker::check_timers() {
  for (const auto& [key, delay] : delays_)
    if (!delay.paused && delay.expires <= clock_ && known_[delay.owner].row.stage != Stage::closing)
      violation(fmt::format("a delay of {} is overdue by {} us", text_of(known_[delay.owner]),
                            (clock_ - delay.expires).us));
  for (const auto& [key, known] : known_)
    if (known.row.stage == Stage::waiting && known.row.wake <= clock_)
      violation(fmt::format("{} should have been woken {} us ago", text_of(known),
                            (clock_ - known.row.wake).us));
}

void Checker::compare(Store& store) {
  for (const auto& [key, known] : known_) compare_one(store, known);
  const auto due = store.due(Instant{INT64_MIN}, instant_max, 1U << 20U);
  std::size_t expected = 0;
  for (const auto& [key, delay] : delays_) expected += delay.paused ? 0 : 1;
  for (const auto& [key, known] : known_) expected += known.row.stage == Stage::waiting ? 1 : 0;
  if (!due || due->due.size() != expected)
    violation(fmt::format("the store has {} timers, not {}", due ? due->due.size() : 0, expected));
}

void Checker::compare_one(Store& store, const Known& known) {
  const auto loaded = store.load(std::array{known.row.key}, {});
  if (!loaded || loaded->rows.empty())
    return violation(fmt::format("{} is not in the store", text_of(known)));
  if (!(loaded->rows.front() == known.row))
    violation(fmt::format("{} is stored with another row", text_of(known)));
  const auto found = store.find(known.row.id);
  if (!found || found->key != known.row.key)
    violation(fmt::format("{} is not found by its id", text_of(known)));
  std::size_t at = 0;
  for (bool more = true; more;) {
    const auto page = store.read_history(known.row.key, static_cast<std::uint32_t>(at), 1'000);
    if (!page) return violation(fmt::format("history of {} cannot be read", text_of(known)));
    for (const Entry& entry : page->entries) {
      if (at >= known.history.size() || !(entry == known.history[at]))
        return violation(
            fmt::format("history of {} is stored differently at {}", text_of(known), at));
      ++at;
    }
    more = page->more && !page->entries.empty();
  }
  if (at != known.history.size())
    violation(fmt::format("history of {} is stored in part: {} of {}", text_of(known), at,
                          known.history.size()));
}

}  // namespace stele::sim

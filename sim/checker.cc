// SPDX-License-Identifier: Apache-2.0
// What each batch must be, given all batches before it.
#include "sim/checker.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sim/programs.h"

namespace stele::sim {
namespace {

constexpr std::size_t violations_max = 20;

std::string call_text(std::string_view function, std::string_view params) {
  return fmt::format("{} {}", function, params);
}

/// The second of three params: what an activity that goes well returns.
std::string second_param(std::string_view params) {
  const std::size_t first = params.find(',');
  const std::size_t second = params.find(',', first + 1);
  if (second == params.npos) return {};
  return std::string(params.substr(first + 1, second - first - 1));
}

bool returns_its_param(std::string_view function) {
  if (!function.starts_with(activity_interface)) return false;
  return function.ends_with("a0") || function.ends_with("a1") || function.ends_with("a2") ||
         function.ends_with("a4");
}

}  // namespace

void Checker::violation(std::string text) {
  if (trace) trace("VIOLATION: " + text);
  if (violations_.size() < violations_max) violations_.push_back(std::move(text));
}

void Checker::name_functions(const std::vector<FunctionRow>& functions) {
  for (const FunctionRow& row : functions) names_[row.id] = row.ffqn;
}

std::string Checker::name_of(FunctionId id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? std::string() : found->second;
}

const Known* Checker::find_root(const Ulid& id) const {
  const auto found = roots_.find(id);
  return found == roots_.end() ? nullptr : &known_.at(found->second);
}

std::string Checker::text_of(const Known& known) const { return to_text(known.row.id); }

void Checker::mix(std::uint64_t value) { digest_ = (digest_ ^ value) * 1099511628211ULL; }

void Checker::mix(BytesView bytes) {
  for (const char byte : bytes) mix(static_cast<std::uint64_t>(byte));
}

void Checker::expect(const WriteBatch& batch) { expected_ = batch; }

void Checker::settle(bool written) {
  if (written && expected_) see(*expected_);
  expected_.reset();
}

/// Any new row or any entry tells, since a batch is written whole or not at all; a batch that only
/// changes rows is known by these.
void Checker::settle_by(Store& store) {
  if (!expected_) return;
  bool written = false;
  if (!expected_->entries.empty()) {
    const EntryWrite& first = expected_->entries.front();
    const auto head = store.read_head(first.key);
    written = head && head->position > first.entry.position;
  } else if (!expected_->rows.empty()) {
    const RowWrite& first = expected_->rows.front();
    const auto loaded = store.load(std::array{first.row.key}, {});
    written = loaded && !loaded->rows.empty() && loaded->rows.front() == first.row;
  } else if (!expected_->delays.empty()) {
    const DelayWrite& first = expected_->delays.front();
    const auto rows = store.delays_of(first.row.owner);
    const bool there = rows && std::ranges::find(*rows, first.row) != rows->end();
    written = there != first.removed;
  }
  settle(written);
}

void Checker::see(const WriteBatch& batch) {
  ++batches_;
  clean_ = batch.clean_stop;
  clock_ = batch.clock;
  mix(batch.number.value);
  mix(static_cast<std::uint64_t>(batch.clock.us));
  if (trace)
    trace(fmt::format("batch {}: {} rows, {} entries, {} delays", batch.number.value,
                      batch.rows.size(), batch.entries.size(), batch.delays.size()));
  for (const RowWrite& write : batch.rows) see_row(write, batch.clock);
  for (const EntryWrite& write : batch.entries) see_entry(write);
  see_delays(batch);
  // Children and parents may end in one batch; a parent still never ends alone.
  for (const RowWrite& write : batch.rows)
    if (write.row.stage == Stage::finished) see_end(known_[write.row.key]);
}

void Checker::see_new(const ExecutionRow& row) {
  Known& known = known_[row.key];
  known.row = row;
  if (row.parent)
    ++open_children_[row.parent];
  else if (!roots_.emplace(row.id.root, row.key).second)
    violation(fmt::format("{} exists twice", to_text(row.id)));
  if (row.pool != Pool::activity) return;
  known.call = call_text(name_of(row.function), row.params);
  calls_[known.call] = row.key;
}

void Checker::see_row(const RowWrite& write, Instant clock) {
  const ExecutionRow& row = write.row;
  mix(static_cast<std::uint64_t>(row.key.value) * 8 + static_cast<std::uint64_t>(row.stage));
  mix(static_cast<std::uint64_t>(row.wake.us));
  const auto found = known_.find(row.key);
  if ((found == known_.end()) != write.is_new)
    return violation(fmt::format("{} is new twice or was never new", to_text(row.id)));
  if (trace)
    trace(fmt::format("  {} {} stage {} lifecycle {} mark {} attempts {} deployment {}",
                      row.key.value, to_text(row.id).substr(22), static_cast<int>(row.stage),
                      static_cast<int>(row.lifecycle), row.mark, row.attempts,
                      row.deployment.value));
  if (write.is_new) see_new(row);
  Known& known = known_[row.key];
  if (known.row.stage == Stage::finished && !write.is_new)
    violation(fmt::format("{} was written after its end", to_text(row.id)));
  const bool woken = known.row.stage == Stage::waiting && row.stage == Stage::ready;
  if (woken && row.pool == Pool::activity && clock < known.row.wake)
    violation(fmt::format("{} was woken before its time", to_text(row.id)));
  if (write.is_new && row.stage == Stage::ready && clock < row.scheduled)
    violation(fmt::format("{} was made ready before its time", to_text(row.id)));
  see_attempts(known.row, row);
  known.row = row;
  if (row.stage != Stage::finished) return;
  if (row.parent) --open_children_[row.parent];
  if (row.outcome) known.outcome = row.outcome;
}

/// An attempt that failed, or a result, was reported in this life, once.
void Checker::see_attempts(const ExecutionRow& before, const ExecutionRow& row) {
  if (row.pool != Pool::activity) return;
  std::uint32_t ends = row.attempts - std::min(row.attempts, before.attempts);
  const bool has_result = before.stage != Stage::finished && row.stage == Stage::finished &&
                          row.outcome_kind == OutcomeKind::ok;
  ends += has_result ? 1 : 0;
  if (ends == 0) return;
  std::uint32_t& reports = reports_[row.key];
  if (reports < ends)
    violation(fmt::format("{} has more attempts that ended than were reported", to_text(row.id)));
  reports -= std::min(reports, ends);
}

void Checker::see_end(Known& known) {
  if (open_children_[known.row.key] > 0)
    violation(fmt::format("{} ended before its children", text_of(known)));
  if (known.row.parent && !answered_.contains(known.row.key))
    violation(fmt::format("{} ended and its parent was not told", text_of(known)));
  if (!known.outcome) return violation(fmt::format("{} ended without an outcome", text_of(known)));
  see_outcome(known, *known.outcome);
}

/// Results come from attempts, and are those of their own.
void Checker::see_outcome(const Known& known, const Outcome& outcome) {
  mix(outcome.value);
  const std::string function = name_of(known.row.function);
  if (outcome.kind == OutcomeKind::failure) {
    const bool fickle = function.starts_with(fickle_interface);
    if (outcome.failure == FailureKind::nondeterminism_detected && !fickle)
      violation(fmt::format("{} is called nondeterministic: {}", text_of(known), outcome.detail));
    return;
  }
  if (known.row.pool != Pool::activity) return;
  if (known.begun == 0)
    violation(fmt::format("{} has a result without an attempt", text_of(known)));
  if (!returns_its_param(function)) return;
  if (outcome.kind != OutcomeKind::ok) return;
  if (outcome.value != second_param(known.row.params))
    violation(fmt::format("{} has the result of another: {}", text_of(known), outcome.value));
}

void Checker::see_entry(const EntryWrite& write) {
  Known& known = known_[write.key];
  const Entry& entry = write.entry;
  ++entries_;
  mix(static_cast<std::uint64_t>(write.key.value) + entry.position * 31ULL);
  mix(static_cast<std::uint64_t>(entry.at.us));
  if (trace)
    trace(fmt::format("  {} position {} kind {}", write.key.value, entry.position,
                      entry.body.index()));
  if (entry.position != known.head.position || entry.version != known.head.version)
    violation(fmt::format("history of {} has a gap at {}", text_of(known), entry.position));
  if (const auto* response = std::get_if<ChildResponse>(&entry.body)) {
    if (response->seq != known.head.response_seq)
      violation(fmt::format("responses of {} are out of order", text_of(known)));
    see_child(known, *response);
  } else if (const auto* fired = std::get_if<DelayResponse>(&entry.body)) {
    if (fired->seq != known.head.response_seq)
      violation(fmt::format("responses of {} are out of order", text_of(known)));
    see_delay(known, entry, *fired);
  } else {
    see_code(known, entry);
  }
  known.head = after(entry, known.head);
  known.history.push_back(entry);
}

/// A request, or what happened to the execution by control.
void Checker::see_code(Known& owner, const Entry& entry) {
  const ExecutionKey key = owner.row.key;
  if (is_request(entry.body) && owner.paused && !owner.advanced)
    violation(fmt::format("{} went on while it was paused", text_of(owner)));
  if (const auto* delay = std::get_if<DelayRequest>(&entry.body)) {
    expiries_[{key, delay->join_set, delay->index}] = delay->expires;
  } else if (const auto* sleep = std::get_if<Sleep>(&entry.body)) {
    expiries_[{key, sleep->join_set, 1}] = sleep->expires;
  } else if (const auto* control = std::get_if<Control>(&entry.body)) {
    owner.paused = control->kind == Control::Kind::paused;
  } else if (const auto* set = std::get_if<JoinSetCreate>(&entry.body)) {
    const bool fickle = name_of(owner.row.function).starts_with(fickle_interface);
    if (!fickle || set->name.empty()) return;
    if (owner.letter != 0 && owner.letter != set->name.front())
      violation(fmt::format("{} went on with another code", text_of(owner)));
    owner.letter = set->name.front();
  }
}

void Checker::see_child(Known& owner, const ChildResponse& response) {
  if (!answered_.insert(response.child).second)
    return violation(
        fmt::format("child {} of {} answered twice", response.child.value, text_of(owner)));
  const auto found = known_.find(response.child);
  if (found == known_.end() || found->second.row.parent != owner.row.key)
    return violation(fmt::format("{} has a response of no child", text_of(owner)));
  Known& child = found->second;
  const std::string place = fmt::format("_{}", response.index);
  const bool fits = response.join_set == child.row.parent_join_set &&
                    child.row.id.suffix.ends_with(place) &&
                    child.row.response_position == owner.head.position &&
                    child.row.outcome_kind == response.outcome.kind;
  if (!fits || child.row.stage != Stage::finished)
    violation(fmt::format("the response of {} does not fit it", text_of(child)));
  child.outcome = response.outcome;
}

void Checker::see_delay(const Known& owner, const Entry& entry, const DelayResponse& response) {
  const auto expected = expiries_.find({owner.row.key, response.join_set, response.index});
  if (expected == expiries_.end())
    return violation(fmt::format("a delay of {} answered twice or was never made", text_of(owner)));
  if (!response.cancelled && entry.at < expected->second)
    violation(fmt::format("a delay of {} fired early", text_of(owner)));
  expiries_.erase(expected);
}

void Checker::see_delays(const WriteBatch& batch) {
  for (const DelayWrite& write : batch.delays) {
    const DelayKey key{write.row.owner, write.row.join_set, write.row.index};
    if (write.removed)
      delays_.erase(key);
    else
      delays_[key] = write.row;
    if (write.removed == expiries_.contains(key))
      violation(fmt::format("the row of a delay of {} does not fit its history",
                            text_of(known_[write.row.owner])));
  }
}

void Checker::see_attempt(std::string_view function, std::string_view params, Beginning how) {
  ++attempts_;
  const std::string call = call_text(function, params);
  if (trace) trace("attempt " + call);
  const auto found = calls_.find(call);
  if (found == calls_.end()) return violation("an attempt began before its commit: " + call);
  Known& known = known_[found->second];
  ++known.begun;
  if (!how.by_owner) return;
  if (how.careful && !known.row.mark) violation("an attempt began without a mark: " + call);
  if (known.row.stage == Stage::finished)
    violation("an attempt began after the end of its activity: " + call);
  else if (known.row.stage != Stage::ready)
    violation("an attempt began before its time: " + call);
  else if (known.row.lifecycle != Lifecycle::active)
    violation("an attempt began though it is paused or cancelled: " + call);
}

void Checker::see_advance(const ExecutionId& id) {
  for (auto& [key, known] : known_)
    if (known.row.id == id) known.advanced = true;
}

}  // namespace stele::sim

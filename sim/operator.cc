// SPDX-License-Identifier: Apache-2.0
// What an operator does to executions at random, and what it does so that all of them finish.
#include <fmt/format.h>

#include <iterator>

#include "sim/simulation.h"

namespace stele::sim {
namespace {

core::Requester by() { return {.who = "sim", .why = "at random"}; }

template <typename T>
auto ignore() {
  return [](const Result<T>& /*answer*/) {};
}

/// The id text of a join set; empty if the history does not have it.
std::string set_name(const Known& owner, JoinSetOrdinal set) {
  for (const Entry& entry : owner.history) {
    if (const auto* made = std::get_if<JoinSetCreate>(&entry.body))
      if (made->join_set == set) return join_set_id(made->kind, made->name);
    if (const auto* sleep = std::get_if<Sleep>(&entry.body))
      if (sleep->join_set == set) return fmt::format("o:{}-{}", sleep->one_off, sleep->name);
  }
  return {};
}

}  // namespace

const Known* Simulation::any_execution() {
  const auto& all = checker_.known();
  if (all.empty()) return nullptr;
  auto at = all.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(prng_.below(all.size())));
  return &at->second;
}

void Simulation::control_something() {
  const Known* known = any_execution();
  if (known == nullptr) return;
  // One that moves is worth more than one that is over.
  for (int i = 0; i < 3 && known->row.stage == Stage::finished; ++i) known = any_execution();
  const ExecutionId id = known->row.id;
  const std::uint64_t flags = prng_.next();
  const std::uint64_t what = prng_.below(12);
  send([this, id, flags, what](Node& node) {
    trace(fmt::format("operator {} {}", what, to_text(id)));
    runtime::LocalEngine& engine = *node.engine;
    switch (what) {
      case 0: return engine.cancel(id, by(), ignore<void>());
      case 1:
      case 2:
      case 3: return engine.pause(id, by(), ignore<void>());
      case 4:
      case 5: return engine.unpause(id, by(), ignore<void>());
      case 6: return engine.upgrade(id, false, by(), ignore<runtime::UpgradeReport>());
      case 7: return engine.replay(id, ignore<runtime::ReplayReport>());
      case 8: return engine.persist_backtraces(id, ignore<std::uint32_t>());
      default: return advance(node, id, 1 + static_cast<std::uint32_t>(flags % 4), flags);
    }
  });
}

void Simulation::advance(Node& node, const ExecutionId& id, std::uint32_t writes,
                         std::uint64_t flags) {
  runtime::LocalEngine* engine = node.engine.get();
  const auto go_on = [this, engine, id, writes, flags](Result<runtime::ReplayReport> report) {
    if (!report || !report->equal) return;
    checker_.see_advance(id);
    runtime::AdvanceRequest request;
    request.id = id;
    request.version = report->version;
    request.writes_max = writes;
    request.pause_children = (flags & 16U) != 0;
    request.pause_delays = (flags & 32U) != 0;
    request.by = by();
    engine->advance(std::move(request), ignore<runtime::AdvanceReport>());
  };
  engine->replay(id, go_on);
}

void Simulation::control_delay() {
  const auto& delays = checker_.delays();
  if (delays.empty()) return;
  auto at = delays.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(prng_.below(delays.size())));
  const DelayRow& row = at->second;
  const Known& owner = checker_.known().at(row.owner);
  runtime::DelayName name{
      .owner = owner.row.id, .join_set = set_name(owner, row.join_set), .index = row.index};
  const std::uint64_t what = prng_.below(4);
  send([name, what](Node& node) {
    if (what == 0) return node.engine->cancel_delay(name, by(), ignore<void>());
    node.engine->pause_delay(name, what < 3, by(), ignore<void>());
  });
}

/// A value for a stub or an external activity that waits, sometimes for one that is over.
void Simulation::give_value() {
  const Known* known = any_execution();
  for (int i = 0; i < 10 && known != nullptr && known->row.stage != Stage::held; ++i)
    known = any_execution();
  if (known == nullptr || known->row.pool != Pool::none) return;
  const bool unit = checker_.name_of(known->row.function).ends_with(".unit");
  const std::string value = unit ? "null" : fmt::to_string(100 + prng_.below(2));
  send([this, id = known->row.id, value](Node& node) {
    trace(fmt::format("value {} for {}", value, to_text(id)));
    const auto done = [this, id, value](Result<bool> same) {
      if (!same) return;
      const std::string stored = value == "null" ? std::string() : value;
      const auto [place, first] = given_.emplace(id, stored);
      if (!first && place->second != stored)
        checker_.violation("two values were accepted: " + to_text(id));
    };
    node.engine->stub(id, fmt::format(R"({{"ok":{}}})", value), by(), done);
  });
}

/// In the healed phase nothing waits for anybody outside.
void Simulation::help() {
  runtime::LocalEngine& engine = *node_->engine;
  for (const auto& [key, known] : checker_.known()) {
    const ExecutionRow& row = known.row;
    if (row.stage == Stage::finished) continue;
    if (row.lifecycle == Lifecycle::paused) engine.unpause(row.id, by(), ignore<void>());
    const std::string function = checker_.name_of(row.function);
    if (row.stage == Stage::held)
      engine.stub(row.id, function.ends_with(".unit") ? R"({"ok":null})" : R"({"ok":77})", by(),
                  ignore<bool>());
    if (function == spinner) engine.cancel(row.id, by(), ignore<void>());
  }
  for (const auto& [key, row] : checker_.delays()) {
    if (!row.paused) continue;
    const Known& owner = checker_.known().at(row.owner);
    engine.pause_delay({owner.row.id, set_name(owner, row.join_set), row.index}, false, by(),
                       ignore<void>());
  }
}

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// The client of a simulation: it keeps a ledger of what it was told and believes nothing else.
#include <fmt/format.h>

#include "sim/simulation.h"

namespace stele::sim {

void Simulation::submit_something() {
  if (orders_.size() < 12 && prng_.below(2) == 0) {
    Order order;
    order.id = make_ulid(1'000 + static_cast<std::int64_t>(orders_.size()), 7, options_.seed);
    order.function = programs_.entries[prng_.below(programs_.entries.size())];
    order.params = fmt::format("[{}]", prng_.below(100));
    orders_.push_back(std::move(order));
    return submit(orders_.size() - 1);
  }
  if (orders_.empty()) return;
  const std::size_t again = prng_.below(orders_.size());
  if (orders_[again].acknowledged && prng_.below(2) == 0)
    await(again);
  else
    submit(again);
}

void Simulation::submit(std::size_t number) {
  Order& order = orders_[number];
  if (order.in_flight) return;
  order.in_flight = true;
  const auto done = [this, number](Result<runtime::Submitted> answer) {
    Order& told = orders_[number];
    told.in_flight = false;
    if (!answer) {
      if (!is_retryable(answer.error().code))
        checker_.violation("a submission was refused: " + answer.error().reason);
      return;
    }
    if (told.acknowledged && !answer->repeated)
      checker_.violation("a submission was accepted twice: " + to_text(told.id));
    told.acknowledged = true;
    check_order(told);
  };
  engine_->submit({order.id, order.function, order.params, "sim"}, done);
}

/// What is acknowledged is on the disk at that moment.
void Simulation::check_order(const Order& order) {
  const Lock lock(disk_->mutex);
  if (!disk_->roots.contains(order.id))
    checker_.violation("acknowledged before its commit: " + to_text(order.id));
}

void Simulation::await(std::size_t number) {
  Order& order = orders_[number];
  if (order.awaited || order.seen) return;
  order.awaited = true;
  engine_->wait_finished(
      ExecutionId{order.id, {}}, [this, number](Result<runtime::ExecutionView> view) {
        Order& told = orders_[number];
        told.awaited = false;
        if (!view) {
          if (view.error().code == Code::not_found)
            checker_.violation("an acknowledged submission is lost: " + to_text(told.id));
          return;
        }
        if (!view->outcome)
          return checker_.violation("finished without outcome: " + to_text(told.id));
        if (told.seen && *told.seen != *view->outcome)
          checker_.violation("a result changed: " + to_text(told.id));
        told.seen = view->outcome;
      });
}

void Simulation::cancel_something() {
  std::optional<ExecutionId> id;
  {
    const Lock lock(disk_->mutex);
    if (disk_->rows.empty()) return;
    auto row = disk_->rows.begin();
    std::advance(row, static_cast<std::ptrdiff_t>(prng_.below(disk_->rows.size())));
    id = row->second.id;
  }
  engine_->cancel(*id, {"sim", "at random"}, [](const Result<void>&) {});
}

/// What the client saw is what is stored, and what was acknowledged is there.
void Simulation::check_orders() {
  const Lock lock(disk_->mutex);
  for (const Order& order : orders_) {
    const auto key = disk_->roots.find(order.id);
    if (key == disk_->roots.end()) {
      checker_.violation("an acknowledged submission is lost: " + to_text(order.id));
      continue;
    }
    const ExecutionRow& row = disk_->rows.at(key->second);
    if (row.outcome != order.seen)
      checker_.violation("the stored result is another one: " + to_text(order.id));
  }
  if (!disk_->delays.empty()) checker_.violation("a delay is left behind");
}

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// The client of a simulation: it keeps a ledger of what it was told and believes nothing else.
#include <fmt/format.h>

#include "sim/simulation.h"

namespace stele::sim {

/// Requests may be late, out of order, repeated or lost.
void Simulation::send(Request request) {
  if (is_on(Fault::network) && !healing_) {
    if (one_in(30)) return;
    if (one_in(20)) wire_.push_back(request);
  }
  wire_.push_back(std::move(request));
}

void Simulation::receive() {
  if (wire_.empty()) return;
  const bool late = is_on(Fault::network) && !healing_ && one_in(3);
  if (late) std::swap(wire_.front(), wire_[prng_.below(wire_.size())]);
  const Request request = std::move(wire_.front());
  wire_.pop_front();
  Node& node = former_ && one_in(4) ? *former_ : *node_;
  request(node);
}

void Simulation::act() {
  switch (prng_.below(12)) {
    case 0: return is_on(Fault::control) ? control_something() : void();
    case 1: return is_on(Fault::control) ? control_delay() : void();
    case 2: return give_value();
    default: return submit_something();
  }
}

void Simulation::submit_something() {
  if (orders_.size() < orders_max_ && one_in(2)) {
    Order order;
    order.id = make_ulid(1'000 + static_cast<std::int64_t>(orders_.size()), 7, options_.seed);
    order.function = programs_.entries[prng_.below(programs_.entries.size())];
    order.params = fmt::format("[{}]", prng_.below(100));
    order.paused = one_in(20) && is_on(Fault::control);
    order.dropped = options_.dropped_orders.contains(static_cast<std::uint32_t>(orders_.size()));
    orders_.push_back(std::move(order));
    return send([this, number = orders_.size() - 1](Node& node) { submit(node, number); });
  }
  if (orders_.empty()) return;
  const std::size_t again = prng_.below(orders_.size());
  const bool waits = orders_[again].acknowledged && one_in(2);
  send([this, again, waits](Node& node) { waits ? await(node, again) : submit(node, again); });
}

void Simulation::submit(Node& node, std::size_t number) {
  Order& order = orders_[number];
  if (order.in_flight || order.dropped) return;
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
    // What is acknowledged is on the disk at that moment.
    if (checker_.find_root(told.id) == nullptr)
      checker_.violation("acknowledged before its commit: " + to_text(told.id));
  };
  node.engine->submit({order.id, order.function, order.params, "sim", order.paused}, done);
}

void Simulation::await(Node& node, std::size_t number) {
  Order& order = orders_[number];
  if (order.awaited || order.seen || order.dropped) return;
  order.awaited = true;
  const auto done = [this, number](Result<runtime::ExecutionView> view) {
    Order& told = orders_[number];
    told.awaited = false;
    if (!view) {
      if (view.error().code == Code::not_found)
        checker_.violation("an acknowledged submission is lost: " + to_text(told.id));
      return;
    }
    if (!view->outcome) return checker_.violation("finished without outcome: " + to_text(told.id));
    if (told.seen && *told.seen != *view->outcome)
      checker_.violation("a result changed: " + to_text(told.id));
    told.seen = view->outcome;
  };
  node.engine->wait_finished(ExecutionId{order.id, {}}, done);
}

/// What the client saw is what is stored, and what was acknowledged is there.
void Simulation::check_orders() {
  for (const Order& order : orders_) {
    if (order.dropped) continue;
    const Known* known = checker_.find_root(order.id);
    if (known == nullptr)
      checker_.violation("an acknowledged submission is lost: " + to_text(order.id));
    else if (known->row.outcome != order.seen)
      checker_.violation("the stored result is another one: " + to_text(order.id));
  }
  for (const auto& [key, known] : checker_.known()) {
    const auto given = given_.find(known.row.id);
    if (given != given_.end() && known.outcome && known.outcome->value != given->second)
      checker_.violation("a value that was accepted is not stored: " + to_text(known.row.id));
  }
}

}  // namespace stele::sim

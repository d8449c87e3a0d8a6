// SPDX-License-Identifier: Apache-2.0
#include "sim/shrink.h"

#include "sim/simulation.h"

namespace stele::sim {
namespace {

class Shrinker {
 public:
  Shrinker(SimOptions failing, std::uint32_t tries_max)
      : best_(std::move(failing)), tries_left_(tries_max) {
    const SimResult first = simulate(best_);
    statements_ = first.statements;
    orders_ = first.orders;
  }

  SimOptions run() {
    for (std::size_t fault = 0; fault < faults; ++fault)
      attempt([&](SimOptions& next) { next.without.insert(static_cast<Fault>(fault)); });
    while (best_.turns > 50 && attempt([](SimOptions& next) { next.turns /= 2; })) {
    }
    for (std::uint32_t order = 0; order < orders_; ++order)
      attempt([&](SimOptions& next) { next.dropped_orders.insert(order); });
    // The outer statements come after those inside of them.
    for (std::uint32_t number = statements_; number > 0; --number)
      attempt([&](SimOptions& next) { next.dropped_statements.insert(number - 1); });
    return best_;
  }

 private:
  template <typename Change>
  bool attempt(Change change) {
    if (tries_left_ == 0) return false;
    --tries_left_;
    SimOptions next = best_;
    change(next);
    if (simulate(next).violations.empty()) return false;
    best_ = std::move(next);
    return true;
  }

  SimOptions best_;
  std::uint32_t tries_left_;
  std::uint32_t statements_ = 0;
  std::uint32_t orders_ = 0;
};

}  // namespace

SimOptions shrink(SimOptions failing, std::uint32_t tries_max) {
  failing.trace = {};
  return Shrinker(std::move(failing), tries_max).run();
}

}  // namespace stele::sim

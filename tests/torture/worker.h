// SPDX-License-Identifier: Apache-2.0
// Owns: one client of the server: it submits, watches and controls executions of its own, and keeps
//   their ledger.
// Life cycle: as the torture; run() returns in phase stop. Thread: its own.
// Must hold: whatever it asks for may have no answer; what was answered must stay so.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "base/prng.h"
#include "cli/api_client.h"
#include "torture/ledger.h"
#include "torture/recorder.h"
#include "torture/stage.h"

namespace stele::torture {

class Worker {
 public:
  Worker(Stage& stage, Recorder& recorder, std::uint64_t seed, std::size_t number);
  void run();

  const std::deque<Item>& items() const { return items_; }
  const Figures& figures() const { return figures_; }

 private:
  void serve_turn(const Turn& turn);
  void load(const Turn& turn);
  void settle(const Turn& turn);
  void verify_all(const Turn& turn);

  // worker_requests.cc
  Item new_item();
  void acknowledge(Item& item);
  void submit(Item& item);
  void watch(Item& item);
  void finished(Item& item, const cli::Execution& seen);
  void read_responses(Item& item);
  void give_value(Item& item);
  void control(Item& item);
  void toggle_pause(Item& item);
  void set_pause(Item& item, bool paused);
  void cancel(Item& item);
  void upgrade(Item& item);
  void submit_again(Item& item);
  void settle_one(Item& item);
  /// True if the outcome is unknown; complains of every other error.
  bool is_unknown(const Error& error, const Item& item, const char* what);
  void complain(const Item& item, const std::string& text);
  Item* draw_open();

  // worker_verify.cc
  bool verify(Item& item);
  bool verify_replay(const Item& item);
  bool verify_children(const Item& item);
  void verify_tokens(const Item& item, const Attempts& attempts);
  void verify_steps(const Item& item, const Attempts& attempts);

  Stage& stage_;
  Recorder& recorder_;
  Prng draw_;
  std::size_t number_;
  std::deque<Item> items_;
  std::vector<std::size_t> open_;  ///< of items that have not finished
  std::size_t verified_ = 0;
  Figures figures_;
  std::unique_ptr<cli::ApiClient> client_;
  Turn turn_;
};

}  // namespace stele::torture

// SPDX-License-Identifier: Apache-2.0
// Owns: what a simulation is told and what it tells. Life cycle: values. Thread: any.
// Must hold: leaving something out changes as little else as possible, so that shrinking works.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/partition.h"
#include "store/store_canary.h"

namespace stele::sim {

enum class Fault : std::uint8_t {
  crash,
  restart,
  commit,
  full_disk,
  read,
  clock,
  take_over,
  redeploy,
  shortage,  ///< guests that cannot be made
  network,   ///< lost, repeated and late requests
  control,   ///< cancel, pause, advance and the like
  overlap,   ///< work while a commit is on its way
  io,        ///< calls of SQLite that fail, and power cuts at them
  repeat,    ///< reports of guests that come again, late
};
constexpr std::size_t faults = 14;

/// What the store is.
enum class Medium : std::uint8_t { by_seed, memory, sqlite };
/// Of so many seeds one runs on SQLite.
constexpr std::uint64_t sqlite_each = 8;

struct SimOptions {
  std::uint64_t seed = 1;
  std::uint32_t turns = 3'000;      ///< of the unsafe phase
  std::uint32_t heal_max = 30'000;  ///< rounds, and batches, of the healed phase
  core::Canary canary = core::Canary::none;
  StoreCanary store_canary = StoreCanary::none;
  Medium medium = Medium::by_seed;
  std::set<Fault> without{};
  std::set<std::uint32_t> dropped_statements{};
  std::set<std::uint32_t> dropped_orders{};
  std::function<void(std::string)> trace{};
};

struct SimResult {
  std::vector<std::string> violations{};
  std::uint64_t digest = 0;
  std::uint64_t batches = 0;
  std::uint64_t entries = 0;
  std::uint64_t attempts = 0;
  std::uint64_t crashes = 0;
  std::uint64_t clean_stops = 0;
  std::uint64_t faults = 0;
  std::uint64_t take_overs = 0;
  std::uint64_t redeploys = 0;
  std::uint64_t executions = 0;
  std::uint64_t replays = 0;  ///< of finished histories, by the checker
  std::uint64_t evictions = 0;
  std::uint64_t overflows = 0;
  std::uint64_t packed = 0;
  std::uint64_t emptied = 0;  ///< tails
  std::uint64_t wal_restarts = 0;
  std::uint64_t power_cuts = 0;
  bool sqlite = false;
  std::uint32_t statements = 0;  ///< of the programs
  std::uint32_t orders = 0;
  std::string workflows{};  ///< the text that ran first
};

}  // namespace stele::sim

// SPDX-License-Identifier: Apache-2.0
// Owns: the runtime's settings and the ports through which it sees time and wakes its threads.
// Life cycle: options are a value, copied when the engine is made; the ports outlive the engine.
// Thread: ports: any. Must hold: nothing else in runtime/ reads a clock or wakes a thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "core/catalog.h"
#include "core/partition.h"
#include "core/workflow_run.h"
#include "wasm/guest.h"

namespace stele::runtime {

struct RuntimeOptions {
  std::size_t batch_rows_max = 4'000;
  std::size_t batch_bytes_max = 4U << 20U;
  Duration gather = microseconds(500);          ///< a batch waits so long for runnable workflows
  std::uint64_t hot_bytes_max = 256ULL << 20U;  ///< resident guests in all
  std::uint32_t hot_guests_max = UINT32_MAX;    ///< workflow guests in memory
  /// One that was rebuilt makes so many calls, or stands still so long, before another takes its
  /// place: what a replay costs is shared by so many steps.
  std::uint32_t hot_calls_min = 64;
  std::uint32_t hot_calls_rush_min = 8;  ///< for so long after a crash, when all have to be rebuilt
  Duration hot_rush = seconds(20);
  Duration hot_idle_min = milliseconds(100);
  Duration hot_idle_replay_min = seconds(1);  ///< the same before one that has to be rebuilt itself
  std::uint32_t attempts_computing_max = 16;
  std::uint32_t attempts_waiting_max = 1'000;
  std::uint32_t requests_max = 10'000;  ///< requests from outside that wait for an answer
  /// Submissions that wait for their answer, and submitted executions that wait for their first
  /// turn.
  std::uint32_t queue_max = 10'000;
  std::uint64_t guest_memory_bytes = 256ULL << 20U;
  std::uint64_t value_bytes_max = 4ULL << 20U;
  std::uint64_t fuel = 0;  ///< of one run or attempt; 0: without limit
  Duration timer_window = seconds(60);
  Duration drain_limit = seconds(10);
  Duration clock_jump = seconds(10);  ///< differences beyond it are taken at once
  std::uint32_t ready_page = 256;
  std::size_t log_rows_max = 20'000;  ///< waiting to be written; more are dropped
  std::uint64_t seed = 1;             ///< for new ids and jitter
  core::PartitionOptions partition;   ///< what the claim knows better is overwritten
  core::RunOptions run;
};

class TimeSource {
 public:
  virtual ~TimeSource() = default;
  virtual Instant wall() = 0;
  /// Since some fixed moment; never goes back.
  virtual Duration monotonic() = 0;
};

class Bell {
 public:
  virtual ~Bell() = default;
  /// There is work for one more guest thread.
  virtual void ring() noexcept = 0;
  /// A closed batch waits while the guest threads are busy, or an earlier deadline was set.
  virtual void ring_commit() noexcept = 0;
};

/// Where a stream of a guest goes: the database, nowhere, or the server's own stdout or stderr.
enum class StreamTarget : std::uint8_t { db, none, out, err };
/// What is kept of a guest's log lines and streams (contract 10.2).
struct OutputRule {
  std::uint8_t log_level_min = 1;  ///< 1 trace … 5 error, 6 nothing
  StreamTarget out = StreamTarget::db;
  StreamTarget err = StreamTarget::db;
};

/// One component of the deployment, in the order of the catalog's components.
struct DeployedComponent {
  std::shared_ptr<wasm::Component> component;
  wasm::Environment environment;
  OutputRule output{};
  std::map<std::string, std::string, std::less<>> sources{};  ///< frame path to its text
};
struct Deployed {
  core::CatalogPtr catalog;
  std::vector<DeployedComponent> components;
};
using DeployedPtr = std::shared_ptr<const Deployed>;

/// A former deployment, compiled again; for executions that must stay with their old component.
/// Errors: not_found, and what compiling says. Any thread; slow.
using FormerDeployment = std::function<Result<DeployedPtr>(DeploymentId)>;

/// Told when the process must end (I/O error of the store).
using Fatal = std::function<void(const Error&)>;

}  // namespace stele::runtime

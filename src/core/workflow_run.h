// SPDX-License-Identifier: Apache-2.0
// Owns: one run of a workflow guest: matching its calls against history, answering what is known,
//   buffering what is new.
// Life cycle: made when the run starts, lives until the guest ends, is dropped or evicted. A broken
//   run (nondeterminism, fatal call) stays broken: the same outcome for every later call.
// Thread: belongs to the thread that polls the guest. Must hold: each call is matched by index,
// O(1),
//   never by scanning; replay writes nothing; new events leave only through take().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/catalog.h"
#include "core/input.h"
#include "core/replay_log.h"
#include "journal/rows.h"

namespace stele::core {

/// Renders the parameters of the call in hand (JSON array, without a join-set handle).
class CallParams {
 public:
  virtual ~CallParams() = default;
  virtual Result<std::string> render() = 0;
};

/// Checks JSON of a guest against the functions of the run's deployment.
class JsonChecks {
 public:
  struct Params {
    Bytes text{};  ///< canonical ABI form
    Hash128 hash{};
  };
  virtual ~JsonChecks() = default;
  /// Errors: invalid_argument with the contract's text (section 4).
  virtual Result<Params> params(FunctionId function, std::string_view json) = 0;
  /// `json` is {"ok":…} or {"err":…}; never a failure.
  virtual Result<Outcome> result(FunctionId function, std::string_view json) = 0;
};

constexpr std::uint32_t no_join_set_handle = UINT32_MAX;

struct GuestCall {
  const ImportTarget* target = nullptr;
  std::uint32_t handle = no_join_set_handle;  ///< the join set's ordinal
  Hash128 params_hash{};
  CallParams* params = nullptr;
};

enum class CallState : std::uint8_t {
  answered,  ///< `text` is the result's JSON
  parked,    ///< hand over (take), then wait for resume()
  trapped,   ///< the guest traps with `text`; the run's outcome may already be fixed (broken)
};
struct CallOutcome {
  CallState state = CallState::answered;
  std::string text{};
};

struct RunOptions {
  std::uint32_t events_per_hand_over = 100;
  std::uint32_t refresh_every = 32;  ///< new events between looks into the inbox
  std::uint32_t history_events_max = 4'000'000;
  std::uint32_t open_sets_max = 10'000;
  std::uint32_t set_members_max = 1'000'000;
  std::uint32_t name_bytes_max = 255;
  /// `execution replay`: new requests are captured, up to `captured_max`, and never handed over;
  /// the run stops where it blocks, ends, or needs an answer of the partition.
  bool dry = false;
  std::uint32_t captured_max = 100;
};

struct RunStart {
  ExecutionKey key{};
  ExecutionId id{};
  std::uint32_t random_algorithm = 1;
  CatalogPtr catalog{};
  ReplayLog history{};  ///< all entries so far; a vector of them does as well
  std::optional<Outcome>
      ended{};  ///< dry runs of a finished workflow: how it ended, to be compared
  RunOptions options{};
  JsonChecks* checks = nullptr;  ///< outlives the run; null: every *-json call is refused
  /// The workflow's own. What its component imports decides whether awaited values are kept for
  /// -get; unset: they are.
  FunctionId function{};
  /// Params of an execution that the history asked for, to be shown where a call differs; may be
  /// unset.
  std::function<std::optional<Bytes>(ExecutionKey)> stored_params{};
};

/// Versions of the contract, the last one excluded.
struct VersionRange {
  std::uint32_t min = 0;
  std::uint32_t max = 0;
};

class RunMachine;

class WorkflowRun {
 public:
  explicit WorkflowRun(RunStart start);
  ~WorkflowRun();
  WorkflowRun(WorkflowRun&&) noexcept;
  WorkflowRun& operator=(WorkflowRun&&) noexcept;

  /// One call of the guest. `now` dates new sleeps and delays.
  CallOutcome call(Instant now, const GuestCall& call);
  /// After Resume: the parked call again. May stay parked.
  CallOutcome resume(Instant now);
  /// Log lines of replay are dropped, others leave with the next take().
  void log(std::uint8_t level, std::string_view message);
  /// Responses from the inbox, in order of position; those that the history had are skipped. Also
  /// the entry that a Stub or Schedule of this run has become, and the one that it wanted back.
  void deliver(std::span<const Entry> responses);
  void read_back(const Entry& entry);

  /// The guest's code has ended: with a value, or with a failure. Leftover history, or a broken
  /// run, turns it into its own outcome. After this state() is ended.
  void end(Outcome outcome);

  /// True when there is something to hand over now: parked, ended, or enough events.
  bool wants_hand_over() const;
  /// New requests, logs and state since the last take. Key, incarnation and run are filled by the
  /// caller.
  Advanced take();

  bool replaying() const;  ///< stored requests are not yet all matched
  /// The versions of the request that the last call matched or made; empty if it made none.
  std::optional<VersionRange> recorded() const;
  /// Dry runs: the code would go on with something new.
  bool advanceable() const;
  /// The outcome of a run that failed by itself: nondeterminism, or a call that cannot be.
  const std::optional<Outcome>& broken() const;
  /// It is broken because the code differs from the history; broken()->detail shows how.
  bool differs() const;
  std::size_t resident_bytes() const;

 private:
  std::unique_ptr<RunMachine> machine_;
};

}  // namespace stele::core

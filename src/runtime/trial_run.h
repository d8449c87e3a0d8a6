// SPDX-License-Identifier: Apache-2.0
// Owns: a run that writes nothing: a component against a stored history, and what it would do next.
// Life cycle: step() until it gives its result. Thread: one at a time.
// Must hold: nothing of it reaches the partition; it reads committed history only.
#pragma once

#include "runtime/run_guest.h"
#include "runtime/surroundings.h"

namespace stele::runtime {

struct TrialSetup {
  ExecutionRow row{};
  DeployedPtr deployed{};  ///< has the row's function
  std::uint64_t guest_id = 0;
  bool backtraces = false;
};

struct TrialResult {
  bool equal = false;
  std::string difference{};   ///< if not equal
  std::uint32_t events = 0;   ///< stored requests
  HistoryHead head{};         ///< after the stored history
  core::Advanced captured{};  ///< what comes next, and where it stands then
  bool advanceable = false;   ///< something comes next
  std::vector<BacktraceRow> backtraces{};
};

class TrialRun final : private wasm::HostCalls {
 public:
  TrialRun(TrialSetup setup, const Surroundings& around);
  ~TrialRun() override;

  /// Empty: it was preempted, call again. Errors: failed_precondition (the component cannot go
  /// through the history: a limit, a deadline), others (they say nothing about the component).
  std::optional<Result<TrialResult>> step(Instant now);
  std::uint64_t resident_bytes() const;

 private:
  wasm::HostAnswer call(const wasm::HostCall& call) noexcept override;
  void log(std::uint8_t /*level*/, std::string_view /*message*/) noexcept override {}
  void stream(std::uint8_t /*which*/, BytesView /*bytes*/) noexcept override {}

  wasm::HostAnswer answer(const wasm::HostCall& call);
  Result<void> build();
  wasm::PollResult poll();
  Result<TrialResult> result();
  void note_backtrace(wasm::BacktraceText* text);

  TrialSetup setup_;
  Surroundings around_;
  DeployedChecks checks_;
  const core::CatalogFunction* function_ = nullptr;
  std::unique_ptr<core::WorkflowRun> run_;
  std::unique_ptr<wasm::Guest> guest_;
  bool out_of_memory_ = false;  ///< a call was cut off
  Instant now_;
  HistoryHead head_;
  std::uint32_t events_ = 0;
  std::vector<BacktraceRow> backtraces_;
};

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Owns: what a run and a trial of it have in common: reading the history, making the guest, calls
// of
//   the guest as the core sees them, and what a guest's failure means.
// Life cycle: functions, and values of one call. Thread: its task's.
// Must hold: a trial sees exactly what the run would see.
#pragma once

#include <functional>
#include <new>

#include "core/replay_log.h"
#include "core/workflow_run.h"
#include "runtime/options.h"
#include "store/store.h"

namespace stele::runtime {

/// Adds the stored history to `log`; shows each entry to `see` first.
Result<void> read_history(Store& store, ExecutionKey key, core::ReplayLog& log,
                          const std::function<void(const Entry&)>& see);

/// The params of an execution of the store, for RunStart::stored_params.
std::function<std::optional<Bytes>(ExecutionKey)> stored_params_of(Store& store);

/// One call, translated. Lives as long as the callback.
class GuestCallView {
 public:
  GuestCallView(const wasm::HostCall& call, const core::CatalogComponent& component);
  /// Null: an import that the catalog does not know.
  const core::GuestCall* get() const { return call_.target == nullptr ? nullptr : &call_; }

 private:
  class Params final : public core::CallParams {
   public:
    explicit Params(wasm::ParamsText* text) : text_(text) {}
    Result<std::string> render() override;

   private:
    wasm::ParamsText* text_;
  };
  Params params_;
  core::GuestCall call_;
};

/// What is told to the guest.
wasm::HostAnswer answer_of(core::CallOutcome outcome);

/// What `answer` makes for the guest; memory that runs out traps it and is noted, to end the run
/// only.
template <typename Answer>
wasm::HostAnswer answer_within_memory(const Answer& answer, bool& ran_out) noexcept {
  try {
    return answer();
  } catch (const std::bad_alloc&) {
    ran_out = true;
    return {wasm::AnswerKind::trap, {}};
  }
}

/// How a workflow's guest failed: it is the workflow's fate (`outcome`), or it was interrupted, or
/// it is only the run's (`stop` says why).
struct GuestFailure {
  std::optional<Outcome> outcome{};
  bool interrupted = false;
  std::string stop{};
};
GuestFailure failure_of_run(wasm::Failure failure, bool replaying);

}  // namespace stele::runtime

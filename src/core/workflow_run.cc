// SPDX-License-Identifier: Apache-2.0
#include "core/workflow_run.h"

#include "core/run_machine.h"

namespace stele::core {

WorkflowRun::WorkflowRun(RunStart start)
    : machine_(std::make_unique<RunMachine>(std::move(start))) {}
WorkflowRun::~WorkflowRun() = default;
WorkflowRun::WorkflowRun(WorkflowRun&&) noexcept = default;
WorkflowRun& WorkflowRun::operator=(WorkflowRun&&) noexcept = default;

CallOutcome WorkflowRun::call(Instant now, const GuestCall& call) {
  return machine_->call(now, call);
}
CallOutcome WorkflowRun::resume(Instant /*now*/) { return machine_->resume(); }
void WorkflowRun::log(std::uint8_t level, std::string_view message) {
  machine_->log(level, message);
}
void WorkflowRun::deliver(std::span<const Entry> responses) { machine_->deliver(responses); }
void WorkflowRun::read_back(const Entry& entry) { machine_->read_back(entry); }
std::optional<VersionRange> WorkflowRun::recorded() const { return machine_->recorded(); }
void WorkflowRun::end(Outcome outcome) { machine_->end(std::move(outcome)); }
bool WorkflowRun::wants_hand_over() const { return machine_->wants_hand_over(); }
Advanced WorkflowRun::take() { return machine_->take(); }
bool WorkflowRun::replaying() const { return machine_->replaying(); }
const std::optional<Outcome>& WorkflowRun::broken() const { return machine_->broken(); }
bool WorkflowRun::differs() const { return machine_->differs(); }
bool WorkflowRun::advanceable() const { return machine_->advanceable(); }
std::size_t WorkflowRun::resident_bytes() const { return machine_->resident_bytes(); }

}  // namespace stele::core

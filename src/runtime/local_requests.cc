// SPDX-License-Identifier: Apache-2.0
// Requests about executions that exist: control, values from outside, upgrade, advance, backtraces.
#include "runtime/local_engine.h"

namespace stele::runtime {
namespace {

std::unexpected<Error> later() { return fail(Code::failed_precondition, "not supported yet"); }

}  // namespace

Result<DelayName> parse_delay_name(std::string_view /*text*/) { return later(); }
void LocalEngine::cancel_delay(DelayName /*delay*/, core::Requester /*by*/, Done<void> done) {
  done(later());
}
void LocalEngine::pause(ExecutionId /*id*/, core::Requester /*by*/, Done<void> done) {
  done(later());
}
void LocalEngine::unpause(ExecutionId /*id*/, core::Requester /*by*/, Done<void> done) {
  done(later());
}
void LocalEngine::pause_delay(DelayName /*delay*/, bool /*paused*/, core::Requester /*by*/,
                              Done<void> done) {
  done(later());
}
void LocalEngine::stub(ExecutionId /*id*/, std::string /*result*/, core::Requester /*by*/,
                       Done<bool> done) {
  done(later());
}
void LocalEngine::upgrade(ExecutionId /*id*/, bool /*skip_check*/, core::Requester /*by*/,
                          Done<UpgradeReport> done) {
  done(later());
}
void LocalEngine::advance(AdvanceRequest /*request*/, Done<AdvanceReport> done) { done(later()); }
void LocalEngine::persist_backtraces(ExecutionId /*id*/, Done<std::uint32_t> done) {
  done(later());
}
Result<BacktraceRow> LocalEngine::backtrace(ExecutionKey /*key*/, BacktraceAt /*at*/) {
  return later();
}
Result<std::string> LocalEngine::source(ExecutionKey /*key*/, const std::string& /*file*/) {
  return later();
}
Result<std::vector<Bytes>> LocalEngine::params_of(std::span<const ExecutionKey> keys) {
  return std::vector<Bytes>(keys.size());
}

}  // namespace stele::runtime

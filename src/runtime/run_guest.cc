// SPDX-License-Identifier: Apache-2.0
#include "runtime/run_guest.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/trace.h"
#include "runtime/shape.h"

namespace stele::runtime {
namespace {

constexpr std::uint32_t history_page = 4'096;

const core::ImportTarget drop_join_set{core::HostOp::join_set_drop, {}, {}};

const core::ImportTarget* target_of(wasm::ImportIndex import,
                                    const core::CatalogComponent& component) {
  if (import == wasm::import_drop_join_set) return &drop_join_set;
  return import < component.imports.size() ? &component.imports[import] : nullptr;
}

}  // namespace

Result<void> read_history(Store& store, ExecutionKey key, core::ReplayLog& log,
                          const std::function<void(const Entry&)>& see) {
  const TraceSpan span("read history", key.value);
  std::uint32_t position = 0;
  for (bool more = true; more;) {
    HistoryPage page = TRY(store.read_history(key, position, history_page));
    more = page.more && !page.entries.empty();
    position += static_cast<std::uint32_t>(page.entries.size());
    for (const Entry& entry : page.entries) see(entry);
    log.add(std::move(page.entries));
  }
  return {};
}

std::function<std::optional<Bytes>(ExecutionKey)> stored_params_of(Store& store) {
  return [&store](ExecutionKey key) -> std::optional<Bytes> {
    Result<Loaded> loaded = store.load(std::array{key}, {});
    if (!loaded) loaded = store.load(std::array{key}, {});  // what a person will look for
    if (!loaded || loaded->rows.empty()) return std::nullopt;
    return std::move(loaded->rows.front().params);
  };
}

Result<std::string> GuestCallView::Params::render() {
  if (text_ == nullptr) return std::string("[]");
  return text_->render();
}

GuestCallView::GuestCallView(const wasm::HostCall& call, const core::CatalogComponent& component)
    : params_(call.params),
      call_{.target = target_of(call.import, component),
            .handle = call.handle,
            .params_hash = call.params_hash,
            .params = &params_} {}

wasm::HostAnswer answer_of(core::CallOutcome outcome) {
  const bool trapped = outcome.state == core::CallState::trapped;
  return {trapped ? wasm::AnswerKind::trap : wasm::AnswerKind::answer, std::move(outcome.text)};
}

GuestFailure failure_of_run(wasm::Failure failure, bool replaying) {
  GuestFailure what;
  const auto fatal = [&](FailureKind kind, std::string_view how) {
    what.outcome = runtime::failure(kind, fmt::format("{}: {}", how, failure.reason),
                                    std::move(failure.detail));
  };
  const auto in_new_work = [&](FailureKind kind, std::string_view how) {
    if (!replaying) return fatal(kind, how);
    what.stop = fmt::format("{} during replay: {}", how, failure.reason);
  };
  constexpr FailureKind other = FailureKind::uncategorized;
  switch (failure.kind) {
    case wasm::FailureKind::trap: fatal(other, "workflow trap"); break;
    case wasm::FailureKind::memory_limit: in_new_work(other, "memory limit reached"); break;
    case wasm::FailureKind::stack_overflow: in_new_work(other, "stack limit reached"); break;
    case wasm::FailureKind::out_of_fuel:
      in_new_work(FailureKind::out_of_fuel, "workflow out of fuel");
      break;
    case wasm::FailureKind::deadline:
      what.stop = "computed longer than exec.lock_expiry without a host call";
      break;
    case wasm::FailureKind::interrupted: what.interrupted = true; break;
    case wasm::FailureKind::params: fatal(other, "params cannot be used"); break;
    case wasm::FailureKind::result: fatal(other, "result cannot be used"); break;
    case wasm::FailureKind::instantiate: fatal(other, "cannot instantiate"); break;
    case wasm::FailureKind::host: what.stop = std::move(failure.reason); break;
  }
  return what;
}

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Requests that try a component against a stored history first: replay, advance, upgrade,
// backtraces.
#include <algorithm>
#include <array>
#include <utility>

#include "runtime/local_engine.h"
#include "telemetry/log.h"

namespace stele::runtime {
namespace {

/// The captured requests as the events that they would become.
std::vector<Entry> as_entries(const TrialResult& trial, Instant now) {
  std::vector<Entry> entries;
  HistoryHead head = trial.head;
  for (const core::RunRequest& request : trial.captured.requests) {
    entries.push_back({head.position, head.version, now, request.body});
    head = after(entries.back(), head);
  }
  return entries;
}

/// Gives each captured child a key of its own, by which its params are found.
void name_children(ReplayReport& report, std::vector<core::RunRequest>& requests) {
  std::int64_t key = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EntryBody& body = report.captured[i].body;
    auto* call = std::get_if<DirectCall>(&body);
    auto* child = std::get_if<ChildRequest>(&body);
    if (call == nullptr && (child == nullptr || child->refused)) continue;
    (call != nullptr ? call->child : child->child) = ExecutionKey(--key);
    report.captured_params.emplace(ExecutionKey(key), std::move(requests[i].params));
  }
}

ReplayReport report_of(TrialResult trial, bool finished, Instant now) {
  ReplayReport report;
  report.equal = trial.equal;
  report.difference = std::move(trial.difference);
  report.events = trial.events;
  report.state = trial.advanceable ? "advanceable" : "blocked";
  if (finished) report.state = "finished";
  if (!finished) {
    report.captured = as_entries(trial, now);
    name_children(report, trial.captured.requests);
  }
  report.version = trial.head.version;
  if (trial.captured.state == core::RunState::ended) report.outcome = trial.captured.outcome;
  return report;
}

/// Only the first `writes_max` events of what was captured; a request is not split.
void trim(core::Advanced& captured, std::uint32_t writes_max) {
  std::size_t kept = 0;
  for (std::uint32_t events = 0; kept < captured.requests.size() && events < writes_max; ++kept)
    events += version_width(captured.requests[kept].body);
  if (kept == captured.requests.size()) return;
  captured.requests.resize(kept);
  captured.state = core::RunState::running;
}

void mark_paused(core::Advanced& captured, const AdvanceRequest& request) {
  for (core::RunRequest& made : captured.requests) {
    const bool delay =
        std::holds_alternative<DelayRequest>(made.body) || std::holds_alternative<Sleep>(made.body);
    const bool child = std::holds_alternative<ChildRequest>(made.body) ||
                       std::holds_alternative<DirectCall>(made.body) ||
                       std::holds_alternative<Schedule>(made.body);
    made.paused = (delay && request.pause_delays) || (child && request.pause_children);
    auto* request_of_delay = std::get_if<DelayRequest>(&made.body);
    if (request_of_delay != nullptr) request_of_delay->paused = made.paused;
  }
}

Result<ExecutionRow> find_workflow(Store& store, const ExecutionId& id) {
  ExecutionRow row = TRY(store.find(id));
  if (row.pool == Pool::workflow) return row;
  return fail(Code::failed_precondition, "only a workflow can be replayed", to_text(id));
}

}  // namespace

void LocalEngine::replay(ExecutionId id, Done<ReplayReport> done) {
  Result<ExecutionRow> row = find_workflow(setup_.store, id);
  if (!row) return done(std::unexpected(row.error()));
  const bool finished = row->stage == Stage::finished;
  pool_.try_run({.row = std::move(*row), .deployed = pool_.deployed()},
                [this, finished, done = std::move(done)](Result<TrialResult> trial) mutable {
                  if (!trial) return done(std::unexpected(trial.error()));
                  done(report_of(std::move(*trial), finished, clock_.now()));
                });
}

void LocalEngine::persist_backtraces(ExecutionId id, Done<std::uint32_t> done) {
  Result<ExecutionRow> row = find_workflow(setup_.store, id);
  if (!row) return done(std::unexpected(row.error()));
  const ExecutionKey key = row->key;
  pool_.try_run({.row = std::move(*row), .deployed = pool_.deployed(), .backtraces = true},
                [this, key, done = std::move(done)](Result<TrialResult> trial) mutable {
                  if (!trial) return done(std::unexpected(trial.error()));
                  if (!trial->equal)
                    return done(fail(Code::failed_precondition, trial->difference));
                  std::erase_if(trial->backtraces, [&](const BacktraceRow& backtrace) {
                    return backtrace.version_min >= trial->head.version;
                  });
                  const auto saved = setup_.store.save_backtraces(key, trial->backtraces);
                  if (!saved) return done(std::unexpected(saved.error()));
                  done(static_cast<std::uint32_t>(trial->backtraces.size()));
                });
}

void LocalEngine::advance(AdvanceRequest request, Done<AdvanceReport> done) {
  Result<ExecutionRow> row = find_workflow(setup_.store, request.id);
  if (!row) return done(std::unexpected(row.error()));
  TrialSetup setup{.row = *row, .deployed = pool_.deployed(), .backtraces = request.backtraces};
  row->deployment = setup.deployed->catalog->deployment();
  pool_.try_run(std::move(setup), [this, request = std::move(request), row = std::move(*row),
                                   done = std::move(done)](Result<TrialResult> trial) mutable {
    if (!trial) return done(std::unexpected(trial.error()));
    apply(std::move(request), row, std::move(*trial), std::move(done));
  });
}

void LocalEngine::apply(AdvanceRequest request, const ExecutionRow& row, TrialResult trial,
                        Done<AdvanceReport> done) {
  const auto refuse = [&](Code code, std::string_view why) {
    done(fail(code, std::string(why), to_text(request.id)));
  };
  if (!trial.equal && !request.force) return refuse(Code::failed_precondition, trial.difference);
  if (trial.head.version != request.version)
    return refuse(Code::aborted,
                  "the history has grown since the replay that this goes on from; replay again");
  trim(trial.captured, request.writes_max);
  mark_paused(trial.captured, request);
  const std::vector<Entry> written = as_entries(trial, clock_.now());
  if (written.empty() && trial.captured.state != core::RunState::ended)
    return refuse(Code::failed_precondition, "there is nothing to go on with");
  std::uint32_t end = trial.head.version;
  for (const Entry& entry : written) end += version_width(entry.body);
  core::Advance input;
  input.key = row.key;
  input.version = request.version;
  input.deployment = row.deployment;
  input.advanced = std::move(trial.captured);
  input.by = std::move(request.by);
  auto answered = [this, key = row.key, end, count = end - trial.head.version,
                   backtraces = std::move(trial.backtraces),
                   done = std::move(done)](Result<core::Answer> answer) mutable {
    if (!answer) return done(std::unexpected(answer.error()));
    std::erase_if(backtraces, [&](const BacktraceRow& one) { return one.version_min >= end; });
    // What was advanced stays so if its backtraces cannot be kept.
    const auto saved =
        backtraces.empty() ? Result<void>() : setup_.store.save_backtraces(key, backtraces);
    if (!saved)
      telemetry::log(telemetry::Level::warn, "backtraces were not kept",
                     {{"reason", saved.error().reason}});
    done(AdvanceReport{count});
  };
  ask(core::Input(std::move(input)), std::move(answered));
}

void LocalEngine::upgrade(ExecutionId id, bool skip_check, core::Requester by,
                          Done<UpgradeReport> done) {
  Result<ExecutionRow> row = find_workflow(setup_.store, id);
  if (!row) return done(std::unexpected(row.error()));
  const DeployedPtr deployed = pool_.deployed();
  const core::CatalogFunction* function = deployed->catalog->find(row->function);
  if (function == nullptr)
    return done(fail(Code::failed_precondition, "its function is not deployed now", to_text(id)));
  core::Upgrade input;
  input.key = row->key;
  input.by = std::move(by);
  input.upgrade.digest = deployed->catalog->component(function->component).digest;
  input.upgrade.deployment = deployed->catalog->deployment();
  input.upgrade.result =
      skip_check ? ComponentUpgrade::Result::forced : ComponentUpgrade::Result::manual;
  const Result<std::string> own = former_.digest_of(row->deployment, row->function);
  if (!own && own.error().code != Code::not_found) return done(std::unexpected(own.error()));
  if (own && *own == input.upgrade.digest)
    return done(UpgradeReport{.changed = false, .digest = *own});
  auto answered = [digest = std::string(input.upgrade.digest),
                   done = std::move(done)](Result<core::Answer> answer) mutable {
    if (!answer) return done(std::unexpected(answer.error()));
    done(UpgradeReport{.changed = true, .digest = std::move(digest)});
  };
  if (skip_check) return ask(core::Input(std::move(input)), std::move(answered));
  pool_.try_run({.row = std::move(*row), .deployed = deployed},
                [this, id, input = std::move(input),
                 answered = Answered(std::move(answered))](Result<TrialResult> trial) mutable {
                  if (!trial) return answered(std::unexpected(trial.error()));
                  input.version = trial->head.version;
                  if (trial->equal) return ask(core::Input(std::move(input)), std::move(answered));
                  answered(fail(Code::failed_precondition,
                                "the new component asks for something else than what is stored\n" +
                                    trial->difference,
                                to_text(id)));
                });
}

Result<std::string> LocalEngine::source(ExecutionKey key, const std::string& file) {
  const Loaded loaded = TRY(setup_.store.load(std::array{key}, {}));
  if (loaded.rows.empty()) return fail(Code::not_found, "there is no such execution");
  const DeployedPtr deployed = pool_.deployed();
  const core::CatalogFunction* function = deployed->catalog->find(loaded.rows.front().function);
  if (function != nullptr) {
    const auto& sources = deployed->components[function->component].sources;
    if (const auto exact = sources.find(file); exact != sources.end()) return exact->second;
    for (const auto& [path, text] : sources)
      if (path.starts_with(".../") && file.ends_with(path.substr(3))) return text;
  }
  return fail(Code::not_found,
              "the deployment names no source for this file: add it to `backtrace.sources`", file);
}

}  // namespace stele::runtime

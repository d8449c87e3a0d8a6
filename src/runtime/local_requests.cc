// SPDX-License-Identifier: Apache-2.0
// Requests about executions that exist: control and values from outside.
#include <algorithm>
#include <utility>

#include "runtime/delay_names.h"
#include "runtime/local_engine.h"
#include "runtime/shape.h"

namespace stele::runtime {
namespace {

Answered plain(Done<void> done) {
  return [done = std::move(done)](Result<core::Answer> answer) mutable {
    if (!answer) return done(std::unexpected(answer.error()));
    done({});
  };
}

/// An input about the execution `key`.
template <typename Input>
core::Input about(ExecutionKey key, core::Requester by) {
  Input input;
  input.key = key;
  input.by = std::move(by);
  return input;
}

}  // namespace

void LocalEngine::cancel(ExecutionId id, core::Requester by, Done<void> done) {
  const Result<ExecutionRow> row = setup_.store.find(id);
  if (!row) return done(std::unexpected(row.error()));
  ask(about<core::Cancel>(row->key, std::move(by)), plain(std::move(done)));
}

void LocalEngine::pause(ExecutionId id, core::Requester by, Done<void> done) {
  const Result<ExecutionRow> row = setup_.store.find(id);
  if (!row) return done(std::unexpected(row.error()));
  ask(about<core::Pause>(row->key, std::move(by)), plain(std::move(done)));
}

void LocalEngine::unpause(ExecutionId id, core::Requester by, Done<void> done) {
  const Result<ExecutionRow> row = setup_.store.find(id);
  if (!row) return done(std::unexpected(row.error()));
  ask(about<core::Unpause>(row->key, std::move(by)), plain(std::move(done)));
}

void LocalEngine::cancel_delay(DelayName delay, core::Requester by, Done<void> done) {
  const Result<DelayRow> place = find_delay(setup_.store, delay);
  if (!place) return done(std::unexpected(place.error()));
  core::CancelDelay input;
  input.owner = place->owner;
  input.join_set = place->join_set;
  input.index = place->index;
  input.by = std::move(by);
  ask(core::Input(std::move(input)), plain(std::move(done)));
}

void LocalEngine::pause_delay(DelayName delay, bool paused, core::Requester by, Done<void> done) {
  const Result<DelayRow> place = find_delay(setup_.store, delay);
  if (!place) return done(std::unexpected(place.error()));
  const auto stored = setup_.store.delays_of(place->owner);
  if (!stored) return done(std::unexpected(stored.error()));
  const auto found = std::ranges::find_if(*stored, [&](const DelayRow& row) {
    return row.join_set == place->join_set && row.index == place->index;
  });
  if (found == stored->end())
    return done(fail(Code::failed_precondition, "the delay is over already", to_text(delay.owner)));
  core::PauseDelay input;
  input.delay = *found;
  input.delay.paused = paused;
  input.by = std::move(by);
  ask(core::Input(std::move(input)), plain(std::move(done)));
}

void LocalEngine::stub(ExecutionId id, std::string result, core::Requester by, Done<bool> done) {
  const Result<ExecutionRow> row = setup_.store.find(id);
  if (!row) return done(std::unexpected(row.error()));
  if (row->pool != Pool::none)
    return done(fail(Code::not_found,
                     "the execution is neither a stub nor an external activity: it gets its value "
                     "from its own code",
                     to_text(id)));
  Result<Outcome> outcome = DeployedChecks(pool_.deployed()).result(row->function, result);
  if (!outcome) return done(std::unexpected(std::move(outcome.error())));
  stub_found(*row, std::move(*outcome), std::move(by), std::move(done));
}

void LocalEngine::stub_found(const ExecutionRow& row, Outcome outcome, core::Requester by,
                             Done<bool> done) {
  core::Complete complete;
  complete.key = row.key;
  complete.outcome = outcome;
  complete.by = std::move(by);
  auto answered = [this, key = row.key, outcome = std::move(outcome),
                   done = std::move(done)](Result<core::Answer> answer) mutable {
    if (answer) return done(false);
    if (answer.error().code != Code::already_exists) return done(std::unexpected(answer.error()));
    const Result<ExecutionView> view = views_.view(key);
    if (!view) return done(std::unexpected(view.error()));
    if (same_value(view->outcome, outcome)) return done(true);
    done(std::unexpected(answer.error()));
  };
  ask(core::Input(std::move(complete)), std::move(answered));
}

Result<std::vector<Bytes>> LocalEngine::params_of(std::span<const ExecutionKey> keys) {
  std::vector<Bytes> params(keys.size());
  if (keys.empty()) return params;
  const Loaded loaded = TRY(setup_.store.load(keys, {}));
  for (const ExecutionRow& row : loaded.rows)
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys[i] == row.key) params[i] = row.params;
  return params;
}

Result<BacktraceRow> LocalEngine::backtrace(ExecutionKey key, BacktraceAt at) {
  return setup_.store.read_backtrace(key, at);
}

}  // namespace stele::runtime

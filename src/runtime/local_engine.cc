// SPDX-License-Identifier: Apache-2.0
#include "runtime/local_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/nearest.h"
#include "base/trace.h"
#include "core/run_machine.h"
#include "runtime/submittable.h"

namespace stele::runtime {

LocalEngine::LocalEngine(EngineSetup setup)
    : setup_(std::move(setup)),
      clock_(setup_.time, setup_.options.clock_jump),
      logs_(setup_.options.log_rows_max),
      views_(setup_.store),
      ids_(setup_.options.seed),
      admission_(setup_.options.seed, setup_.options.queue_max),
      former_(setup_.store, setup_.former),
      relay_(setup_.relay ? setup_.relay(static_cast<Reports&>(driver_)) : nullptr),
      pool_({setup_.store, clock_, relay_ ? *relay_ : static_cast<Reports&>(driver_), logs_,
             setup_.bell, setup_.options, former_}),
      driver_({setup_.store, clock_, pool_, waiters_, views_, logs_, setup_.bell, setup_.options,
               setup_.fatal}) {}

LocalEngine::~LocalEngine() {
  waiters_.fail_all(error(Code::unavailable, "the server is stopping"));
}

Result<void> LocalEngine::open(DeployedPtr deployed) {
  core::CatalogPtr catalog = deployed->catalog;
  pool_.deploy(std::move(deployed));
  TRY(views_.refresh());
  return driver_.open(std::move(catalog));
}

void LocalEngine::deploy(DeployedPtr deployed) {
  core::CatalogPtr catalog = deployed->catalog;
  pool_.deploy(std::move(deployed));
  static_cast<void>(views_.refresh());
  driver_.post(core::Input(core::Deploy{std::move(catalog)}));
  setup_.bell.ring();
}

Ulid LocalEngine::make_id() {
  const Lock lock(id_mutex_);
  const std::int64_t ms = clock_.now().us / 1'000;
  return make_ulid(ms, static_cast<std::uint16_t>(ids_.next()), ids_.next());
}

Error LocalEngine::unknown_function(std::string_view ffqn) const {
  std::vector<std::string> names;
  for (const core::CatalogFunction& function : catalog()->functions()) {
    names.push_back(function.ffqn);
  }
  const std::string near = nearest(ffqn, names);
  std::string reason = "function '" + std::string(ffqn) + "' is not deployed";
  reason +=
      near.empty() ? "; `stele function list` shows what is" : "; did you mean '" + near + "'?";
  return error(Code::not_found, std::move(reason), std::string(ffqn));
}

void LocalEngine::ask(core::Input input, Answered done) {
  const core::RequestId id = waiters_.add_request(done, setup_.options.requests_max);
  if (id == 0)
    return done(fail(Code::resource_exhausted,
                     "too many requests wait for an answer; try again in a second"));
  post(std::move(input), id);
}

void LocalEngine::post(core::Input input, core::RequestId request) {
  std::visit(
      [request](auto& known) {
        if constexpr (requires { known.request; }) known.request = request;
      },
      input);
  driver_.post(std::move(input));
  setup_.bell.ring();
}

/// Finds the function that is meant, and checks the parameters.
Result<core::Submit> LocalEngine::make_submit(const SubmitRequest& request) {
  if (room() == 0) return std::unexpected(overloaded());
  const DeployedPtr deployed = pool_.deployed();
  const Submittable wanted = TRY(submittable(request.ffqn, request.params));
  const core::CatalogFunction* function = deployed->catalog->find(wanted.ffqn);
  if (function == nullptr) return std::unexpected(unknown_function(request.ffqn));
  if (function->kind == core::FunctionKind::stub)
    return fail(Code::invalid_argument,
                "a stub cannot be submitted: it is a part of a workflow, and gets its value by "
                "`stele execution stub`",
                request.ffqn);
  core::JsonChecks::Params params =
      TRY(DeployedChecks(deployed).params(function->id, wanted.params));
  core::Submit submit;
  submit.function = function->id;
  submit.params = std::move(params.text);
  submit.params_hash = params.hash;
  submit.fresh = !request.id;
  submit.id = request.id ? *request.id : make_id();
  submit.requester = request.requester;
  submit.paused = request.paused;
  if (wanted.schedule) submit.scheduled = core::expiry(*wanted.schedule, clock_.now());
  return submit;
}

/// How many submissions more may wait for their answer: those that were answered and have not begun
/// take the place of others.
std::size_t LocalEngine::room() {
  const std::size_t waiting = pool_.fresh();
  const std::size_t limit = admission_.limit(monotonic());
  return waiting < limit ? limit - waiting : 0;
}

Error LocalEngine::overloaded() {
  const Instant now = monotonic();
  admission_.refused(now);
  return error(Code::resource_exhausted,
               fmt::format("{} executions wait to begin, and more would be late (at most {}: "
                           "--queue-max); nothing was stored, try again in a moment",
                           admission_.limit(now), setup_.options.queue_max));
}

void LocalEngine::submit(SubmitRequest request, Done<Submitted> done) {
  const TraceSpan span("submit comes in");
  Result<core::Submit> submit = make_submit(request);
  if (!submit) return done(std::unexpected(std::move(submit.error())));
  const auto shared = std::make_shared<Done<Submitted>>(std::move(done));
  Answered answered = [id = submit->id, shared](Result<core::Answer> answer) {
    if (!answer) return (*shared)(std::unexpected(std::move(answer.error())));
    (*shared)(Submitted{ExecutionId{id, {}}, answer->repeated});
  };
  const core::RequestId asked = waiters_.add_request(answered, room());
  if (asked == 0) return (*shared)(std::unexpected(overloaded()));
  admission_.admitted();
  post(core::Input(std::move(*submit)), asked);
}

RunTicket LocalEngine::run(SubmitRequest request, Done<Ran> done) {
  Result<core::Submit> submit = make_submit(request);
  if (!submit) {
    done(std::unexpected(std::move(submit.error())));
    return 0;
  }
  const auto shared = std::make_shared<Done<Ran>>(std::move(done));
  Answered answered = [id = submit->id, shared](Result<core::Answer> answer) {
    if (!answer) return (*shared)(std::unexpected(std::move(answer.error())));
    (*shared)(Ran{ExecutionId{id, {}}, std::nullopt});
  };
  Done<ExecutionView> ended = [id = submit->id, shared](Result<ExecutionView> view) {
    if (!view) return (*shared)(std::unexpected(std::move(view.error())));
    (*shared)(Ran{ExecutionId{id, {}}, std::move(*view)});
  };
  const core::RequestId asked = waiters_.add_run(answered, ended, room());
  if (asked == 0) {
    (*shared)(std::unexpected(overloaded()));
    return 0;
  }
  admission_.admitted();
  post(core::Input(std::move(*submit)), asked);
  return asked;
}

void LocalEngine::wait_finished(ExecutionId id, Done<ExecutionView> done) {
  const TraceSpan span("wait comes in");
  const Result<ExecutionRow> row = setup_.store.find(id);
  if (!row) return done(std::unexpected(row.error()));
  if (row->stage == Stage::finished) return done(views_.view(*row));
  follow(*row, false, 0, std::move(done));
}

void LocalEngine::wait_progress(ExecutionId id, std::uint32_t position, Done<ExecutionView> done) {
  const Result<ExecutionRow> row = setup_.store.find(id);
  if (!row) return done(std::unexpected(row.error()));
  if (has_news(*row, true, position)) return done(views_.view(row->key));
  follow(*row, true, position, std::move(done));
}

bool LocalEngine::has_news(const ExecutionRow& row, bool progress, std::uint32_t position) {
  if (row.stage == Stage::finished) return true;
  if (!progress) return false;
  const Result<HistoryHead> head = setup_.store.read_head(row.key);
  return head && head->position > position;
}

/// Registers first, then looks again, so that what commits in between is not missed.
void LocalEngine::follow(const ExecutionRow& row, bool progress, std::uint32_t position,
                         Done<ExecutionView> done) {
  const Waiters::Ticket ticket = progress ? waiters_.await_progress(row.key, std::move(done))
                                          : waiters_.await_finish(row.key, std::move(done));
  Result<ExecutionView> view = views_.view(row.key);
  if (view && !has_news(view->row, progress, position)) return;
  Done<ExecutionView> mine = waiters_.take(row.key, ticket);
  if (mine) mine(std::move(view));
}

Result<ExecutionView> LocalEngine::get(const ExecutionId& id) {
  return shown(TRY(setup_.store.find(id)));
}

/// What waits for its function to be deployed says so.
Result<ExecutionView> LocalEngine::shown(ExecutionRow row) const {
  ExecutionView view = TRY(views_.view(std::move(row)));
  const bool waits = view.row.stage != Stage::finished && view.row.pool != Pool::none;
  if (waits && catalog()->find(view.row.function) == nullptr) {
    view.stuck = "its function is not deployed now";
  }
  return view;
}

Result<std::vector<ExecutionView>> LocalEngine::list(const ListFilter& filter) {
  std::vector<ExecutionView> views;
  for (ExecutionRow& row : TRY(setup_.store.list(filter))) {
    views.push_back(TRY(shown(std::move(row))));
  }
  return views;
}

Result<HistoryPage> LocalEngine::history(ExecutionKey key, std::uint32_t position,
                                         std::uint32_t limit) {
  return setup_.store.read_history(key, position, limit);
}

Result<LogPage> LocalEngine::logs(ExecutionKey key, std::uint64_t after, std::uint32_t limit) {
  return setup_.store.read_logs(key, after, limit);
}

core::CatalogPtr LocalEngine::catalog() const { return pool_.deployed()->catalog; }

std::string LocalEngine::function_name(FunctionId id) const { return views_.function_name(id); }

EngineCounters LocalEngine::counters() const {
  const DriverCounters driver = driver_.counters();
  const PoolCounters pool = pool_.counters();
  EngineCounters counters;
  counters.commits = driver.commits;
  counters.steps = driver.partition.steps;
  counters.attempts_started = pool.attempts;
  counters.runs_started = pool.runs;
  counters.evictions = pool.evictions;
  counters.replays = pool.replays;
  counters.ready_overflows = driver.partition.ready_overflows;
  counters.reloads = driver.reloads;
  counters.logs_dropped = logs_.dropped();
  counters.executions_in_memory = driver.partition.executions_in_memory;
  counters.store = setup_.store.counters();
  return counters;
}

bool LocalEngine::work() {
  const bool turned = pool_.turn();
  return driver_.pump() || turned;
}

bool LocalEngine::commit() { return driver_.commit(); }

Instant LocalEngine::tend() {
  const Instant deadline = pool_.expire(monotonic());
  driver_.pump();
  return std::min(deadline, driver_.next_wake());
}

void LocalEngine::drain() {
  driver_.drain();
  setup_.bell.ring();
}

}  // namespace stele::runtime

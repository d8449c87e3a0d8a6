// SPDX-License-Identifier: Apache-2.0
// Owns: an Engine whose answers a test writes down. Life cycle: one test. Thread: any.
// Must hold: waits are kept until the test lets the execution move.
#pragma once

#include <map>
#include <vector>

#include "base/sync.h"
#include "runtime/engine.h"

namespace stele::api {

class FakeEngine final : public runtime::Engine {
 public:
  using View = runtime::ExecutionView;

  void submit(runtime::SubmitRequest request, runtime::Done<runtime::Submitted> done) override {
    const Lock lock(mutex);
    if (full > 0) {
      --full;
      return done(fail(Code::resource_exhausted, "try again in a moment"));
    }
    if (request.ffqn != "demo:a/b.c") {
      return done(
          fail(Code::not_found, "no such function; did you mean demo:a/b.c?", request.ffqn));
    }
    const ExecutionId id{request.id.value_or(Ulid{5, 5}), ""};
    const bool repeated = rows.contains(id);
    View& view = rows[id];
    view.row.key = ExecutionKey{static_cast<std::int64_t>(rows.size())};
    view.row.id = id;
    view.row.params = request.params;
    if (request.paused) view.row.lifecycle = Lifecycle::paused;
    view.ffqn = request.ffqn;
    done(runtime::Submitted{id, repeated});
  }
  /// As the engine does: `done` hears of a refusal, of a repeated request, or of the end.
  runtime::RunTicket run(runtime::SubmitRequest request,
                         runtime::Done<runtime::Ran> done) override {
    const ExecutionId id{request.id.value_or(Ulid{5, 5}), ""};
    Result<runtime::Submitted> submitted;
    submit(std::move(request), [&](Result<runtime::Submitted> answer) { submitted = answer; });
    if (!submitted) {
      done(std::unexpected(submitted.error()));
    } else if (submitted->repeated) {
      done(runtime::Ran{id, std::nullopt});
    } else {
      wait(id, UINT32_MAX, [id, done = std::move(done)](Result<View> view) mutable {
        if (!view) return done(std::unexpected(view.error()));
        done(runtime::Ran{id, std::move(*view)});
      });
    }
    return 7;
  }
  std::optional<Duration> retry_after() const override { return milliseconds(7); }
  void leave(runtime::RunTicket ticket) override {
    const Lock lock(mutex);
    left.push_back(ticket);
  }
  void cancel(ExecutionId id, core::Requester /*by*/, runtime::Done<void> done) override {
    done(fail(Code::failed_precondition, "already finished", to_text(id)));
  }
  void wait_finished(ExecutionId id, runtime::Done<View> done) override {
    wait(std::move(id), UINT32_MAX, std::move(done));
  }
  void wait_progress(ExecutionId id, std::uint32_t position, runtime::Done<View> done) override {
    wait(std::move(id), position, std::move(done));
  }
  Result<View> get(const ExecutionId& id) override {
    const Lock lock(mutex);
    const auto found = rows.find(id);
    if (found == rows.end()) return fail(Code::not_found, "no such execution", to_text(id));
    return found->second;
  }
  Result<std::vector<View>> list(const ListFilter& filter) override {
    const Lock lock(mutex);
    std::vector<View> views;
    for (const auto& [id, view] : rows) {
      if (!filter.open_values || view.row.stage == Stage::held) views.push_back(view);
    }
    return views;
  }
  Result<HistoryPage> history(ExecutionKey /*key*/, std::uint32_t position,
                              std::uint32_t limit) override {
    const Lock lock(mutex);
    HistoryPage page;
    for (std::size_t i = position; i < entries.size() && page.entries.size() < limit; ++i) {
      page.entries.push_back(entries[i]);
    }
    page.more = position + page.entries.size() < entries.size();
    return page;
  }
  Result<LogPage> logs(ExecutionKey /*key*/, std::uint64_t after,
                       std::uint32_t /*limit*/) override {
    LogPage page;
    page.next = 1;
    if (after == 0) page.rows.push_back({ExecutionKey{1}, 1, Instant{1}, 4, 0, "careful\xff"});
    return page;
  }
  void replay(ExecutionId /*id*/, runtime::Done<runtime::ReplayReport> done) override {
    runtime::ReplayReport report{.equal = false,
                                 .difference = "stored a, asked b",
                                 .events = 3,
                                 .state = "blocked",
                                 .captured = {},
                                 .version = 0,
                                 .outcome = {}};
    {
      const Lock lock(mutex);
      report.captured = captured;
      report.version = head.version;
      report.outcome = captured_outcome;
    }
    done(std::move(report));
  }
  void cancel_delay(runtime::DelayName delay, core::Requester /*by*/,
                    runtime::Done<void> done) override {
    done(fail(Code::failed_precondition, "over already", to_text(delay.owner)));
  }
  void pause(ExecutionId /*id*/, core::Requester /*by*/, runtime::Done<void> done) override {
    done({});
  }
  void unpause(ExecutionId id, core::Requester /*by*/, runtime::Done<void> done) override {
    done(fail(Code::failed_precondition, "not paused", to_text(id)));
  }
  void pause_delay(runtime::DelayName delay, bool paused, core::Requester /*by*/,
                   runtime::Done<void> done) override {
    {
      const Lock lock(mutex);
      paused_delays[delay.index] = paused;
    }
    done({});
  }
  void stub(ExecutionId /*id*/, std::string /*result*/, core::Requester /*by*/,
            runtime::Done<bool> done) override {
    done(true);
  }
  void upgrade(ExecutionId /*id*/, bool /*skip_check*/, core::Requester /*by*/,
               runtime::Done<runtime::UpgradeReport> done) override {
    done(runtime::UpgradeReport{true, "sha256:00"});
  }
  void advance(runtime::AdvanceRequest request,
               runtime::Done<runtime::AdvanceReport> done) override {
    const std::uint32_t writes_max = request.writes_max;
    {
      const Lock lock(mutex);
      advanced = std::move(request);
    }
    done(runtime::AdvanceReport{writes_max});
  }
  void persist_backtraces(ExecutionId /*id*/, runtime::Done<std::uint32_t> done) override {
    done(2);
  }
  Result<BacktraceRow> backtrace(ExecutionKey /*key*/, BacktraceAt at) override {
    if (at.version == 404) return fail(Code::not_found, "none", "1");
    return BacktraceRow{at.version, at.version + 1, R"({"frames":[]})"};
  }
  Result<std::string> source(ExecutionKey /*key*/, const std::string& file) override {
    return fail(Code::not_found, "no such source", file);
  }
  Result<std::vector<Bytes>> params_of(std::span<const ExecutionKey> keys) override {
    const Lock lock(mutex);
    params_asked.insert(params_asked.end(), keys.begin(), keys.end());
    return std::vector<Bytes>(keys.size(), "[1]");
  }
  core::CatalogPtr catalog() const override { return std::make_shared<core::Catalog>(); }
  std::string function_name(FunctionId /*id*/) const override { return "demo:a/b.c"; }
  runtime::EngineCounters counters() const override {
    runtime::EngineCounters counters;
    counters.steps = 12;
    return counters;
  }

  /// Lets what waits for news see them.
  void append(EntryBody body) {
    {
      const Lock lock(mutex);
      const auto position = static_cast<std::uint32_t>(entries.size());
      entries.push_back({position, head.version, Instant{position}, std::move(body)});
      head = after(entries.back(), head);
    }
    wake();
  }
  void finish(const ExecutionId& id, Outcome outcome) {
    {
      const Lock lock(mutex);
      View& view = rows[id];
      view.row.stage = Stage::finished;
      view.row.outcome_kind = outcome.kind;
      view.row.finished_version = head.version;
      view.outcome = std::move(outcome);
    }
    wake();
  }
  std::size_t waiting() {
    const Lock lock(mutex);
    return waits_.size();
  }

  bool is_paused(std::uint32_t delay) {
    const Lock lock(mutex);
    return paused_delays.at(delay);
  }
  runtime::AdvanceRequest last_advance() {
    const Lock lock(mutex);
    return advanced.value();
  }

  Mutex mutex;
  Signal signal;
  std::map<ExecutionId, View> rows;
  std::vector<Entry> entries;
  HistoryHead head;
  std::vector<Entry> captured;  ///< what a replay answers
  std::optional<Outcome> captured_outcome;
  std::vector<ExecutionKey> params_asked;
  std::vector<runtime::RunTicket> left;
  std::uint32_t full = 0;  ///< so many submissions are refused
  std::map<std::uint32_t, bool> paused_delays;
  std::optional<runtime::AdvanceRequest> advanced;

 private:
  struct Wait {
    ExecutionId id;
    std::uint32_t position = 0;
    runtime::Done<View> done;
  };

  void wait(ExecutionId id, std::uint32_t position, runtime::Done<View> done) {
    {
      const Lock lock(mutex);
      waits_.push_back({std::move(id), position, std::move(done)});
    }
    signal.notify_all();
    wake();
  }
  void wake() {
    std::vector<std::pair<runtime::Done<View>, Result<View>>> ready;
    {
      const Lock lock(mutex);
      std::erase_if(waits_, [&](Wait& each) {
        const auto found = rows.find(each.id);
        const bool known = found != rows.end();
        const bool over = known && found->second.row.stage == Stage::finished;
        if (known && !over && entries.size() <= each.position) return false;
        ready.emplace_back(std::move(each.done),
                           known ? Result<View>(found->second)
                                 : fail(Code::not_found, "no such execution", to_text(each.id)));
        return true;
      });
    }
    for (auto& [done, view] : ready) done(std::move(view));
  }

  std::vector<Wait> waits_;
};

}  // namespace stele::api

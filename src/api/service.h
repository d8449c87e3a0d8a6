// SPDX-License-Identifier: Apache-2.0
// Owns: the use cases of the API, free of any transport: checks of what came in, reads, rendering.
// Life cycle: made by the composition root over an Engine that outlives it. Thread: any.
// Must hold: what is refused here has not reached the engine; a page holds at most its limit and
//   about 4 MiB.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "api/follow_hub.h"
#include "api/history_cache.h"
#include "api/views.h"
#include "base/result.h"
#include "runtime/engine.h"

namespace stele::api {

struct SubmitInput {
  std::string id;  ///< empty: made here
  std::string ffqn;
  std::string params;
  std::string requester;
  bool paused = false;
};

struct ListInput {
  std::string ffqn_prefix = {};
  std::string id_prefix = {};
  bool derived = false;
  bool hide_finished = false;
  std::uint32_t limit = 0;
  std::string cursor = {};
  bool open_values = false;  ///< only stubs and external activities that wait for their value
};

struct FollowFrom {
  std::uint32_t position = 0;
  bool created = true;  ///< show the `created` event first; it has no position of its own
};

struct ServiceParts {
  runtime::Engine& engine;
  DeploymentRow deployment;  ///< the active one; number 0: none
  std::function<Ulid()> new_ulid;
};

class Service {
 public:
  explicit Service(ServiceParts parts);

  std::string generate_id() const;
  void submit(SubmitInput input, runtime::Done<runtime::Submitted> done);
  /// Submits, and waits for the end with a ticket of the hub.
  void run(FollowHub::Ticket ticket, SubmitInput input, FollowHub::RunCallback done);
  std::optional<Duration> retry_after() const { return engine_.retry_after(); }
  void cancel(std::string_view id, core::Requester by, runtime::Done<void> done);
  void pause(std::string_view id, core::Requester by, runtime::Done<void> done);
  void unpause(std::string_view id, core::Requester by, runtime::Done<void> done);
  /// `Delay_…`.
  void cancel_delay(std::string_view id, core::Requester by, runtime::Done<void> done);
  void pause_delay(std::string_view id, bool paused, core::Requester by, runtime::Done<void> done);
  /// `result`: {"ok":…} or {"err":…}.
  void stub(std::string_view id, std::string result, core::Requester by, runtime::Done<bool> done);
  void upgrade(std::string_view id, bool skip_check, core::Requester by,
               runtime::Done<runtime::UpgradeReport> done);

  void replay(std::string_view id, runtime::Done<ReplayView> done);
  /// `request.id` is taken from `id`.
  void advance(std::string_view id, runtime::AdvanceRequest request,
               runtime::Done<runtime::AdvanceReport> done);
  void persist_backtraces(std::string_view id, runtime::Done<std::uint32_t> done);
  /// `version`: `first`, `last`, a number, or empty for `last`.
  Result<BacktraceRow> backtrace(std::string_view id, std::string_view version);
  Result<std::string> source(std::string_view id, const std::string& file);

  Result<ExecutionDetail> get(std::string_view id);
  Result<ExecutionPage> list(const ListInput& input);
  Result<EventPage> events(std::string_view id, std::uint32_t from_version, std::uint32_t limit);
  Result<ResponsePage> responses(std::string_view id, std::uint32_t from_seq, std::uint32_t limit);
  Result<LogPage> logs(std::string_view id, std::uint64_t after, std::uint32_t limit);

  /// What there is at and after `from` now; empty: wait for more with the hub.
  Result<FollowStep> follow(const ExecutionId& id, FollowFrom from);
  ExecutionDetail detail(const runtime::ExecutionView& view);
  const std::shared_ptr<FollowHub>& hub() const { return hub_; }

  std::vector<FunctionView> functions(std::string_view prefix) const;
  const DeploymentRow& deployment() const { return deployment_; }
  Counters counters() const;

 private:
  struct Reading;
  /// An entry and those after it that were read with it.
  using Take = std::function<bool(std::span<const Entry>)>;
  std::string function_name(FunctionId id) const;
  std::function<std::string(FunctionId)> names() const;
  /// Calls `take` with the entries from `position` on, until it returns false or there are no more.
  Result<bool> scan(Reading& reading, std::uint32_t position, const Take& take);
  /// Of the whole history that is committed now.
  Result<HistoryIndex> index_of(ExecutionKey key);
  ExecutionDetail summary(const runtime::ExecutionView& view) const;

  runtime::Engine& engine_;
  const DeploymentRow deployment_;
  const std::function<Ulid()> new_ulid_;
  HistoryCache histories_;
  std::shared_ptr<FollowHub> hub_;
};

}  // namespace stele::api

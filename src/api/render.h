// SPDX-License-Identifier: Apache-2.0
// Owns: the contract's events, responses, states and results as JSON, made from what is stored
//   (contract 5.1, 5.2 and 9.2, with clean tags).
// Life cycle: none. Thread: any. Must hold: one stored entry gives as many events as it has
// versions;
//   internal entries give none; no stored bytes make invalid JSON.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "api/history_index.h"
#include "journal/entry.h"
#include "journal/rows.h"
#include "runtime/engine.h"

namespace stele::api {

struct EventView {
  std::uint32_t version = 0;
  Instant at;
  std::string kind;     ///< created, join_set_create, persist, …
  std::string summary;  ///< one line for people
  std::string json;     ///< {"created_at","event","version"}
};

struct ResponseView {
  std::uint32_t seq = 0;
  Instant at;
  std::string join_set_id;
  std::string kind;  ///< child_execution_finished or delay_finished
  std::string summary;
  std::string json;  ///< {"created_at","event":{"join_set_id","event"},"seq"}
};

/// What the rendering of an entry needs to know besides the entry.
struct RenderContext {
  const ExecutionId& owner;
  const HistoryIndex& index;  ///< holds the entry and all before it
  std::function<std::string(FunctionId)> function_name;
  /// Of an entry that stands for very many events only this window is rendered.
  std::uint32_t from_version = 0;
  std::uint32_t events_max = 1000;
  /// Of children; what is not in it is shown as `null`.
  const std::map<ExecutionKey, Bytes>* params = nullptr;
};

/// The events that `entry` stands for, in order of version; none for responses and internal
/// entries.
std::vector<EventView> render_events(const Entry& entry, const RenderContext& context);
/// Only for responses.
ResponseView render_response(const Entry& entry, const RenderContext& context);
EventView render_created(const runtime::ExecutionView& view);
/// Only for finished executions.
EventView render_finished(const runtime::ExecutionView& view);

/// The child whose params an entry shows; 0: none.
ExecutionKey child_of(const Entry& entry);

/// {"ok":…}, {"err":…} or {"execution_failed":{"kind","reason","detail"}}.
std::string render_result(const Outcome& outcome);
/// `index`: of its history, or null when it was not read; then the join set is left out.
std::string render_state(const runtime::ExecutionView& view, const HistoryIndex* index,
                         const std::function<std::string(FunctionId)>& function_name);

std::string join_set_text(JoinSetOrdinal ordinal, const HistoryIndex& index,
                          const std::function<std::string(FunctionId)>& function_name);
std::string deployment_text(DeploymentId id);

}  // namespace stele::api

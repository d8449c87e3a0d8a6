// SPDX-License-Identifier: Apache-2.0
// Owns: the rendering of one stored entry. Life cycle: one call. Thread: any.
// Must hold: see render.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/render.h"

namespace stele::api {

struct EventHead {
  std::uint32_t version = 0;
  Instant at;
};

/// `event`: the tagged JSON of the event. Long summaries are cut.
EventView make_event(EventHead head, std::string kind, std::string summary, std::string_view event);

class EntryRenderer {
 public:
  EntryRenderer(const Entry& entry, const RenderContext& context)
      : entry_(entry), context_(context), next_version_(entry.version) {}

  std::vector<EventView> events();
  ResponseView response();

 private:
  void add(const Persist& body);
  void add(const JoinSetCreate& body);
  void add(const ChildRequest& body);
  void add(const DelayRequest& body);
  void add(const DirectCall& body);
  void add(const Sleep& body);
  void add(const JoinNext& body);
  void add(const JoinNextTry& body);
  void add(const JoinNextTooMany& body);
  void add(const AttemptFailed& body);
  void add(const Control& body);
  void add(const Schedule& body);
  void add(const Stub& body);
  void add(const ComponentUpgrade& body);
  void add(const Ending& /*body*/) {}
  void add(const ChildResponse& /*body*/) {}
  void add(const DelayResponse& /*body*/) {}
  ResponseView answer(const ChildResponse& body);
  ResponseView answer(const DelayResponse& body);

  void history_event(std::string_view type, std::string summary, const std::string& fields);
  void event(std::string kind, std::string summary, const std::string& json);
  void set_created(const std::string& set);
  void child_requested(const std::string& set, const ChildRequest& request);
  void delay_requested(const std::string& set, const DelayRequest& request);
  void next_joined(const std::string& set, FunctionId requested, bool closing);
  ResponseView make_response(std::string_view kind, JoinSetOrdinal set, std::string summary,
                             const std::string& fields);

  std::string set_id(JoinSetOrdinal ordinal) const;
  std::string ffqn(FunctionId function) const;
  /// Of a request that was refused for its function, the name that was asked for.
  std::string ffqn(FunctionId function, const Refused& refused) const;
  std::string params(ExecutionKey child) const;

  const Entry& entry_;
  const RenderContext& context_;
  std::uint32_t next_version_;
  std::vector<EventView> events_;
};

}  // namespace stele::api

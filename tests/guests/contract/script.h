// SPDX-License-Identifier: Apache-2.0
// What a workflow of the contract's tests saw, line by line; ids without their root.
#pragma once

#include "contract_workflows_cpp.h"
//
#include "stele/workflow.h"

namespace script {

namespace support = ::obelisk::workflow::workflow_support;
namespace execution = ::obelisk::types::execution;
namespace types = ::test::contract::types;
namespace work = ::test::contract::work;
namespace ext = ::test::contract_obelisk_ext;

using Lines = std::expected<wit::vector<wit::string>, wit::string>;
using Json = std::expected<std::optional<wit::string>, std::optional<wit::string>>;

inline constexpr std::uint64_t hour_seconds = 3600;
inline constexpr std::string_view contract = "test:contract/work@1.0.0";

inline std::string own_id() { return std::string(support::ExecutionIdCurrent().id.get_view()); }

/// A derived id without this execution's id, which differs in each run of the test.
inline std::string local(std::string_view id) {
  const std::string own = own_id();
  if (id == own) return "self";
  if (id.starts_with(own + ".")) return std::string(id.substr(own.size() + 1));
  const std::string delay = "Delay_" + own.substr(2) + ".";
  if (id.starts_with(delay)) return "delay " + std::string(id.substr(delay.size()));
  return std::string(id);
}

inline std::string show(std::string_view text) { return std::string(text); }
inline std::string show(const char* text) { return text; }
inline std::string show(const std::string& text) { return text; }
inline std::string show(const wit::string& text) { return std::string(text.get_view()); }
inline std::string show(bool value) { return value ? "true" : "false"; }
inline std::string show(wit::Void) { return "nothing"; }
template <typename Number>
  requires std::is_integral_v<Number>
std::string show(Number number) {
  return std::to_string(number);
}

std::string show(const execution::ExecutionId& id);
std::string show(const execution::DelayId& id);
std::string show(const execution::ResponseId& id);
std::string show(const execution::FunctionMismatch& mismatch);
std::string show(execution::ExecutionFailureKind kind);
std::string show(const execution::AwaitNextExtensionError& error);
std::string show(const execution::GetExtensionError& error);
std::string show(const execution::StubError& error);
std::string show(const execution::ScheduleJsonError& error);
std::string show(const support::JoinSetCreateError& error);
std::string show(const support::GetResultJsonError& error);
std::string show(const support::SubmitJsonError& error);
std::string show(const support::JoinNextError& error);
std::string show(const support::JoinNextTryError& error);
std::string show(const support::StubJsonError& error);
std::string show(const types::Failure& failure);
std::string show(const types::Small& small);
std::string show(const ::obelisk::types::join_set::JoinSet& set);
std::string show(const ::obelisk::types::time::Datetime& at);

template <typename T>
std::string show(const std::optional<T>& value);

/// Asked for when the line is written, after all calls in it.
struct Last {
  const stele::JoinSet& set;
};
struct LastOneoff {};
struct LastCall {};
std::string show(const Last& last);
std::string show(LastOneoff);
std::string show(LastCall);

template <typename E>
std::string show(const std::expected<void, E>& value) {
  if (value) return "ok";
  return "err " + show(value.error());
}
template <typename T, typename E>
std::string show(const std::expected<T, E>& value) {
  if (value) return "ok " + show(*value);
  return "err " + show(value.error());
}
template <typename T>
std::string show(const std::optional<T>& value) {
  return value ? show(*value) : "none";
}

/// A copy of an id: the bindings take ids by value.
inline execution::ExecutionId copy(const execution::ExecutionId& id) {
  return {stele::text(id.id.get_view())};
}
inline execution::ExecutionId id_of(std::string_view id) { return {stele::text(id)}; }

inline execution::Function function(std::string_view interface, std::string_view name) {
  return {stele::text(interface), stele::text(name)};
}

class Script {
 public:
  template <typename... Pieces>
  void say(const Pieces&... pieces) {
    std::string line;
    ((line += line.empty() ? show(pieces) : " " + show(pieces)), ...);
    lines_.push_back(stele::text(line));
  }
  Lines end() { return stele::list(std::move(lines_)); }

 private:
  std::vector<wit::string> lines_;
};

}  // namespace script

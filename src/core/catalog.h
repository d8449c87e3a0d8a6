// SPDX-License-Identifier: Apache-2.0
// Owns: what is deployed: each function's kind, component, retry rule, limits and error type, and
// what
//   each import of a workflow component means.
// Life cycle: an immutable value, built at deploy, swapped by the `deploy` input. Thread: any.
// Must hold: a FunctionId names one FFQN with one signature for ever.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "journal/rows.h"

namespace stele::core {

enum class FunctionKind : std::uint8_t { activity, workflow, stub, external };
/// The error type that a platform failure is projected to (contract 2.4).
enum class ErrorType : std::uint8_t { none, text, variant };

struct RetryRule {
  std::optional<std::uint32_t> max_retries = 5;  ///< empty: without limit
  Duration backoff = milliseconds(100);          ///< doubled after each failure
  Duration backoff_max = seconds(3600);
  std::uint32_t jitter_percent = 30;  ///< added, 0 to this many percent
};

/// Delay before retry number `failures` (1-based). `drawn`: uniform 64 random bits. Saturates.
Duration retry_delay(const RetryRule& rule, std::uint32_t failures, std::uint64_t drawn);

using ComponentIndex = std::uint32_t;

struct CatalogFunction {
  FunctionId id{};
  std::string ffqn{};
  std::string name{};  ///< the function's own name, for one-off labels
  FunctionKind kind = FunctionKind::activity;
  ErrorType error_type = ErrorType::none;
  bool cancellable = true;  ///< by request and by closing
  ComponentIndex component = 0;
  RetryRule retry{};
  Duration lock_expiry =
      seconds(1);          ///< activity: wall time of an attempt; workflow: CPU between calls
  bool keepalive = false;  ///< activity: an attempt may last as long as its guest runs
};

/// What an import of a workflow component means.
enum class HostOp : std::uint8_t {
  direct_call,
  submit,
  await_next,
  get,
  schedule,
  stub,
  execution_id_current,
  random_u64,
  random_u64_inclusive,
  random_string,
  sleep,
  join_set_create,
  join_set_create_named,
  join_set_close,
  join_set_id,
  join_set_last_id,
  submit_json,
  get_result_json,
  get_execution_failure_kind,
  last_direct_call_id,
  last_oneoff_id,
  submit_delay,
  join_next,
  join_next_try,
  execution_id_generate,
  schedule_json,
  call_json,
  stub_json,
  join_set_drop,
};
struct ImportTarget {
  HostOp op = HostOp::direct_call;
  FunctionId function{};  ///< for direct_call … stub
  std::string ffqn{};     ///< as imported, for messages
};

/// How a running workflow gets from one version of its component to the next (contract 5.8).
enum class UpgradeRule : std::uint8_t {
  automatic,     ///< after a replay without a difference; otherwise it stays with the old one
  by_function,   ///< at once; a difference fails it
  by_component,  ///< never by itself
};

struct CatalogComponent {
  std::string name{};
  std::string digest{};
  UpgradeRule upgrade = UpgradeRule::automatic;
  std::uint32_t instances_max = UINT32_MAX;  ///< guests of it that run at the same time
  std::vector<ImportTarget> imports{};       ///< workflows: by import index
};

class Catalog {
 public:
  Catalog() = default;
  Catalog(DeploymentId deployment, std::vector<CatalogFunction> functions,
          std::vector<CatalogComponent> components);

  DeploymentId deployment() const { return deployment_; }
  /// Null if the function is not deployed now.
  const CatalogFunction* find(FunctionId id) const;
  const CatalogFunction* find(std::string_view ffqn) const;
  const CatalogComponent& component(ComponentIndex index) const;
  const std::vector<CatalogFunction>& functions() const { return functions_; }

 private:
  DeploymentId deployment_;
  std::vector<CatalogFunction> functions_;
  std::vector<CatalogComponent> components_;
  std::map<FunctionId, std::size_t> by_id_;
  std::map<std::string, std::size_t, std::less<>> by_ffqn_;
};

using CatalogPtr = std::shared_ptr<const Catalog>;

/// The value that a caller sees for an outcome (contract 2.4): JSON {"ok":…} or {"err":…}.
std::string project(const Outcome& outcome, ErrorType error_type);

}  // namespace stele::core

// SPDX-License-Identifier: Apache-2.0
// How components run: `exec`, retries, and what only workflows have.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "server/deployment_section.h"

namespace stele::server {
namespace {

constexpr std::array<std::string_view, 3> strategies{"auto", "by_ffqns", "by_component_digest"};

/// For workflows it is the rule by which they get to a new version of their component.
Result<void> read_strategy(Section& section, TomlReader& exec) {
  const auto strategy = TRY(exec.choice("locking_strategy", strategies));
  if (!strategy) return {};
  if (section.settings.kind == SectionKind::workflow_wasm) {
    section.settings.upgrade = static_cast<core::UpgradeRule>(*strategy);
    return {};
  }
  if (*strategy == 0)
    return exec.refuse(*exec.raw().get("locking_strategy"),
                       "`exec.locking_strategy` = \"auto\" is for workflows only; an activity "
                       "has no history to replay");
  note(section, "exec.locking_strategy",
       "each attempt of an activity runs what is deployed when it begins");
  return {};
}

Result<void> read_blocking_strategy(Section& section) {
  const toml::node* node = section.reader.find("blocking_strategy");
  if (node == nullptr) return {};
  const auto name = node->value_exact<std::string>();
  if (name && *name != "await" && *name != "interrupt")
    return section.reader.refuse(*node,
                                 "`blocking_strategy` must be \"await\", \"interrupt\" or a table");
  if (!name) {
    if (!node->is_table())
      return section.reader.refuse(
          *node, "`blocking_strategy` must be \"await\", \"interrupt\" or a table");
    TomlReader inner(*node->as_table(), section.reader.path(), "`blocking_strategy`");
    constexpr std::array<std::string_view, 2> kinds{"await", "interrupt"};
    TRY(inner.choice("kind", kinds));
    TRY(inner.integer("non_blocking_event_batching", 0, UINT32_MAX));
    TRY(inner.finish());
  }
  note(section, "blocking_strategy",
       "a waiting workflow stays in memory while there is room and is "
       "rebuilt from its history otherwise");
  return {};
}

Result<void> read_backtrace(Section& section) {
  const toml::table* backtrace = TRY(section.reader.table("backtrace"));
  if (backtrace == nullptr) return {};
  TomlReader inner(*backtrace, section.reader.path(), "`backtrace` of " + section.reader.where());
  const toml::table* sources = TRY(inner.table("sources"));
  TRY(inner.finish());
  if (sources == nullptr) return {};
  for (const auto& [frame, node] : *sources) {
    const std::string path = TRY(path_below(section, node, "backtrace.sources"));
    section.settings.sources.emplace(std::string(frame.str()), path);
  }
  return {};
}

}  // namespace

Result<void> read_exec(Section& section) {
  const toml::table* table = TRY(section.reader.table("exec"));
  if (table == nullptr) return {};
  TomlReader exec(*table, section.reader.path(), "`exec` of " + section.reader.where());
  if (TRY(exec.integer("batch_size", 1, UINT32_MAX)))
    note(section, "exec.batch_size", "work is pulled one by one as soon as it is ready");
  if (TRY(exec.duration("tick_sleep"))) note(section, "exec.tick_sleep", "nothing polls here");
  if (const auto expiry = TRY(exec.duration("lock_expiry"))) {
    if (expiry->us <= 0)
      return exec.refuse(*table->get("lock_expiry"), "`exec.lock_expiry` must be longer than 0");
    section.settings.lock_expiry = *expiry;
  }
  TRY(read_strategy(section, exec));
  if (section.settings.kind == SectionKind::activity_wasm)
    section.settings.keepalive = TRY(exec.boolean("keepalive"))
  .value_or(false);
  if (const toml::node* limiter = exec.find("instance_limiter")) {
    const bool fits = limiter->value_exact<std::string>() == "unlimited" ||
                      limiter->value_exact<std::int64_t>().value_or(0) > 0;
    if (!fits)
      return exec.refuse(*limiter,
                         "`exec.instance_limiter` must be a positive integer or \"unlimited\"");
    const auto limit = limiter->value_exact<std::int64_t>().value_or(UINT32_MAX);
    section.settings.instances_max =
        static_cast<std::uint32_t>(std::min<std::int64_t>(limit, UINT32_MAX));
  }
  return exec.finish();
}

Result<void> read_retry(Section& section) {
  const bool activity = section.settings.kind != SectionKind::workflow_wasm;
  core::RetryRule& retry = section.settings.retry;
  if (!activity) retry.max_retries.reset();
  if (activity)
    if (const auto retries = TRY(section.reader.integer("max_retries", 0, UINT32_MAX)))
      retry.max_retries = static_cast<std::uint32_t>(*retries);
  if (const auto backoff = TRY(section.reader.duration("retry_exp_backoff"))) {
    if (!activity && backoff->us <= 0)
      return section.reader.refuse(*section.reader.raw().get("retry_exp_backoff"),
                                   "`retry_exp_backoff` of a workflow must be longer than 0");
    retry.backoff = *backoff;
  }
  if (const auto most = TRY(section.reader.duration("retry_backoff_max"))) {
    if (most->us <= 0)
      return section.reader.refuse(*section.reader.raw().get("retry_backoff_max"),
                                   "`retry_backoff_max` must be longer than 0");
    retry.backoff_max = *most;
  }
  if (const auto jitter = TRY(section.reader.percentage("retry_jitter")))
    retry.jitter_percent = *jitter;
  return {};
}

Result<void> read_workflow_keys(Section& section) {
  TRY(read_blocking_strategy(section));
  if (TRY(section.reader.boolean("lock_extension")))
    note(section, "lock_extension", "a workflow is owned until it ends");
  if (TRY(section.reader.duration("lock_extension_leeway")))
    note(section, "lock_extension_leeway", "a workflow is owned until it ends");
  TRY(read_backtrace(section));
  section.settings.stub_wasi = TRY(section.reader.boolean("stub_wasi"))
  .value_or(false);
  return {};
}

}  // namespace stele::server

// SPDX-License-Identifier: Apache-2.0
// Owns: making scripted components into what an engine runs.
// Life cycle: functions only. Thread: any. Must hold: functions get their numbers from the store.
#pragma once

#include <span>
#include <string>

#include "runtime/options.h"
#include "store/store.h"
#include "wasm/guest.h"

namespace stele::golden {

struct ComponentText {
  wasm::ComponentKind kind = wasm::ComponentKind::activity;
  std::string name{};
  std::string text{};
  core::RetryRule retry{.max_retries = 5,
                        .backoff = milliseconds(100),
                        .backoff_max = seconds(3600),
                        .jitter_percent = 0};
  Duration lock_expiry = seconds(1);
  bool keepalive = false;
  std::uint32_t instances_max = UINT32_MAX;
  core::UpgradeRule upgrade = core::UpgradeRule::automatic;
};

/// Compiles, stores and numbers. Errors: invalid_argument with the component and the line.
Result<runtime::DeployedPtr> deploy(std::span<const ComponentText> texts, wasm::Engines& engines,
                                    Store& store, Instant now);
/// Of a deployment that is stored already: `row` is what the store says of `texts`.
Result<runtime::DeployedPtr> make_deployed(std::span<const ComponentText> texts,
                                           wasm::Engines& engines, const DeploymentRow& row);

}  // namespace stele::golden

// SPDX-License-Identifier: Apache-2.0
// Owns: the making of Engines over the bridge (wasmtime).
// Life cycle: as Engines in wasm/guest.h. Thread: any.
// Must hold: one per process is enough; two work, each with its own pools and threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "wasm/guest.h"

namespace stele::wasm {

enum class Allocation : std::uint8_t {
  pool,  ///< slots reserved at the start; on demand if the machine does not allow so many
  on_demand,
  small,  ///< on demand with small reservations, for sanitizers
};

struct WasmtimeConfig {
  std::string cache_directory = {};            ///< of compiled components; empty: none are kept
  std::uint32_t workflow_guests = 2048;        ///< at the same time, parked ones included
  std::uint32_t other_guests = 1024;           ///< activities and webhooks at the same time
  std::uint64_t memory_bytes = 256ULL << 20U;  ///< largest memory that a guest may be given
  /// Preemption; 10 ms at most. 0: only WasmtimeEngines::tick() advances, and each tick counts as
  /// 10 ms of computing (tests).
  Duration epoch_tick = milliseconds(10);
  std::uint32_t blocking_threads = 8;  ///< of WASI
  Allocation allocation = Allocation::pool;
  bool fuel = false;  ///< guests are metered (Limits::fuel); costs time
};

/// What happened so far; for tests and metrics.
struct WasmtimeFacts {
  std::uint64_t compiled = 0;  ///< with a cache: components that were not in it
  std::uint64_t cached = 0;
  bool workflows_pooled = false;
  bool others_pooled = false;
};

class WasmtimeEngines : public Engines {
 public:
  virtual void tick() noexcept = 0;
  virtual WasmtimeFacts facts() const noexcept = 0;
};

/// Errors: invalid_argument, internal.
Result<std::unique_ptr<WasmtimeEngines>> make_wasmtime_engines(const WasmtimeConfig& config);

}  // namespace stele::wasm

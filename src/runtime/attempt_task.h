// SPDX-License-Identifier: Apache-2.0
// Owns: one attempt of an activity: its guest, its log lines and streams.
// Life cycle: from the release of its start to its report. Thread: turn() by one thread at a time.
// Must hold: it starts only after the commit of its request; its time counts from its first turn.
#pragma once

#include "core/effects.h"
#include "runtime/log_buffer.h"
#include "runtime/surroundings.h"
#include "runtime/task.h"

namespace stele::runtime {

class AttemptTask final : public Task, private wasm::HostCalls {
 public:
  AttemptTask(TaskName task_name, core::StartAttempt start, DeployedPtr deployed,
              const Surroundings& around, LogBuffer& logs);

  TurnEnd turn(Instant now) override;
  std::optional<core::Input> stopped(StopCause cause, const std::string& reason) override;
  std::uint64_t resident_bytes() const override;
  Duration deadline() const override;
  InstanceRule instance_rule() const override;

 private:
  wasm::HostAnswer call(const wasm::HostCall& call) noexcept override;
  void log(std::uint8_t level, std::string_view message) noexcept override;
  void stream(std::uint8_t which, BytesView bytes) noexcept override;

  std::optional<TurnEnd> build();
  void add_line(LogRow row);
  void flush_logs();
  const OutputRule& output() const { return deployed_->components[function_->component].output; }
  core::AttemptEnded ending(core::AttemptEnded::Kind how) const;
  TurnEnd report(core::AttemptEnded ended);
  TurnEnd failed(wasm::Failure failure);

  core::StartAttempt start_;
  DeployedPtr deployed_;
  const core::CatalogFunction* function_ = nullptr;
  Surroundings around_;
  LogBuffer& logs_;
  std::vector<LogRow> lines_;
  std::size_t line_bytes_ = 0;
};

}  // namespace stele::runtime

// SPDX-License-Identifier: Apache-2.0
// Owns: one call of a scripted function: where it is, its variables, the answer that it waits for.
// Life cycle: as wasm::Guest. Thread: as wasm::Guest.
// Must hold: an endless loop yields, so that an interrupt and other guests come in.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/sync.h"
#include "wasm/scripted/program.h"
#include "wasm/scripted/world.h"

namespace stele::wasm::scripted {

class ScriptedGuest final : public Guest {
 public:
  ScriptedGuest(std::shared_ptr<const Program> program, std::size_t function, const Start& start,
                World& world);

  PollResult poll() noexcept override;
  void resume(HostAnswer answer) noexcept override;
  void interrupt() noexcept override;
  std::uint64_t resident_bytes() const noexcept override { return memory_; }

 private:
  /// Empty: go on with the next instruction.
  using Step = std::optional<PollResult>;

  Step begin();
  Step run(const Instruction& now);
  Step host_call(const Instruction& now);
  Step take_answer(const Instruction& now, HostAnswer answer);
  Step finish(bool ok, const std::string& value);
  Step check(const Instruction& now);
  Step loop(const Instruction& now);
  Step wait(const Instruction& now);
  bool interrupted() const;
  std::string fill(const std::string& text) const;

  std::shared_ptr<const Program> program_;
  const Body& body_;
  const Function& function_;
  HostCalls* calls_;
  Wakes* wakes_;
  std::uint64_t guest_id_;
  std::uint64_t value_bytes_max_;
  World& world_;
  std::string params_;
  std::map<std::string, std::string, std::less<>> variables_;
  std::map<std::string, std::uint32_t, std::less<>> handles_;
  std::map<std::size_t, std::uint64_t> rounds_;  ///< of the loops it is in
  std::optional<HostAnswer> resumed_;
  std::size_t at_ = 0;
  std::uint64_t attempt_ = 0;
  std::uint64_t memory_ = 65'536;
  bool parked_ = false;
  mutable Mutex mutex_;
  bool interrupted_ STELE_GUARDED_BY(mutex_) = false;
};

}  // namespace stele::wasm::scripted

// SPDX-License-Identifier: Apache-2.0
#include "workflows_cpp.h"
//
#include "stele/workflow.h"

namespace {

namespace work = ::test::guests::work;
namespace ext = ::test::guests_obelisk_ext;

volatile std::uint64_t sink = 0;

constexpr std::uint64_t hour_seconds = 3600;

}  // namespace

namespace exports::test::guests::flows {

std::expected<std::uint64_t, wit::Void> Seq(std::uint64_t n) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto step = work::Step(i);
    if (!step) return std::unexpected(wit::Void{});
    sum += *step;
  }
  return sum;
}

std::expected<std::uint64_t, wit::Void> Fan(std::uint32_t n) {
  const stele::JoinSet steps = stele::join_set();
  for (std::uint32_t i = 0; i < n; ++i) ext::work::StepSubmit(steps, i);
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto next = ext::work::StepAwaitNext(steps);
    if (!next || !*next) return std::unexpected(wit::Void{});
    sum += **next;
  }
  return sum;
}

std::expected<std::uint64_t, wit::Void> Abandon(std::uint32_t n) {
  const stele::JoinSet steps = stele::join_set();
  for (std::uint32_t i = 0; i < n; ++i) ext::work::StepSubmit(steps, i);
  stele::support::SubmitDelay(steps, stele::in_seconds(hour_seconds));
  return n;
}

std::expected<void, wit::Void> Spin() {
  for (;;) sink = sink + 1;
}

std::expected<std::uint32_t, wit::Void> Nap(std::uint64_t ms, std::uint32_t times) {
  for (std::uint32_t i = 0; i < times; ++i) stele::sleep(stele::in_milliseconds(ms), "nap");
  return times;
}

std::expected<void, wit::string> WaitCancellable() {
  if (!stele::sleep(stele::in_seconds(24 * hour_seconds), "forever"))
    return stele::error("the sleep was cancelled");
  return {};
}

std::expected<std::uint64_t, wit::string> Mixed(std::uint64_t seed) {
  ::obelisk::log::log::Info(stele::join("mixed ", seed));
  auto named = stele::join_set("parts");
  if (!named) return stele::error("no join set");
  if (stele::join_set("parts")) return stele::error("the name was given twice");
  const std::uint64_t drawn = stele::random_below(3) + 1;
  for (std::uint64_t i = 0; i < drawn; ++i) ext::work::StepSubmit(*named, seed + i);
  stele::support::SubmitDelay(*named, stele::in_milliseconds(1));
  ext::flows::SeqSubmit(*named, 3);
  std::uint64_t answered = 0;
  while (stele::support::JoinNext(*named)) ++answered;
  if (answered != drawn + 2) return stele::error("a response is missing");
  const auto refused = work::Refuse("on purpose");
  if (refused || refused.error().get_view() != "on purpose") return stele::error("not refused");
  const auto step = work::Step(seed);
  return step ? *step + 1 : 0;
}

std::expected<void, wit::Void> Trap() {
  (void)work::Step(1);
  __builtin_trap();
}

std::expected<std::uint32_t, wit::Void> Grow(std::uint32_t mib) {
  __builtin_wasm_memory_grow(0, mib * 16U);
  return mib;
}

}  // namespace exports::test::guests::flows

// SPDX-License-Identifier: Apache-2.0
#include "tortures_cpp.h"
//
#include "stele/workflow.h"

#ifndef TORTURE_RELEASE
#define TORTURE_RELEASE "first"
#endif

namespace {

namespace work = ::test::torture::work;
namespace ext = ::test::torture_obelisk_ext;

using Text = std::expected<wit::string, wit::string>;

/// One flow: its name, what it saw last, and its result so far.
struct Flow {
  std::string recorder;
  std::string name;
  std::uint64_t step = 0;
  std::string seen;
  std::string result;

  Flow(const wit::string& to, const wit::string& own)
      : recorder(to.get_view()), name(own.get_view()) {
    ::obelisk::log::log::Debug(stele::join("release ", TORTURE_RELEASE));
  }

  std::string token() { return stele::join(name, "/", step++, "/", seen); }
  void saw(std::string_view what) {
    seen = what;
    result += stele::join(result.empty() ? "" : " ", what);
  }
  bool run() {
    const auto status = work::Attempt(recorder, token());
    if (!status) return false;
    saw(stele::join(*status));
    return true;
  }
  Text end() const { return stele::text(result); }
};

Text failed() { return stele::error("a step has failed"); }

Text chain(Flow flow, std::uint32_t steps, std::uint32_t nap_ms) {
  for (std::uint32_t i = 0; i < steps; ++i) {
    if (!flow.run()) return failed();
    if (nap_ms > 0 && !stele::sleep(stele::in_milliseconds(nap_ms), "nap")) return flow.end();
  }
  return flow.end();
}

}  // namespace

namespace exports::test::torture::flows {

Text Chain(wit::string recorder, wit::string name, std::uint32_t steps, std::uint32_t nap_ms) {
  return chain(Flow(recorder, name), steps, nap_ms);
}

Text Fan(wit::string recorder, wit::string name, std::uint32_t children) {
  Flow flow(recorder, name);
  const stele::JoinSet set = stele::join_set();
  for (std::uint32_t i = 0; i < children; ++i)
    ext::work::AttemptSubmit(set, flow.recorder, flow.token());
  std::uint64_t order = 0;
  for (std::uint32_t i = 0; i < children; ++i) {
    const auto next = ext::work::AttemptAwaitNext(set);
    if (!next || !*next) return failed();
    flow.saw(stele::join(**next));
    order = order * 31 + **next;
  }
  flow.seen = stele::join(order);
  return flow.run() ? flow.end() : failed();
}

Text Tree(wit::string recorder, wit::string name) {
  Flow flow(recorder, name);
  if (!flow.run()) return failed();
  const stele::JoinSet set = stele::join_set();
  const std::string below = stele::join(flow.name, "-", flow.seen);
  ext::flows::ChainSubmit(set, flow.recorder, below + "a", 2, 0);
  ext::flows::ChainSubmit(set, flow.recorder, below + "b", 1, 5);
  for (int i = 0; i < 2; ++i) {
    const auto next = ext::flows::ChainAwaitNext(set);
    if (!next || !*next) return failed();
    flow.saw(stele::join((**next).get_view().substr(0, 3)));
  }
  return flow.run() ? flow.end() : failed();
}

Text Gate(wit::string recorder, wit::string name) {
  Flow flow(recorder, name);
  const auto set = stele::join_set("gate");
  if (!set) return stele::error("no join set");
  const std::string_view question[] = {"go on?"};
  ::test::gates_obelisk_ext::asks::AskSubmit(*set, question);
  const auto given = ::test::gates_obelisk_ext::asks::AskAwaitNext(*set);
  if (!given || !*given) return failed();
  flow.saw((**given).get_view());
  return flow.run() ? flow.end() : failed();
}

Text Later(wit::string recorder, wit::string name, std::uint32_t ms) {
  Flow flow(recorder, name);
  const auto id = ::test::torture_obelisk_schedule::work::AttemptSchedule(
      stele::in_milliseconds(ms), flow.recorder, flow.token());
  return stele::text(id.id.get_view());
}

Text LongCancellable(wit::string recorder, wit::string name) {
  constexpr std::uint32_t steps = 50;
  constexpr std::uint32_t nap_ms = 20;
  return chain(Flow(recorder, name), steps, nap_ms);
}

}  // namespace exports::test::torture::flows

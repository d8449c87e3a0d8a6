// SPDX-License-Identifier: Apache-2.0
#include "script.h"

namespace exports::test::contract::nested {

namespace support = script::support;
namespace ext = script::ext;
namespace types = script::types;
namespace work = script::work;
using script::contract;
using script::function;
using script::Lines;
using script::Script;
using stele::JoinSet;

std::expected<std::uint32_t, wit::Void> Depth(std::uint32_t depth) {
  if (depth == 0) return work::Add(0, 0);
  const auto below = ::test::contract::nested::Depth(depth - 1);
  if (!below) return below;
  return depth + *below;
}

std::expected<void, types::Failure> WaitCancellable() {
  if (support::Sleep(stele::in_seconds(24 * script::hour_seconds), "forever")) return {};
  return std::unexpected(types::Failure{types::Failure::Busy{1}});
}

Lines LeaveChildren() {
  Script out;
  script::execution::ExecutionId cancelled = script::id_of("");
  script::execution::ExecutionId awaited = script::id_of("");
  {
    const JoinSet set = *support::JoinSetCreateNamed("children");
    cancelled = ext::nested::WaitCancellableSubmit(set);
    awaited = ext::nested::DepthSubmit(set, 3);
    ext::work::SpinSubmit(set);
  }
  out.say("cancelled", support::GetExecutionFailureKind(script::copy(cancelled)));
  out.say("cancelled", ext::nested::WaitCancellableGet(script::copy(cancelled)));
  out.say("awaited", ext::nested::DepthGet(script::copy(awaited)));
  return out.end();
}

std::expected<void, wit::Void> TreeCancellable() {
  const JoinSet set = *support::JoinSetCreateNamed("children");
  ext::nested::WaitCancellableSubmit(set);
  ext::nested::DepthSubmit(set, 3);
  ext::approvals::AskSubmit(set, "still there?");
  support::SubmitDelay(set, stele::in_seconds(24 * script::hour_seconds));
  while (support::JoinNext(set)) continue;
  return {};
}

std::expected<types::Everything, wit::string> Echo(types::Everything value) {
  auto direct = work::Echo(std::move(value));
  if (!direct) return direct;
  const JoinSet set = support::JoinSetCreate();
  const auto child = ext::work::EchoSubmit(set, std::move(*direct));
  auto awaited = ext::work::EchoAwaitNext(set);
  if (!awaited) return stele::error(script::show(awaited.error()));
  const auto json = support::GetResultJson(script::copy(child));
  if (!json || !*json || !**json) return stele::error("no JSON of the result");
  const std::string params = stele::join("[", ***json, "]");
  const auto by_name = support::CallJson(function(contract, "echo"), params);
  if (!by_name) return stele::error(script::show(by_name.error()));
  if (!*by_name || (**by_name)->get_view() != (**json)->get_view())
    return stele::error("the JSON has changed on its way");
  return std::move(*awaited);
}

Lines Flat() {
  Script out;
  const std::uint8_t bytes[] = {1, 2, 253};
  wit::vector<std::tuple<std::int32_t, std::int32_t>> corners =
      wit::vector<std::tuple<std::int32_t, std::int32_t>>::allocate(2);
  corners.initialize(0, {-1, 2});
  corners.initialize(1, {3, -4});
  out.say(work::Flat(0x1F600, INT64_MIN, -2.5F, types::Colour::kDarkGreen,
                     types::Rights::kRead | types::Rights::kExec,
                     {types::Shape::Polygon{std::move(corners)}}, {7, "seven"},
                     types::Small{9, stele::text("nine")}, stele::error("none"), bytes));
  for (const std::string_view params :
       {R"(["x",1,0.5,"red",[],"dot",[1,"a"],null,{"ok":3},[]])",
        R"(["x",1,0.5,"dark_green",["write_all"],{"circle":2.5},)"
        R"([1,"a"],{"size":1},{"err":"e"},[9]])",
        R"(["x",1.0,1,"dark-green",["write-all","read"],{"sized":{"size":4,"long-name":null}},)"
        R"([1,"a"],{"size":1,"long_name":"l"},{"ok":3},[]])",
        R"(["xy",1,0.5,"red",[],"dot",[1,"a"],null,{"ok":3},[]])",
        R"(["x",1,0.5,"blue",[],"dot",[1,"a"],null,{"ok":3},[]])",
        R"(["x",1,0.5,"red",["read","read"],"dot",[1,"a"],null,{"ok":3},[]])",
        R"(["x",1,0.5,"red",[],"circle",[1,"a"],null,{"ok":3},[]])",
        R"(["x",1,0.5,"red",[],"dot",[1],null,{"ok":3},[]])",
        R"(["x",1,0.5,"red",[],"dot",[1,"a"],{"long_name":"x"},{"ok":3},[]])",
        R"(["x",1,0.5,"red",[],"dot",[1,"a"],null,{"ok":256},[]])",
        R"(["x",1,0.5,"red",[],"dot",[1,"a"],null,{"ok":3},[-1]])"}) {
    const auto called = support::CallJson(function(contract, "flat"), params);
    out.say(called);
  }
  return out.end();
}

}  // namespace exports::test::contract::nested

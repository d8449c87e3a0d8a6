// SPDX-License-Identifier: Apache-2.0
#include "script.h"

namespace {

using script::Lines;
using script::Script;
using stele::JoinSet;

/// Keeps a handle for ever: the host closes its set at the end.
void leak(JoinSet&& set) { new JoinSet(std::move(set)); }

/// Nobody answers these: what becomes of them is what closing does.
void fill(const JoinSet& set) {
  script::ext::approvals::AskSubmit(set, "first?");
  stele::support::SubmitDelay(set, stele::in_seconds(script::hour_seconds));
  script::ext::approvals::DecideSubmit(set, 3);
}

}  // namespace

namespace exports::test::contract::sets {

namespace support = script::support;
namespace ext = script::ext;
namespace types = script::types;

Lines Create() {
  Script out;
  const JoinSet first = support::JoinSetCreate();
  out.say("generated", first);
  {
    const JoinSet second = support::JoinSetCreate();
    out.say("generated", second);
  }
  const JoinSet third = support::JoinSetCreate();
  out.say("generated", third, "after", "g:2", "was closed");
  auto named = support::JoinSetCreateNamed("my-set/1");
  out.say("named", named->Id());
  out.say("again", support::JoinSetCreateNamed("my-set/1"));
  support::JoinSetClose(std::move(*named));
  out.say("after closing", support::JoinSetCreateNamed("my-set/1"));
  out.say("like a generated one", support::JoinSetCreateNamed("1"));
  out.say("empty", support::JoinSetCreateNamed(""));
  for (const std::string_view name : {"with space", "under_score", "dot.ted", "\xc3\xa9"}) {
    const auto made = support::JoinSetCreateNamed(name);
    out.say(name, made ? "made"
                  : std::holds_alternative<support::JoinSetCreateError::InvalidName>(
                        made.error().variants)
                      ? "invalid-name"
                      : "conflict");
  }
  out.say("no submission", script::Last{first}, support::JoinNext(first));
  out.say("no submission", script::Last{first}, support::JoinNextTry(first));
  return out.end();
}

Lines Mixed() {
  Script out;
  const JoinSet set = *support::JoinSetCreateNamed("mixed");
  out.say(ext::work::AddSubmit(set, 1, 2));
  out.say(ext::work::AddAwaitNext(set), script::Last{set});
  out.say(ext::work::UnitSubmit(set), "then asked for another function");
  out.say(ext::work::AddAwaitNext(set), "last id still", script::Last{set});
  out.say(support::SubmitDelay(set, stele::in_milliseconds(1)));
  out.say(ext::work::AddAwaitNext(set), "last id still", script::Last{set});
  out.say(ext::nested::DepthSubmit(set, 2));
  out.say(ext::nested::DepthAwaitNext(set), script::Last{set});
  out.say(support::SubmitDelay(set, stele::now()), "due at once");
  out.say(support::JoinNext(set), script::Last{set});
  out.say(ext::work::RefuseSubmit(set, "no"));
  out.say(support::JoinNext(set), script::Last{set});
  out.say(ext::work::UnitSubmit(set));
  out.say(support::JoinNext(set), script::Last{set});
  out.say(ext::work::AddAwaitNext(set));
  out.say(support::JoinNext(set));
  out.say(support::JoinNextTry(set));
  return out.end();
}

Lines Try() {
  Script out;
  const JoinSet set = support::JoinSetCreate();
  out.say("empty", support::JoinNextTry(set));
  const auto asked = ext::approvals::AskSubmit(set, "try?");
  out.say("asked", support::JoinNextTry(set));
  out.say(
      ::test::contract_obelisk_stub::approvals::AskStub(script::copy(asked), stele::text("yes")));
  for (;;) {
    const auto found = support::JoinNextTry(set);
    if (found) out.say("answered", found, script::Last{set});
    if (found) break;
    support::Sleep(stele::in_milliseconds(5), "wait");
  }
  out.say("at the end", support::JoinNextTry(set));
  out.say(ext::work::AddSubmit(set, 3, 4));
  out.say("awaited", support::JoinNext(set));
  out.say("then", support::JoinNextTry(set));
  return out.end();
}

Lines Get() {
  Script out;
  const JoinSet set = support::JoinSetCreate();
  const auto add = ext::work::AddSubmit(set, 20, 22);
  const auto unit = ext::work::UnitSubmit(set);
  out.say("early", ext::work::AddGet(script::copy(add)));
  out.say("early", support::GetResultJson(script::copy(add)));
  out.say("early", support::GetExecutionFailureKind(script::copy(add)));
  out.say(support::JoinNext(set).has_value());
  out.say(support::JoinNext(set).has_value());
  for (int i = 0; i < 3; ++i) out.say("again", ext::work::AddGet(script::copy(add)));
  out.say("other function", ext::work::UnitGet(script::copy(add)));
  out.say(ext::work::UnitGet(script::copy(unit)), support::GetResultJson(script::copy(unit)));
  out.say(support::GetResultJson(script::copy(add)), support::GetResultJson(script::copy(add)));
  out.say(support::GetExecutionFailureKind(script::copy(add)));
  out.say("own id", support::GetResultJson(support::ExecutionIdCurrent()));
  out.say("own id", support::GetExecutionFailureKind(support::ExecutionIdCurrent()));
  const bool refused = !support::GetResultJson(script::id_of("nonsense")).has_value();
  out.say("nonsense", refused);
  out.say("unknown", support::GetResultJson(script::id_of(script::own_id() + ".n:other_1")));
  out.say("unknown", ext::work::AddGet(script::id_of(script::own_id() + ".g:1_9")));
  script::execution::ExecutionId swept = script::id_of("");
  {
    const JoinSet left = support::JoinSetCreate();
    swept = ext::approvals::DecideSubmit(left, 7);
  }
  out.say("swept", ext::approvals::DecideGet(script::copy(swept)));
  out.say("swept", support::GetResultJson(script::copy(swept)));
  out.say("swept", support::GetExecutionFailureKind(script::copy(swept)));
  return out.end();
}

Lines Failures() {
  Script out;
  namespace work = script::work;
  const auto kind = [&out] {
    out.say(" kind", support::GetExecutionFailureKind(*support::LastDirectCallId()),
            script::LastOneoff{});
  };
  out.say("trap unit", work::TrapUnit());
  kind();
  out.say("trap value", work::TrapValue());
  kind();
  out.say("trap text", work::TrapText());
  kind();
  out.say("trap variant", work::TrapVariant());
  kind();
  out.say("time-out", work::Spin());
  kind();
  out.say("err", work::Refuse("because"));
  kind();
  out.say("err unit", work::RefuseUnit());
  kind();
  out.say("permanent", work::Choose({types::Failure::PermanentRefusal{stele::text("never")}}));
  out.say("busy", work::Choose({types::Failure::Busy{5}}));
  const JoinSet set = support::JoinSetCreate();
  const auto unit = ext::work::TrapUnitSubmit(set);
  out.say("json unit", support::JoinNext(set), support::GetResultJson(script::copy(unit)));
  const auto variant = ext::work::TrapVariantSubmit(set);
  out.say("typed", ext::work::TrapVariantAwaitNext(set));
  out.say("get", ext::work::TrapVariantGet(script::copy(variant)));
  ext::work::SpinSubmit(set);
  out.say("json text", support::JoinNext(set));
  return out.end();
}

Lines Leave(wit::string how) {
  Script out;
  const std::string_view way = how.get_view();
  JoinSet first = *support::JoinSetCreateNamed("first");
  fill(first);
  JoinSet second = *support::JoinSetCreateNamed("second");
  fill(second);
  out.say(way);
  if (way == "trap") __builtin_trap();
  if (way == "leak") {
    leak(std::move(first));
    leak(std::move(second));
  }
  if (way == "close") {
    support::JoinSetClose(std::move(first));
    out.say("between");
    support::JoinSetClose(std::move(second));
  }
  return out.end();
}

Lines LeaveFailing() {
  Script out;
  {
    const JoinSet set = support::JoinSetCreate();
    ext::work::RefuseSubmit(set, "one");
    ext::work::TrapUnitSubmit(set);
    ext::work::RefuseSubmit(set, "two");
    support::SubmitDelay(set, stele::in_seconds(script::hour_seconds));
    ext::nested::DepthSubmit(set, 1);
    support::Sleep(stele::in_milliseconds(30), "meanwhile");
  }
  const auto first = support::GetResultJson(script::id_of(script::own_id() + ".g:1_1"));
  out.say("first", first);
  out.say("nested", ext::nested::DepthGet(script::id_of(script::own_id() + ".g:1_4")));
  return out.end();
}

Lines WaitForDelay() {
  Script out;
  const JoinSet set = *support::JoinSetCreateNamed("delays");
  out.say(support::SubmitDelay(set, stele::in_seconds(script::hour_seconds)));
  out.say(support::JoinNext(set), script::Last{set});
  return out.end();
}

}  // namespace exports::test::contract::sets

// SPDX-License-Identifier: Apache-2.0
#include "script.h"

namespace exports::test::contract::json {

namespace support = script::support;
namespace ext = script::ext;
using script::contract;
using script::function;
using script::Lines;
using script::Script;
using stele::JoinSet;

namespace {

struct Named {
  std::string_view interface;
  std::string_view name;
  std::string_view params;
};

constexpr Named refused[] = {
    {"nonsense", "add", "[1,2]"},
    {"a:b/", "add", "[1,2]"},
    {contract, "", "[1,2]"},
    {contract, "missing", "[1,2]"},
    {"test:nobody/work@1.0.0", "add", "[1,2]"},
    {contract, "add", "[1,2"},
    {contract, "add", "{\"a\":1,\"b\":2}"},
    {contract, "add", "[1]"},
    {contract, "add", "[1,2,3]"},
    {contract, "add", "[1,\"2\"]"},
    {contract, "add", "[-1,2]"},
};

}  // namespace

Lines Submit() {
  Script out;
  const JoinSet set = *support::JoinSetCreateNamed("json");
  for (const Named& call : refused)
    out.say(support::SubmitJson(set, function(call.interface, call.name), call.params));
  out.say(support::SubmitJson(set, function(contract, "add"), " [ 1, 2 ] "));
  out.say(support::JoinNext(set), script::Last{set});
  out.say(support::SubmitJson(set, function(contract, "refuse"), "[\"why\"]"));
  out.say(support::JoinNext(set));
  const auto unit = support::SubmitJson(set, function(contract, "unit"), "[]");
  out.say(ext::work::UnitAwaitNext(set), ext::work::UnitGet(script::copy(*unit)));
  out.say(support::SubmitJson(set, function("test:contract/nested@1.0.0", "depth"), "[3]"));
  out.say(ext::nested::DepthAwaitNext(set));
  out.say(support::JoinNext(set));
  return out.end();
}

Lines Call() {
  Script out;
  out.say("none before", script::LastCall{}, script::LastOneoff{});
  for (const Named& call : refused)
    out.say(support::CallJson(function(call.interface, call.name), call.params));
  out.say("none after refusals", script::LastCall{});
  out.say(support::CallJson(function(contract, "add"), "[1,2.0]"), script::LastCall{});
  out.say(support::CallJson(function(contract, "refuse"), "[\"w\"]"), script::LastCall{});
  out.say(support::CallJson(function(contract, "unit"), "[]"), script::LastOneoff{});
  out.say(support::CallJson(function(contract, "trap-variant"), "[]"));
  out.say(support::GetExecutionFailureKind(*support::LastDirectCallId()));
  out.say(support::CallJson(function("test:contract/nested@1.0.0", "depth"), "[2]"));
  return out.end();
}

Lines Schedule() {
  Script out;
  const auto id = support::ExecutionIdGenerate();
  const std::string own = script::own_id();
  const std::string_view made = id.id.get_view();
  out.say(made.size(), made.starts_with("E_"), made != own,
          made.substr(0, 12) == std::string_view(own).substr(0, 12));
  for (const Named& call : refused) {
    out.say(support::ScheduleJson(support::ExecutionIdGenerate(), stele::now(),
                                  function(call.interface, call.name), call.params));
  }
  out.say(support::ScheduleJson(script::copy(id), stele::in_milliseconds(20),
                                function(contract, "add"), "[1,2]"));
  out.say("same again", support::ScheduleJson(script::copy(id), stele::in_milliseconds(20),
                                              function(contract, "add"), "[1,2]"));
  out.say("other again", support::ScheduleJson(script::copy(id), stele::now(),
                                               function(contract, "add"), "[5,6]"));
  const auto malformed = support::ScheduleJson(script::id_of("E_nonsense"), stele::now(),
                                               function(contract, "add"), "[1,2]");
  out.say("malformed", malformed ? "ok" : script::show(malformed).substr(0, 22));
  const auto derived = support::ScheduleJson(script::id_of(own + ".n:x_1"), stele::now(),
                                             function(contract, "add"), "[1,2]");
  out.say("derived", derived ? "ok" : script::show(derived).substr(0, 22));
  out.say("id", made);
  return out.end();
}

}  // namespace exports::test::contract::json

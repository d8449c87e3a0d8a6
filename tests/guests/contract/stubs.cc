// SPDX-License-Identifier: Apache-2.0
#include "script.h"

namespace exports::test::contract::stubs {

namespace support = script::support;
namespace ext = script::ext;
namespace stub = ::test::contract_obelisk_stub::approvals;
namespace types = script::types;
using script::copy;
using script::Lines;
using script::Script;
using stele::JoinSet;
using Decision = std::expected<types::Small, types::Failure>;

namespace {

types::Small small(std::uint8_t size, std::string_view name) { return {size, stele::text(name)}; }

void typed(Script& out, const JoinSet& set) {
  const auto ask = ext::approvals::AskSubmit(set, "one?");
  out.say("typed", stub::AskStub(copy(ask), stele::text("yes")));
  out.say("same again", stub::AskStub(copy(ask), stele::text("yes")));
  out.say("other", stub::AskStub(copy(ask), stele::text("no")));
  out.say("err now", stub::AskStub(copy(ask), std::unexpected(wit::Void{})));
  out.say(ext::approvals::AskAwaitNext(set), script::Last{set});
  const auto decide = ext::approvals::DecideSubmit(set, 1);
  out.say("err",
          stub::DecideStub(copy(decide),
                           Decision(std::unexpected(types::Failure{types::Failure::Busy{4}}))));
  out.say(ext::approvals::DecideAwaitNext(set));
  const auto other = ext::approvals::DecideSubmit(set, 2);
  out.say("ok", stub::DecideStub(copy(other), Decision(small(8, "eight"))));
  out.say(ext::approvals::DecideAwaitNext(set), ext::approvals::DecideGet(copy(other)));
  const auto notify = ext::approvals::NotifySubmit(set);
  out.say("unit", stub::NotifyStub(copy(notify), {}));
  out.say(support::JoinNext(set));
}

void by_name(Script& out, const JoinSet& set) {
  const auto ask = ext::approvals::AskSubmit(set, "two?");
  for (const std::string_view wrong :
       {"{\"ok\":5}", "{\"ok\":\"a\",\"err\":null}", "\"yes\"", "{\"ok\"", "{\"err\":\"text\"}"}) {
    const auto done = support::StubJson(copy(ask), wrong);
    const bool type = !done && std::holds_alternative<support::StubJsonError::TypeCheckError>(
                                   done.error().variants);
    out.say(wrong, type ? "type-check-error" : script::show(done));
  }
  out.say(support::StubJson(copy(ask), "{\"ok\":\"json\"}"));
  out.say("same again", support::StubJson(copy(ask), "{\"ok\":\"json\"}"));
  out.say("other", support::StubJson(copy(ask), "{\"ok\":\"text\"}"));
  out.say("typed", stub::AskStub(copy(ask), stele::text("json")));
  out.say(support::JoinNext(set));
  const auto decide = ext::approvals::DecideSubmit(set, 9);
  out.say(support::StubJson(copy(decide), R"({"ok":{"size":3,"long-name":"kebab"}})"));
  out.say(ext::approvals::DecideAwaitNext(set));
}

template <typename Done>
std::string kind(const Done& done) {
  const std::string text = script::show(done);
  return text.substr(0, text.find(':'));
}

void refused(Script& out, const JoinSet& set) {
  const auto add = ext::work::AddSubmit(set, 1, 2);
  const std::string own = script::own_id();
  for (const std::string& id : {own + ".n:stubs_99", own + ".n:nobody_1",
                                std::string("E_01ARZ3NDEKTSV4RRFFQ69G5FAV.n:x_1")}) {
    out.say("unknown", stub::AskStub(script::id_of(id), stele::text("x")),
            support::StubJson(script::id_of(id), "{\"ok\":\"x\"}"));
  }
  out.say("malformed", kind(support::StubJson(script::id_of("nonsense"), "{\"ok\":\"x\"}")));
  out.say("top level", kind(support::StubJson(script::id_of(own), "{\"ok\":\"x\"}")));
  out.say("no stub", kind(support::StubJson(copy(add), "{\"ok\":3}")));
  const auto decide = ext::approvals::DecideSubmit(set, 9);
  out.say("other function", kind(stub::AskStub(copy(decide), stele::text("x"))));
}

}  // namespace

Lines ByWorkflow() {
  Script out;
  const JoinSet set = *support::JoinSetCreateNamed("stubs");
  typed(out, set);
  by_name(out, set);
  refused(out, set);
  const JoinSet own = *support::JoinSetCreateNamed("own");
  const std::string_view question[] = {"a", "b"};
  const auto ask = ::test::inline_obelisk_ext::asks::AskSubmit(own, question);
  out.say(::test::inline_obelisk_stub::asks::AskStub(copy(ask), stele::error("nobody knows")));
  out.say(::test::inline_obelisk_ext::asks::AskAwaitNext(own));
  return out.end();
}

Lines FromOutside() {
  Script out;
  const JoinSet set = *support::JoinSetCreateNamed("outside");
  const std::string_view words[] = {"which", "one"};
  ext::approvals::AskSubmit(set, "who?");
  ext::approvals::DecideSubmit(set, 5);
  ext::jobs::RunSubmit(set, "sort", 2);
  ::test::inline_obelisk_ext::asks::AskSubmit(set, words);
  ::test::inline_obelisk_ext::works::WorkSubmit(set, "weigh", 0.5);
  const auto scheduled =
      ::test::contract_obelisk_schedule::jobs::RunSchedule(stele::now(), "alone", 1);
  for (int i = 0; i < 5; ++i) {
    const auto next = support::JoinNext(set);
    out.say(script::Last{set}, next);
  }
  out.say(support::JoinNext(set));
  out.say("scheduled", scheduled.id);
  return out.end();
}

}  // namespace exports::test::contract::stubs

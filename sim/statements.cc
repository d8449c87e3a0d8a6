// SPDX-License-Identifier: Apache-2.0
// Statements of generated workflows: together they make every call of the host.
#include <fmt/format.h>

#include "sim/generator.h"

namespace stele::sim {

std::string Generator::args(const std::string& round) {
  weight_ += rounds_;
  return fmt::format("[$me.id, {}, {}]", ++calls_, round);
}

std::string Generator::activity(std::string_view name, const std::string& round) {
  return fmt::format("{}.{} {}", activity_interface, name, args(round));
}

std::string Generator::any_activity(const std::string& round) {
  static constexpr std::string_view often[] = {"a0", "a0", "a1", "a2", "a3"};
  static constexpr std::string_view rare[] = {"a4", "a5", "a6", "a7"};
  return activity(one_in(8) ? rare[draw(4)] : often[draw(5)], round);
}

/// A workflow of a higher number, or an activity if the tree would grow too large.
std::string Generator::child(const std::string& round) {
  if (workflow_ + 1 >= workflows) return any_activity(round);
  const Made& made = made_[workflow_ + 1 + draw(workflows - workflow_ - 1)];
  if (weight_ + made.weight * rounds_ > weight_max) return any_activity(round);
  weight_ += made.weight * rounds_;
  return fmt::format("{}.{} [{}]", workflow_interface, made.name, ++calls_);
}

std::string Generator::any_call(const std::string& round) {
  if (one_in(3)) return rounds_ == 1 ? child(round) : any_activity(round);
  if (one_in(20)) return fmt::format("{}.f0 [{}]", fickle_interface, ++calls_);
  return any_activity(round);
}

void Generator::make_statement(const std::string& round, int depth) {
  switch (draw(22)) {
    case 0:
    case 1:
      return line("sleep " +
                  pick({"now", "20ms", "500ms", "3s", "90s", "3s nap", "1500ms", "45s"}));
    case 2: return make_random();
    case 3: return make_ids();
    case 4:
    case 5: return depth == 0 ? make_loop() : make_call(round);
    case 6:
    case 7:
    case 8:
    case 9:
    case 10: return make_set(round);
    case 11:
    case 12: return make_values(round);
    case 13: return make_json_call(round);
    case 14: return make_schedule(round);
    case 15: return make_schedule_json(round);
    case 16: return make_named(round);
    case 17: return make_nested();
    default: return make_call(round);
  }
}

void Generator::make_loop() {
  const std::uint64_t rounds = 1 + draw(4);
  line(fmt::format("loop {} as i", rounds));
  rounds_ = rounds;
  const std::uint64_t statements = 1 + draw(2);
  for (std::uint64_t i = 0; i < statements; ++i) statement([this] { make_statement("$i", 1); });
  rounds_ = 1;
  line("end");
}

void Generator::make_random() {
  switch (draw(4)) {
    case 0: return line("random 0 1000 as r");
    case 1: return line("random-inclusive 3 3 as r");
    case 2: return line("random-text 1 9 as r");
    default: return line("log info line");
  }
}

void Generator::make_ids() {
  switch (draw(5)) {
    case 0: return line("last-call as l");
    case 1: return line("last-oneoff as l");
    case 2: return line("fresh-id as l");
    case 3: line("last-call as l"); return line("failure-kind $l as k");
    default: return line("get-json {\"id\":\"nonsense\"} as l");
  }
}

void Generator::make_call(const std::string& round) {
  const std::uint64_t kind = draw(24);
  if (kind == 0) return line(fmt::format("call {}.fetch {}", external_interface, args(round)));
  if (kind == 1) return line(fmt::format("call {}.ask {} as c", stub_interface, args(round)));
  line("call " + any_call(round) + " as c");
  if (one_in(8)) line("check c");
}

void Generator::make_json_call(const std::string& round) {
  switch (draw(6)) {
    case 0: return line(fmt::format("call-json {}.none [] as c", activity_interface));
    case 1: return line(fmt::format("call-json {}.a0 [1] as c", activity_interface));
    case 2: return line(fmt::format("call-json {}.a0 nonsense as c", activity_interface));
    case 3: return line("call-json nonsense [] as c");
    default: return line("call-json " + any_call(round) + " as c");
  }
}

void Generator::make_schedule(const std::string& round) {
  const std::string when = pick({"now", "5s", "70s"});
  const std::string call = one_in(3) ? child(round) : any_activity(round);
  const std::size_t space = call.find(' ');
  line(fmt::format("schedule {} {}{}", call.substr(0, space), when, call.substr(space)));
}

/// Once, again with the same, and with something else.
void Generator::make_schedule_json(const std::string& round) {
  const std::string when = pick({"now", "5s"});
  const std::string call = activity(one_in(2) ? "a0" : "a1", round);
  line("fresh-id as e");
  line(fmt::format("schedule-json $e {} {} as x", when, call));
  if (one_in(2)) statement([&] { line(fmt::format("schedule-json $e {} {} as x", when, call)); });
  if (one_in(2)) line(fmt::format("schedule-json $e now {}", activity("a0", round)));
  if (one_in(3)) line(fmt::format("schedule-json $e now {}.none []", activity_interface));
  if (one_in(3)) line(fmt::format("schedule-json $e now {}.a0 {{}}", activity_interface));
}

void Generator::make_named(const std::string& round) {
  const std::string set = fmt::format("n{}", names_++);
  line(fmt::format("join {0} named {0}", set));
  line(fmt::format("set-id {} as k", set));
  if (one_in(2)) line(fmt::format("join x{0} named {0}", set));
  if (one_in(3)) line(fmt::format("join y{0} named a_{0}", set));
  statement([&] { make_member(set, round); });
  if (one_in(2)) line("next " + set);
  make_set_end(set);
}

void Generator::make_member(const std::string& set, const std::string& round) {
  switch (draw(12)) {
    case 0:
    case 1:
      return line(
          fmt::format("delay {} {}", set, pick({"now", "1s", "70s", "1s", "1500ms", "45s"})));
    case 2: return line(fmt::format("submit-json {} {}.none [1]", set, activity_interface));
    case 3: return line(fmt::format("submit-json {} {}.a0 [1, 1, 1]", set, activity_interface));
    case 4: return line(fmt::format("submit-json {} {}.a0 nonsense", set, activity_interface));
    case 5: return line(fmt::format("submit-json {} {}", set, any_activity(round)));
    case 6: return line(fmt::format("submit {} {}.ask {}", set, stub_interface, args(round)));
    default: break;
  }
  children_.push_back(fmt::format("c{}", children_.size()));
  line(fmt::format("submit {} {} as {}", set, any_call(round), children_.back()));
}

void Generator::make_join(const std::string& set) {
  switch (draw(8)) {
    case 0: return line("try " + set + " as t");
    case 1: return line(fmt::format("await {} {}.a0", set, activity_interface));
    case 2: return line(fmt::format("await {} {}.{}", set, workflow_interface, made_.back().name));
    case 3: return line("last-id " + set + " as l");
    default: return line("next " + set + " as r");
  }
}

void Generator::make_ask(const std::string& set) {
  if (children_.empty()) return line("set-id " + set + " as k");
  const std::string& child = children_[draw(children_.size())];
  switch (draw(4)) {
    case 0: return line(fmt::format("get {}.a0 ${} as g", activity_interface, child));
    case 1: return line(fmt::format("get-json ${} as g", child));
    case 2: return line(fmt::format("failure-kind ${} as g", child));
    default: return line(fmt::format("get {}.a1 ${} as g", activity_interface, child));
  }
}

void Generator::make_set_end(const std::string& set) {
  switch (draw(4)) {
    case 0: line("close " + set); break;
    case 1: line("drop " + set); break;
    default: return;
  }
  if (one_in(12)) line("next " + set);  // a failure of the workflow
}

void Generator::make_set(const std::string& round) {
  const std::string set = fmt::format("s{}", sets_++);
  line("join " + set);
  const std::uint64_t members = draw(6);
  for (std::uint64_t i = 0; i < members; ++i) statement([&] { make_member(set, round); });
  const std::uint64_t joins = draw(members + 2);
  for (std::uint64_t i = 0; i < joins; ++i) statement([&] { make_join(set); });
  if (one_in(2)) statement([&] { make_ask(set); });
  make_set_end(set);
}

/// Values for stubs and external activities: from the workflow itself, from another one, from the
/// client, or from nobody.
void Generator::make_values(const std::string& round) {
  const std::string set = fmt::format("v{}", sets_++);
  line("join " + set);
  const bool external = one_in(3);
  const std::string function = external ? fmt::format("{}.fetch", external_interface)
                                        : fmt::format("{}.ask", stub_interface);
  line(fmt::format("submit {} {} {} as v", set, function, args(round)));
  const std::uint64_t values = draw(3);
  for (std::uint64_t i = 0; i < values; ++i) {
    statement([&] {
      if (one_in(3) && rounds_ == 1)
        line(fmt::format("call {}.teller [$v.id, {}]", workflow_interface, 5 + draw(2)));
      else if (external || one_in(3))
        line(fmt::format("stub-json $v {}", pick({R"({"ok":5})", R"({"err":"no"})", "nonsense"})));
      else
        line(fmt::format("stub {}.{} $v {{\"ok\":{}}}", stub_interface, one_in(5) ? "other" : "ask",
                         5 + draw(2)));
    });
  }
  if (one_in(6)) line(R"(stub-json {"id":"nonsense"} {"ok":1})");
  if (one_in(2)) line("next " + set);
  make_set_end(set);
}

/// Calls itself until nothing is left to unpack.
void Generator::make_nested() {
  std::string value = R"({"err":"end"})";
  const std::uint64_t depth = 1 + draw(4);
  if (weight_ + 2 * (depth + 1) * rounds_ > weight_max) return line("log info deep");
  weight_ += 2 * (depth + 1) * rounds_;
  for (std::uint64_t i = 0; i < depth; ++i) value = fmt::format(R"({{"ok":{}}})", value);
  line(fmt::format("call {}.nest [{}]", workflow_interface, value));
}

}  // namespace stele::sim

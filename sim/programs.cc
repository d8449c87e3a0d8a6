// SPDX-License-Identifier: Apache-2.0
#include "sim/programs.h"

#include <fmt/format.h>

namespace stele::sim {
namespace {

constexpr std::size_t workflows = 4;
constexpr std::string_view activity_interface = "t:act/a@1.0.0";
constexpr std::string_view workflow_interface = "t:wf/w@1.0.0";

class Generator {
 public:
  Generator(Prng& prng, bool may_crash) : prng_(prng), may_crash_(may_crash) {}

  Programs make() {
    Programs programs;
    programs.activities = make_activities();
    for (std::size_t i = 0; i < workflows; ++i)
      names_.push_back(fmt::format("w{}{}", i, draw(3) == 0 ? "-cancellable" : ""));
    text_ = fmt::format("interface {}\n", workflow_interface);
    for (std::size_t i = 0; i < workflows; ++i) make_workflow(i);
    programs.workflows = std::move(text_);
    for (const std::string& name : names_)
      programs.entries.push_back(fmt::format("{}.{}", workflow_interface, name));
    return programs;
  }

 private:
  std::uint64_t draw(std::uint64_t bound) { return prng_.below(bound); }
  std::string pick(std::initializer_list<std::string_view> all) {
    return std::string(*(all.begin() + draw(all.size())));
  }

  std::string make_activities() {
    const std::string head = "(id: string, n: u32, i: u32) -> result<u32, string>";
    return fmt::format(
        "interface {0}\n"
        "fn a0{1}\nreturn ok $1\nend\n"
        "fn a1{1}\nfail {2} \"not yet\"\nreturn ok $1\nend\n"
        "fn a2{1}\ntrap-first 1 boom\nyield\nwait gate\nprint hello\nreturn ok $1\nend\n"
        "fn a3{1}\nreturn err \"never\"\nend\n"
        "fn a4{1}\n{3}\nreturn ok $1\nend\n",
        activity_interface, head, 1 + draw(2),
        may_crash_ && draw(3) == 0 ? "crash" : "log info working");
  }

  void line(const std::string& text) { text_ += text + '\n'; }

  void make_workflow(std::size_t number) {
    workflow_ = number;
    sets_ = 0;
    calls_ = 0;
    line(fmt::format("fn {}(n: u32) -> result<u32, string>", names_[number]));
    line("id as me");
    const std::uint64_t statements = 2 + draw(4);
    for (std::uint64_t i = 0; i < statements; ++i) make_statement("0", 0);
    switch (draw(6)) {
      case 0: line("return err \"bad\""); break;
      case 1: line("trap broken"); break;
      default: line("return ok $0"); break;
    }
    line("end");
  }

  std::string activity_call(const std::string& round) {
    return fmt::format("{}.a{} [$me.id, {}, {}]", activity_interface, draw(8) == 0 ? 4 : draw(4),
                       ++calls_, round);
  }
  bool has_child() const { return workflow_ + 1 < workflows; }
  std::string child_call() {
    const std::size_t child = workflow_ + 1 + draw(workflows - workflow_ - 1);
    return fmt::format("{}.{} [{}]", workflow_interface, names_[child], ++calls_);
  }
  std::string any_call(const std::string& round) {
    return has_child() && draw(4) == 0 ? child_call() : activity_call(round);
  }

  void make_statement(const std::string& round, int depth) {
    switch (draw(8)) {
      case 0: return line("sleep " + pick({"now", "20ms", "500ms", "3s", "90s"}));
      case 1: return line("random 0 1000 as r");
      case 2: return line("log info line");
      case 3: return depth == 0 ? make_loop() : line("call " + activity_call(round));
      case 4:
      case 5: return make_set(round);
      default:
        line("call " + any_call(round) + " as c");
        if (draw(8) == 0) line("check c");
        return;
    }
  }

  void make_loop() {
    line(fmt::format("loop {} as i", 1 + draw(4)));
    const std::uint64_t statements = 1 + draw(2);
    for (std::uint64_t i = 0; i < statements; ++i) make_statement("$i", 1);
    line("end");
  }

  void make_set(const std::string& round) {
    const std::string set = fmt::format("s{}", sets_++);
    line("join " + set);
    const std::uint64_t members = draw(5);
    for (std::uint64_t i = 0; i < members; ++i) {
      if (draw(4) == 0)
        line(fmt::format("delay {} {}", set, pick({"now", "1s", "70s"})));
      else
        line(fmt::format("submit {} {}", set, any_call(round)));
    }
    const std::uint64_t awaits = draw(members + 2);
    for (std::uint64_t i = 0; i < awaits; ++i) {
      const std::uint64_t how = draw(4);
      if (how == 0)
        line("try " + set);
      else if (how == 1)
        line(fmt::format("await {} {}.a0", set, activity_interface));
      else
        line("next " + set);
    }
    const std::uint64_t end = draw(3);
    if (end == 0) line("close " + set);
    if (end == 1) line("drop " + set);
  }

  Prng& prng_;
  bool may_crash_;
  std::string text_;
  std::vector<std::string> names_;
  std::size_t workflow_ = 0;
  std::size_t sets_ = 0;
  std::uint64_t calls_ = 0;
};

}  // namespace

Programs make_programs(Prng& prng, bool may_crash) { return Generator(prng, may_crash).make(); }

}  // namespace stele::sim

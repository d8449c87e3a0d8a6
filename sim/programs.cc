// SPDX-License-Identifier: Apache-2.0
// The components of a seed, and the frames of its workflows.
#include "sim/programs.h"

#include <fmt/format.h>

#include "sim/generator.h"

namespace stele::sim {

Generator::Generator(Prng prng, const ProgramOptions& options)
    : prng_(prng), options_(options), made_(workflows) {}

std::string Generator::pick(std::initializer_list<std::string_view> all) {
  return std::string(*(all.begin() + draw(all.size())));
}

Programs Generator::make() {
  Programs programs;
  programs.activities = make_activities();
  const std::string head = "(id: string, n: u32, i: u32) -> result<u32, string>\nend\n";
  programs.stubs =
      fmt::format("interface {0}\nfn ask{1}fn other{1}fn unit(id: string) -> result\nend\n",
                  stub_interface, head);
  programs.externals = fmt::format("interface {}\nfn fetch{}", external_interface, head);
  programs.fickle = {make_fickle("a"), make_fickle("b")};
  for (std::size_t i = 0; i < workflows; ++i)
    made_[i].name = fmt::format("w{}{}", i, one_in(3) ? "-cancellable" : "");
  for (std::size_t i = workflows; i > 0; --i) make_workflow(i - 1);
  for (const Version version : {Version::first, Version::longer, Version::different})
    programs.workflows[static_cast<std::size_t>(version)] = make_version(version);
  for (const Made& made : made_)
    programs.entries.push_back(fmt::format("{}.{}", workflow_interface, made.name));
  programs.entries.push_back(programs.entries.front());
  programs.entries.push_back(fmt::format("{}.f0", fickle_interface));
  if (one_in(4)) programs.entries.emplace_back(spinner);
  programs.statements = statements_;
  return programs;
}

std::string Generator::make_activities() {
  const std::string head = "(id: string, n: u32, i: u32) -> result<u32, string>";
  const std::string variant =
      "(id: string, n: u32, i: u32) -> result<u32, variant{execution-failed, permanent-x}>";
  return fmt::format(
      "interface {0}\n"
      "fn a0{1}\nreturn ok $1\nend\n"
      "fn a1{1}\nfail {2} \"not yet\"\nreturn ok $1\nend\n"
      "fn a2{1}\ntrap-first 1 boom\nyield\nwait gate\nprint hello\nmemory 3000000\nreturn ok "
      "$1\nend\n"
      "fn a3{1}\nreturn err \"never\"\nend\n"
      "fn a4{1}\n{3}\nreturn ok $1\nend\n"
      "fn a5{1}\nspin\nend\n"
      "fn a6{1}\nbreak {4} broken\nend\n"
      "fn a7{5}\nreturn err \"permanent_x\"\nend\n",
      activity_interface, head, 1 + draw(2),
      options_.may_crash && one_in(3) ? "crash" : "log info working",
      pick({"memory", "stack", "result", "params", "deadline"}), variant);
}

/// The two letters differ in the names of their join sets only.
std::string Generator::make_fickle(std::string_view letter) const {
  std::string text = fmt::format("interface {}\nfn f0(n: u32) -> result<u32, string>\nid as me\n",
                                 fickle_interface);
  for (int i = 1; i <= 3; ++i)
    text += fmt::format(
        "join s{0} named {1}-{0}\nsubmit s{0} {2}.a0 [$me.id, {0}, 0]\ndelay s{0} 1s\nnext s{0}\n"
        "next s{0}\n",
        i, letter, activity_interface);
  return text + "return ok $0\nend\n";
}

std::string Generator::make_version(Version version) const {
  std::string text = fmt::format("interface {}\n", workflow_interface);
  for (const Made& made : made_) {
    text += fmt::format("fn {}(n: u32) -> result<u32, string>\nid as me\n", made.name);
    if (version == Version::different && made.changes) text += "random 5 9 as z\n";
    text += made.body;
    if (version != Version::first && made.changes)
      text += fmt::format("call {}.a0 [$me.id, {}, 0]\nsleep 20ms\n", activity_interface,
                          made.calls + 9'000);
    text += made.end + "end\n";
  }
  text +=
      "fn teller(id: string, n: u32) -> result<u32, string>\n"
      "stub-json {\"id\":$0} {\"ok\":$1} as x\nreturn ok $1\nend\n";
  text += fmt::format(
      "fn spinner-cancellable(n: u32) -> result<u32, string>\nid as me\njoin s\n"
      "submit s {0}.a0 [$me.id, 1, 0]\ndelay s 3s\nnext s\nlog info spins\nspin\nend\n"
      "fn nest(l: result<any, string>) -> result<u32, string>\nid as me\n"
      "call {0}.a0 [$me.id, 1, 0]\ncall-json {1}.nest [$0.ok] as r\nreturn ok 1\nend\n",
      activity_interface, workflow_interface);
  return text;
}

void Generator::make_workflow(std::size_t number) {
  workflow_ = number;
  sets_ = names_ = 0;
  calls_ = 0;
  weight_ = 1;
  text_.clear();
  children_.clear();
  const std::uint64_t statements = 2 + draw(5);
  for (std::uint64_t i = 0; i < statements; ++i) statement([this] { make_statement("0", 0); });
  Made& made = made_[number];
  made.body = std::move(text_);
  made.end = make_end();
  made.changes = one_in(2);
  made.weight = weight_;
  made.calls = calls_;
}

std::string Generator::make_end() {
  switch (draw(10)) {
    case 0: return "return err \"bad\"\n";
    case 1: return "trap broken\n";
    case 2: return "break memory full\n";
    default: return "return ok $0\n";
  }
}

Programs make_programs(Prng prng, const ProgramOptions& options) {
  return Generator(prng, options).make();
}

}  // namespace stele::sim

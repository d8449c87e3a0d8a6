// SPDX-License-Identifier: Apache-2.0
#include "wasm/scripted/program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "wasm/scripted/words.h"

namespace stele::wasm::scripted {
namespace {

constexpr std::string_view support = "obelisk:workflow/workflow-support@6.0.0";
constexpr std::string_view join_set_interface = "obelisk:types/join-set@5.0.0";

/// A verb that is one host call with fixed shape.
struct HostVerb {
  std::string_view verb;
  std::string_view function;
  bool of_set;
  enum class Rest : std::uint8_t { none, range, when, when_and_name } rest;
};
constexpr std::array host_verbs{
    HostVerb{"next", "join-next", true, HostVerb::Rest::none},
    HostVerb{"try", "join-next-try", true, HostVerb::Rest::none},
    HostVerb{"delay", "submit-delay", true, HostVerb::Rest::when},
    HostVerb{"close", "join-set-close", true, HostVerb::Rest::none},
    HostVerb{"sleep", "sleep", false, HostVerb::Rest::when_and_name},
    HostVerb{"set-id", "[method]join-set.id", true, HostVerb::Rest::none},
    HostVerb{"last-id", "[method]join-set.last-id", true, HostVerb::Rest::none},
    HostVerb{"last-call", "last-direct-call-id", false, HostVerb::Rest::none},
    HostVerb{"last-oneoff", "last-oneoff-id", false, HostVerb::Rest::none},
    HostVerb{"id", "execution-id-current", false, HostVerb::Rest::none},
    HostVerb{"fresh-id", "execution-id-generate", false, HostVerb::Rest::none},
    HostVerb{"random", "random-u64", false, HostVerb::Rest::range},
    HostVerb{"random-inclusive", "random-u64-inclusive", false, HostVerb::Rest::range},
    HostVerb{"random-text", "random-string", false, HostVerb::Rest::range},
};

/// A verb of a function's extension, or of a function by its name.
struct TargetVerb {
  std::string_view verb;
  std::string_view function;  ///< of workflow-support; or the suffix of an extension's function
  std::string_view package;   ///< of an extension
  bool set;
  bool id;
  bool when;
  bool by_name;
  bool text;
};
constexpr std::array target_verbs{
    TargetVerb{"get", "-get", "-obelisk-ext", false, true, false, false, false},
    TargetVerb{"schedule", "-schedule", "-obelisk-schedule", false, false, true, false, false},
    TargetVerb{"stub", "-stub", "-obelisk-stub", false, true, false, false, false},
    TargetVerb{"get-json", "get-result-json", "", false, true, false, false, false},
    TargetVerb{"failure-kind", "get-execution-failure-kind", "", false, true, false, false, false},
    TargetVerb{"submit-json", "submit-json", "", true, false, false, true, true},
    TargetVerb{"call-json", "call-json", "", false, false, false, true, true},
    TargetVerb{"schedule-json", "schedule-json", "", false, true, true, true, true},
    TargetVerb{"stub-json", "stub-json", "", false, true, false, false, true},
};

/// E_… as an execution id; other text is one already.
std::string id_json(std::string_view word) {
  if (!word.starts_with("E_")) return std::string(word);
  return fmt::format(R"({{"id":"{}"}})", word);
}

/// FFQN as a function record, split at the last dot.
std::string function_json(std::string_view ffqn) {
  const std::size_t dot = std::min(ffqn.rfind('.'), ffqn.size());
  const std::string_view name = ffqn.substr(std::min(dot + 1, ffqn.size()));
  return fmt::format(R"({{"interface_name":"{}","function_name":"{}"}})", ffqn.substr(0, dot),
                     name);
}

constexpr std::array levels{std::string_view("trace"), std::string_view("debug"),
                            std::string_view("info"), std::string_view("warn"),
                            std::string_view("error")};

struct NamedFailure {
  std::string_view name;
  FailureKind kind;
};
constexpr std::array failures{
    NamedFailure{"memory", FailureKind::memory_limit},
    NamedFailure{"stack", FailureKind::stack_overflow},
    NamedFailure{"fuel", FailureKind::out_of_fuel},
    NamedFailure{"deadline", FailureKind::deadline},
    NamedFailure{"params", FailureKind::params},
    NamedFailure{"result", FailureKind::result},
    NamedFailure{"instantiate", FailureKind::instantiate},
    NamedFailure{"host", FailureKind::host},
};

class Parser {
 public:
  Result<Program> parse(std::string_view text) {
    while (!text.empty()) {
      ++line_;
      const std::string_view line = trimmed(cut(text, '\n'));
      if (line.empty() || line.front() == '#') continue;
      TRY(parse_line(line));
    }
    if (body_ != nullptr) return refuse("the last function has no end");
    return std::move(program_);
  }

 private:
  std::unexpected<Error> refuse(std::string_view reason) const {
    return fail(Code::invalid_argument, fmt::format("line {}: {}", line_, reason));
  }

  Result<void> parse_line(std::string_view line) {
    std::string_view rest = line;
    const std::string_view verb = next_word(rest);
    if (verb == "interface") {
      interface_ = std::string(rest);
      return {};
    }
    if (verb == "fn") return begin_function(rest);
    if (body_ == nullptr) return refuse("expected interface or fn");
    if (verb == "end") return end_block();
    Instruction made{.as = std::string(cut_as(rest))};
    TRY(parse_verb(verb, rest, made));
    body_->instructions.push_back(std::move(made));
    return {};
  }

  Result<void> begin_function(std::string_view header) {
    if (body_ != nullptr) return refuse("a function inside of a function");
    const std::size_t open = header.find('(');
    const std::size_t arrow = header.find("->");
    const std::size_t close = header.rfind(')', arrow);
    if (open == header.npos || arrow == header.npos || close == header.npos || close < open)
      return refuse("expected fn name(param: type, …) -> result");
    Function function{.interface = interface_,
                      .name = std::string(trimmed(header.substr(0, open)))};
    for (const std::string_view param : split_types(header.substr(open + 1, close - open - 1))) {
      const std::size_t colon = param.find(':');
      if (colon == param.npos) return refuse("a parameter without a type");
      function.params.push_back({std::string(trimmed(param.substr(0, colon))),
                                 std::string(trimmed(param.substr(colon + 1)))});
    }
    function.result = std::string(trimmed(header.substr(arrow + 2)));
    function.extendable = function.result.starts_with("result");
    program_.description.exports.push_back(std::move(function));
    body_ = &program_.bodies.emplace_back();
    return {};
  }

  Result<void> end_block() {
    std::vector<Instruction>& code = body_->instructions;
    if (loops_.empty()) {
      body_ = nullptr;
      return {};
    }
    const std::size_t begin = loops_.back();
    loops_.pop_back();
    code.push_back({.verb = Verb::end_loop, .jump = begin});
    code[begin].jump = code.size();
    return {};
  }

  ImportIndex import(std::string_view interface, std::string_view name) {
    std::vector<Function>& imports = program_.description.imports;
    const auto found = std::ranges::find_if(imports, [&](const Function& function) {
      return function.interface == interface && function.name == name;
    });
    if (found != imports.end()) return static_cast<ImportIndex>(found - imports.begin());
    imports.push_back({.interface = std::string(interface), .name = std::string(name)});
    return static_cast<ImportIndex>(imports.size() - 1);
  }

  /// The import of FFQN, or with `suffix` of its extension function in `package`.
  Result<ImportIndex> import_of(std::string_view ffqn, std::string_view suffix,
                                std::string_view package = "-obelisk-ext") {
    const std::size_t dot = ffqn.rfind('.');
    const std::size_t slash = ffqn.find('/');
    if (dot == ffqn.npos || slash == ffqn.npos || dot < slash) return refuse("expected a function");
    const std::string_view interface = ffqn.substr(0, dot);
    const std::string_view name = ffqn.substr(dot + 1);
    if (suffix.empty()) return import(interface, name);
    return import(
        fmt::format("{}{}{}", interface.substr(0, slash), package, interface.substr(slash)),
        fmt::format("{}{}", name, suffix));
  }

  Result<void> parse_verb(std::string_view verb, std::string_view rest, Instruction& made) {
    for (const HostVerb& row : host_verbs)
      if (row.verb == verb) return parse_host(row, rest, made);
    for (const TargetVerb& row : target_verbs)
      if (row.verb == verb) return parse_target(row, rest, made);
    if (verb == "call" || verb == "submit" || verb == "await") return parse_call(verb, rest, made);
    if (verb == "join") return parse_join(rest, made);
    if (verb == "drop") {
      made.verb = Verb::host_call;
      made.set = std::string(rest);
      made.import = import_drop_join_set;
      return {};
    }
    return parse_plain(verb, rest, made);
  }

  Result<void> parse_host(const HostVerb& row, std::string_view rest, Instruction& made) {
    made.verb = Verb::host_call;
    made.import = import(row.function.front() == '[' ? join_set_interface : support, row.function);
    if (row.of_set) made.set = std::string(next_word(rest));
    made.text = "[]";
    if (row.rest == HostVerb::Rest::none) return {};
    const std::string_view first = next_word(rest);
    if (row.rest == HostVerb::Rest::range) {
      made.text = fmt::format("[{},{}]", first, rest);
      return {};
    }
    const auto schedule = schedule_json(first);
    if (!schedule) return refuse(schedule.error().reason);
    made.text = fmt::format("[{}]", *schedule);
    if (row.rest != HostVerb::Rest::when_and_name) return {};
    made.text = rest.empty() ? fmt::format("[{},null]", *schedule)
                             : fmt::format(R"([{},"{}"])", *schedule, rest);
    return {};
  }

  Result<void> parse_call(std::string_view verb, std::string_view rest, Instruction& made) {
    made.verb = Verb::host_call;
    if (verb != "call") made.set = std::string(next_word(rest));
    const std::string_view ffqn = next_word(rest);
    const std::string_view suffix = verb == "submit"  ? "-submit"
                                    : verb == "await" ? "-await-next"
                                                      : "";
    made.import = TRY(import_of(ffqn, suffix));
    made.text = rest.empty() ? "[]" : std::string(rest);
    return {};
  }

  Result<void> parse_target(const TargetVerb& row, std::string_view rest, Instruction& made) {
    made.verb = Verb::host_call;
    made.import = row.package.empty() ? import(support, row.function)
                                      : TRY(import_of(next_word(rest), row.function, row.package));
    if (row.set) made.set = std::string(next_word(rest));
    std::vector<std::string> params;
    if (row.id) params.push_back(id_json(next_word(rest)));
    if (row.when) {
      const auto schedule = schedule_json(next_word(rest));
      if (!schedule) return refuse(schedule.error().reason);
      params.push_back(*schedule);
    }
    if (row.by_name) params.push_back(function_json(next_word(rest)));
    if (!row.text && rest.starts_with('[') && rest.ends_with(']'))
      rest = trimmed(rest.substr(1, rest.size() - 2));
    if (!row.text && !rest.empty()) params.emplace_back(rest);
    made.text = fmt::format("[{}", fmt::join(params, ","));
    made.quoted = row.text;
    if (row.text) {
      made.text += ',';
      made.last = std::string(rest);
    } else {
      made.text += ']';
    }
    return {};
  }

  Result<void> parse_join(std::string_view rest, Instruction& made) {
    made.verb = Verb::join;
    made.set = std::string(next_word(rest));
    const bool named = next_word(rest) == "named";
    made.import = import(support, named ? "join-set-create-named" : "join-set-create");
    made.text = named ? fmt::format(R"(["{}"])", rest) : "[]";
    return {};
  }

  Result<void> parse_plain(std::string_view verb, std::string_view rest, Instruction& made) {
    struct Plain {
      std::string_view name;
      Verb verb;
      bool counted;
    };
    constexpr std::array verbs{
        Plain{"return", Verb::returning, false}, Plain{"check", Verb::check, false},
        Plain{"log", Verb::log, false},          Plain{"print", Verb::print, false},
        Plain{"loop", Verb::loop, true},         Plain{"trap", Verb::trap, false},
        Plain{"trap-first", Verb::trap, true},   Plain{"fail", Verb::fail, true},
        Plain{"wait", Verb::wait, false},        Plain{"yield", Verb::yield, false},
        Plain{"spin", Verb::spin, false},        Plain{"crash", Verb::crash, false},
        Plain{"break", Verb::breaking, false},   Plain{"memory", Verb::memory, true},
    };
    const auto* found = std::ranges::find(verbs, verb, &Plain::name);
    if (found == verbs.end()) return refuse(fmt::format("unknown verb '{}'", verb));
    made.verb = found->verb;
    made.flag = found->counted;
    if (found->counted) {
      const std::string_view number = next_word(rest);
      const auto [end, code] =
          std::from_chars(number.data(), number.data() + number.size(), made.count);
      if (code != std::errc{} || end != number.data() + number.size())
        return refuse("expected a number");
    }
    if (made.verb == Verb::loop) loops_.push_back(body_->instructions.size());
    if (made.verb == Verb::returning) return parse_return(rest, made);
    if (made.verb == Verb::log) return parse_log(rest, made);
    if (made.verb == Verb::breaking) return parse_break(rest, made);
    made.text = std::string(rest);
    return {};
  }

  Result<void> parse_return(std::string_view rest, Instruction& made) {
    const std::string_view side = next_word(rest);
    if (side != "ok" && side != "err") return refuse("expected return ok or return err");
    made.flag = side == "ok";
    made.text = rest.empty() ? "null" : std::string(rest);
    return {};
  }

  Result<void> parse_log(std::string_view rest, Instruction& made) {
    const std::string_view level = next_word(rest);
    const auto* found = std::ranges::find(levels, level);
    if (found == levels.end()) return refuse(fmt::format("unknown level '{}'", level));
    made.count = static_cast<std::uint64_t>(found - levels.begin()) + 1;
    made.text = std::string(rest);
    return {};
  }

  Result<void> parse_break(std::string_view rest, Instruction& made) {
    const std::string_view name = next_word(rest);
    const auto* found = std::ranges::find(failures, name, &NamedFailure::name);
    if (found == failures.end()) return refuse(fmt::format("unknown failure '{}'", name));
    made.failure = found->kind;
    made.text = std::string(rest);
    return {};
  }

  Program program_;
  std::string interface_;
  Body* body_ = nullptr;
  std::vector<std::size_t> loops_;
  int line_ = 0;
};

}  // namespace

Result<Program> parse_program(std::string_view text) { return Parser().parse(text); }

}  // namespace stele::wasm::scripted

// SPDX-License-Identifier: Apache-2.0
// The functions that take a backtrace, each as an interpreter of another language would call it.
#include "script.h"

namespace exports::test::contract::traced {

namespace traced = ::obelisk::workflow::workflow_support_backtrace;
namespace backtrace = ::obelisk::types::backtrace;
namespace ext = script::ext;
using script::contract;
using script::function;
using script::Lines;
using script::Script;
using stele::JoinSet;

namespace {

/// A frame with a symbol that is known whole and one of which nothing is known.
class Frames {
 public:
  explicit Frames(bool with) : with_(with) {}

  std::optional<backtrace::WasmBacktrace> at(std::uint32_t line) const {
    if (!with_) return std::nullopt;
    std::vector<backtrace::FrameSymbol> symbols;
    symbols.push_back({stele::text("interpreted"), stele::text("script.txt"), line, 3});
    symbols.push_back({});
    std::vector<backtrace::FrameInfo> frames;
    frames.push_back({stele::text("script"), stele::text("main"), stele::list(std::move(symbols))});
    return backtrace::WasmBacktrace{stele::list(std::move(frames))};
  }

 private:
  bool with_;
};

void sets(Script& out, const Frames& frames) {
  JoinSet set = traced::JoinSetCreate(frames.at(1));
  auto named = traced::JoinSetCreateNamed("traced", frames.at(2));
  out.say(set, *named, traced::JoinSetCreateNamed("traced", frames.at(3)));
  const auto asked = traced::SubmitJson(set, function("test:contract/approvals@1.0.0", "ask"),
                                        "[\"?\"]", frames.at(4));
  out.say(asked, traced::JoinNextTry(set, frames.at(5)));
  out.say(traced::StubJson(script::copy(*asked), "{\"ok\":\"!\"}", frames.at(6)));
  out.say(traced::JoinNext(set, frames.at(7)), script::Last{set});
  out.say(traced::SubmitDelay(*named, stele::now(), frames.at(8)));
  out.say(traced::JoinNext(*named, frames.at(9)));
  out.say(traced::JoinNext(*named, frames.at(10)));
  traced::JoinSetClose(std::move(*named), frames.at(11));
  traced::JoinSetClose(std::move(set), frames.at(12));
}

void calls(Script& out, const Frames& frames) {
  out.say(traced::CallJson(function(contract, "add"), "[1,2]", frames.at(20)));
  out.say(traced::CallJson(function(contract, "missing"), "[]", frames.at(21)));
  auto id = traced::ExecutionIdGenerate(frames.at(22));
  out.say(traced::ScheduleJson(std::move(id), stele::now(), function(contract, "unit"), "[]",
                               frames.at(23)));
}

void chance(Script& out, const Frames& frames) {
  out.say(traced::RandomU64(4, 5, frames.at(30)), traced::RandomU64Inclusive(6, 6, frames.at(31)),
          traced::RandomString(3, 4, frames.at(32)).size());
  out.say(traced::Sleep(stele::in_milliseconds(1), "traced", frames.at(33)).has_value(),
          script::LastOneoff{});
}

}  // namespace

Lines All(bool with_frames) {
  Script out;
  const Frames frames(with_frames);
  sets(out, frames);
  calls(out, frames);
  chance(out, frames);
  return out.end();
}

}  // namespace exports::test::contract::traced

// SPDX-License-Identifier: Apache-2.0
// Owns: a scenario file: components as programs, then commands one a line.
// Life cycle: read once, then immutable. Thread: one.
// Must hold: a line that means nothing is refused with its number.
//
//   == activity NAME [retries=N] [backoff=MS] [jitter=PERCENT] [backoff-max=MS] [expiry=MS]
//      [keepalive=yes] [instances=N] [upgrade=auto|function|component] [version=V]
//      (or workflow, stub, external)
//   …a program, see wasm/scripted/program.h…
//   == run [plain-only] [patient] [hot=N] [no-replay]
//   start A t:wf/flow.main [1] [refused CODE]   submits with an id made of the name
//   advance 5s · open GATE · crash · restart · cancel A[.suffix] [refused CODE] ·
//   known A E_… (names an execution that a workflow has scheduled) · redeploy COMPONENT VERSION ·
//   start-paused A FUNCTION [1] Requests, each with an optional `refused CODE` at its end: pause A
//   · unpause A · stub A.suffix {"ok":1} · cancel-delay A SET N · pause-delay A SET N ·
//   unpause-delay A SET N · upgrade A [forced] · go-on A N [pause-children] [pause-delays]
//   (advances by so many events) · backtraces A N (keeps so many) expect A[.suffix] ok|err|failure
//   KIND …|[paused ]ready|blocked|waiting|closing|held captured A … end     what a dry replay would
//   go on with detail A TEXT        a line of the outcome's detail        log A TEXT · no-log A
//   TEXT attempts FFQN PARAMS N · commits N (at most, since the start) · differs A TEXT (a dry
//   replay) events A[.suffix] … end     the history, one line an entry
// After a crash of its own making the runner waits for what is expected, and does not compare
// events, attempts and commits: they may differ.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "golden/deployment.h"

namespace stele::golden {

struct Command {
  int line = 0;
  std::string verb{};
  std::string text{};
  std::vector<std::string> block{};
};

struct Scenario {
  std::vector<ComponentText> components{};
  /// By `name version`: what redeploy puts in the place of the component of that name.
  std::map<std::string, ComponentText> versions{};
  std::vector<Command> commands{};
  bool plain_only = false;
  bool patient = false;  ///< the scenario itself crashes: handled as after a crash of the runner's
  bool replay = true;    ///< every workflow is replayed at the end
  std::uint32_t hot_guests = UINT32_MAX;
};

Result<Scenario> read_scenario(const std::string& path);

std::string next_word(std::string& text);

}  // namespace stele::golden

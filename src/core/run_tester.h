// SPDX-License-Identifier: Apache-2.0
// Owns: a run with its history, as the tests of WorkflowRun drive it: calls by name, responses by
// hand. Life cycle: one test. Thread: one. Must hold: the history is numbered as a partition would
// number it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "core/run_raw.h"
#include "core/workflow_run.h"
#include "journal/hash.h"

namespace stele::core {

class TextParams final : public CallParams {
 public:
  explicit TextParams(std::string text) : text_(std::move(text)) {}
  Result<std::string> render() override {
    ++rendered;
    return text_;
  }
  int rendered = 0;

 private:
  std::string text_;
};

/// Types for texts: what contains `bad` does not fit, `null` is a unit.
class TextChecks final : public JsonChecks {
 public:
  Result<Params> params(FunctionId /*function*/, std::string_view json) override {
    if (json.starts_with('{')) return fail(Code::invalid_argument, "params must be a json array");
    if (!json.starts_with('['))
      return fail(Code::invalid_argument, "cannot parse params as JSON array: no JSON");
    if (json.contains("bad") || refuse_all)
      return fail(Code::invalid_argument, "parameter cardinality mismatch");
    return Params{std::string(json), blake2b_128(json)};
  }
  Result<Outcome> result(FunctionId /*function*/, std::string_view json) override {
    if (json.contains("bad")) return fail(Code::invalid_argument, "the value does not fit");
    const auto member = TRY(raw_member(json));
    return Outcome{.kind = member.key == "ok" ? OutcomeKind::ok : OutcomeKind::err,
                   .value = std::string(member.value)};
  }
  bool refuse_all = false;
};

class RunTester {
 public:
  RunTester() { start({}); }

  static CatalogPtr catalog() {
    const auto function = [](std::uint32_t id, const char* name, ErrorType error_type,
                             FunctionKind kind = FunctionKind::activity) {
      return CatalogFunction{.id = FunctionId(id),
                             .ffqn = std::string("t:act/step.") + name,
                             .name = name,
                             .kind = kind,
                             .error_type = error_type};
    };
    return std::make_shared<Catalog>(
        DeploymentId(1),
        std::vector{function(1, "add", ErrorType::text), function(2, "ping", ErrorType::none),
                    function(3, "pay", ErrorType::variant),
                    function(4, "approve", ErrorType::text, FunctionKind::stub),
                    function(5, "flow", ErrorType::text, FunctionKind::workflow)},
        std::vector{CatalogComponent{.name = "c"}});
  }
  static ExecutionId id() { return {.root = {1, 2}}; }

  void start(RunOptions options) {
    options_ = options;
    head_ = {};
    for (const Entry& entry : history) head_ = after(entry, head_);
    ExecutionId own = id();
    own.suffix = suffix;
    RunStart begin{.key = ExecutionKey(1),
                   .id = own,
                   .catalog = catalog(),
                   .history = history,
                   .options = options,
                   .checks = &checks,
                   .function = own_function};
    inside([&] { run = std::make_unique<WorkflowRun>(std::move(begin)); });
  }
  /// A new run over the history so far.
  void restart() { start(options_); }

  CallOutcome call(HostOp op, const std::string& params = "[]",
                   std::uint32_t handle = no_join_set_handle, std::uint32_t function = 1) {
    const char* const names[] = {"", "add", "ping", "pay", "approve", "flow"};
    const ImportTarget target{.op = op,
                              .function = FunctionId(function),
                              .ffqn = std::string("t:act/step.") + names[function]};
    TextParams text(params);
    const GuestCall made{
        .target = &target, .handle = handle, .params_hash = blake2b_128(params), .params = &text};
    const CallOutcome outcome = inside([&] { return run->call(now, made); });
    rendered = text.rendered;
    if (run->wants_hand_over()) accept();
    return outcome;
  }
  CallOutcome resume() {
    CallOutcome outcome = inside([&] { return run->resume(now); });
    if (run->wants_hand_over()) accept();
    return outcome;
  }
  /// Takes what the run hands over into the history.
  void accept() {
    taken = inside([&] { return run->take(); });
    for (const RunRequest& request : taken.requests) append(request.body);
  }
  /// A response arrives and is delivered.
  void respond(EntryBody body) {
    append(std::move(body));
    inside([&] { run->deliver(std::span(&history.back(), 1)); });
  }
  void child(std::uint32_t set, std::uint32_t index, Outcome outcome) {
    respond(ChildResponse{.seq = head_.response_seq,
                          .join_set = JoinSetOrdinal(set),
                          .child = ExecutionKey(100 + index),
                          .finished_version = 1,
                          .outcome = std::move(outcome),
                          .index = index});
  }
  void child_ok(std::uint32_t set, std::uint32_t index, std::string value) {
    child(set, index, {.kind = OutcomeKind::ok, .value = std::move(value)});
  }
  void delay(std::uint32_t set, std::uint32_t index, bool cancelled = false) {
    respond(DelayResponse{.seq = head_.response_seq,
                          .join_set = JoinSetOrdinal(set),
                          .index = index,
                          .cancelled = cancelled});
  }
  void append(EntryBody body) {
    history.push_back(
        {.position = head_.position, .version = head_.version, .at = now, .body = std::move(body)});
    head_ = after(history.back(), head_);
  }

  /// Told when the run is entered and left, for tests that count what it allocates.
  static inline void (*entered)(bool) = nullptr;
  template <typename Call>
  static std::invoke_result_t<Call> inside(Call call) {
    struct Inside {
      Inside() { tell(true); }
      ~Inside() { tell(false); }
      static void tell(bool in) {
        if (entered != nullptr) entered(in);
      }
    };
    [[maybe_unused]] const Inside scope;
    return call();
  }

  Instant now{1'000'000};
  std::unique_ptr<WorkflowRun> run;
  std::vector<Entry> history;
  Advanced taken;
  int rendered = 0;
  TextChecks checks;
  std::string suffix;       ///< of its id
  FunctionId own_function;  ///< `flow` does not ask for processed responses

 private:
  RunOptions options_;
  HistoryHead head_;
};

}  // namespace stele::core

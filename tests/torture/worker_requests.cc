// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <time.h>

#include "journal/ids.h"
#include "torture/worker.h"

namespace stele::torture {
namespace {

struct Choice {
  Kind kind;
  const char* ffqn;
  std::uint64_t weight;
};
constexpr std::array choices{Choice{Kind::attempt, "work@1.0.0.attempt", 15},
                             Choice{Kind::chain, "flows@1.0.0.chain", 30},
                             Choice{Kind::fan, "flows@1.0.0.fan", 20},
                             Choice{Kind::tree, "flows@1.0.0.tree", 10},
                             Choice{Kind::gate, "flows@1.0.0.gate", 12},
                             Choice{Kind::later, "flows@1.0.0.later", 8},
                             Choice{Kind::cancellable, "flows@1.0.0.long-cancellable", 5}};

std::int64_t wall_ms() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000 + now.tv_nsec / 1'000'000;
}

std::string text_of(const cli::ExecutionResult& result) {
  switch (result.kind) {
    case cli::ResultKind::ok: return "ok " + result.json;
    case cli::ResultKind::err: return "err " + result.json;
    case cli::ResultKind::failure: break;
  }
  return fmt::format("failure {} {}", result.failure.kind, result.failure.reason);
}

cli::Control by(const std::string& id) {
  return {.id = id, .requester = "torture", .reason = "drawn"};
}

}  // namespace

Item Worker::new_item() {
  Item item;
  item.place = items_.size();
  const Ulid ulid = make_ulid(wall_ms(), static_cast<std::uint16_t>(draw_.next()), draw_.next());
  item.id = "E_" + to_text(ulid);
  item.flow = fmt::format("w{}x{}", number_, items_.size());
  std::uint64_t drawn = draw_.below(100);
  const auto* choice = choices.begin();
  for (; drawn >= choice->weight; ++choice) drawn -= choice->weight;
  item.kind = choice->kind;
  item.ffqn = std::string("test:torture/") + choice->ffqn;
  item.begins_paused = item.kind != Kind::attempt && draw_.below(12) == 0;
  item.paused = item.begins_paused;
  std::string more;
  if (item.kind == Kind::chain)
    more = fmt::format(",{},{}", 1 + draw_.below(6), draw_.below(2) * draw_.below(40));
  if (item.kind == Kind::fan) more = fmt::format(",{}", 1 + draw_.below(8));
  if (item.kind == Kind::later) more = fmt::format(",{}", draw_.below(400));
  const std::string token = item.kind == Kind::attempt ? item.flow + "/0/" : item.flow;
  item.params = fmt::format(R"(["{}","{}"{}])", recorder_.address(), token, more);
  return item;
}

Item* Worker::draw_open() { return &items_[open_[draw_.below(open_.size())]]; }

void Worker::complain(const Item& item, const std::string& text) {
  stage_.complain(fmt::format("{} {} {}: {}", item.id, item.flow, item.ffqn, text));
}

bool Worker::is_unknown(const Error& error, const Item& item, const char* what) {
  const bool retry = error.code == Code::unavailable || error.code == Code::resource_exhausted ||
                     error.code == Code::deadline_exceeded;
  // A connection that broke with its server may have other codes.
  if (retry || stage_.wait_for_change(turn_, seconds(2))) {
    ++figures_.unknown;
    return true;
  }
  complain(item, fmt::format("{} was refused: {} {}", what, code_name(error.code), error.reason));
  return false;
}

void Worker::acknowledge(Item& item) {
  if (!std::exchange(item.acknowledged, true)) ++figures_.acknowledged;
}

void Worker::submit(Item& item) {
  ++figures_.submitted;
  const auto answer = client_->submit({.id = item.id,
                                       .ffqn = item.ffqn,
                                       .params = item.params,
                                       .requester = "torture",
                                       .paused = item.begins_paused});
  if (!answer) return void(is_unknown(answer.error(), item, "a submission"));
  if (answer->id != item.id) complain(item, "another id was answered: " + answer->id);
  acknowledge(item);
}

void Worker::submit_again(Item& item) {
  if (item.scheduled) return;
  const auto answer = client_->submit({.id = item.id,
                                       .ffqn = item.ffqn,
                                       .params = item.params,
                                       .requester = "torture",
                                       .paused = item.begins_paused});
  if (!answer) return void(is_unknown(answer.error(), item, "a repeated submission"));
  ++figures_.repeated;
  if (item.acknowledged && !answer->repeated) complain(item, "it was started a second time");
  acknowledge(item);
}

void Worker::watch(Item& item) {
  if (!item.acknowledged) return submit(item);
  const auto seen = client_->get(item.id);
  if (!seen) return void(is_unknown(seen.error(), item, "reading it"));
  ++figures_.gets;
  if (seen->state == "finished") return finished(item, *seen);
  const bool must_pause = item.paused && !item.pause_unknown && !item.cancel_tried;
  if (must_pause && seen->state != "paused")
    complain(item, "it is not paused: " + seen->state_json);
  if (item.kind == Kind::gate) give_value(item);
  if (item.kind != Kind::attempt && draw_.below(3) == 0) read_responses(item);
}

void Worker::finished(Item& item, const cli::Execution& seen) {
  const std::string result = seen.result ? text_of(*seen.result) : "none";
  const bool ok = result.starts_with("ok ");
  if (item.finished && result != item.result)
    complain(item, fmt::format("its result was {} and is {}", item.result, result));
  if (item.paused && !item.pause_unknown && !item.cancel_tried)
    complain(item, "it has finished while paused");
  if (!ok && !item.cancel_tried) complain(item, "it ended with " + result);
  if (item.finished) return;
  item.finished = true;
  item.result = result;
  std::erase(open_, item.place);
  if (!ok) {
    ++figures_.cancelled;
    return;
  }
  if (item.kind != Kind::later) return recorder_.close_flow(item.flow);
  // "E_…": the scheduled execution is one more to watch.
  Item scheduled;
  scheduled.place = items_.size();
  scheduled.id = seen.result->json.substr(1, seen.result->json.size() - 2);
  scheduled.flow = item.flow;
  scheduled.kind = Kind::attempt;
  scheduled.ffqn = "test:torture/work@1.0.0.attempt";
  scheduled.scheduled = true;
  scheduled.acknowledged = true;
  items_.push_back(std::move(scheduled));
  open_.push_back(items_.size() - 1);
}

void Worker::read_responses(Item& item) {
  const auto page = client_->responses({.id = item.id, .from = 1, .limit = 1'000});
  if (!page) return void(is_unknown(page.error(), item, "reading responses"));
  ++figures_.responses;
  std::vector<std::string> seen;
  for (const cli::Item& each : page->items) seen.push_back(each.json);
  if (seen.size() < item.responses.size() ||
      !std::equal(item.responses.begin(), item.responses.end(), seen.begin())) {
    complain(item, "responses that were seen have changed");
  }
  item.responses = std::move(seen);
}

void Worker::give_value(Item& item) {
  const std::string value = fmt::format("v{}", draw_.below(3));
  item.values_tried.push_back(value);
  const auto given =
      client_->stub(by(item.id + ".n:gate_1"), fmt::format(R"({{"ok":"{}"}})", value));
  if (given) {
    ++figures_.values;
    if (item.value_given && *item.value_given != value)
      complain(item, fmt::format("it had {} and took {}", *item.value_given, value));
    item.value_given = value;
    return;
  }
  const Code code = given.error().code;
  if (code == Code::already_exists && item.value_given != value) return;
  // It is asked for later, or was given and the workflow has ended.
  if (code == Code::not_found && !item.value_given) return;
  (void)is_unknown(given.error(), item, "giving a value");
}

void Worker::control(Item& item) {
  if (!item.acknowledged) return submit(item);
  const std::uint64_t drawn = draw_.below(10);
  if (item.kind == Kind::cancellable || item.kind == Kind::attempt) {
    if (drawn < 3) return cancel(item);
    return item.kind == Kind::attempt ? watch(item) : toggle_pause(item);
  }
  if (drawn < 7) return toggle_pause(item);
  upgrade(item);
}

void Worker::toggle_pause(Item& item) { set_pause(item, !item.paused); }

void Worker::set_pause(Item& item, bool paused) {
  const bool was_unknown = item.pause_unknown;
  item.pause_unknown = true;
  const auto done = paused ? client_->pause(by(item.id)) : client_->unpause(by(item.id));
  if (done) {
    ++figures_.pauses;
    item.pause_unknown = false;
    item.paused = paused;
    return;
  }
  if (done.error().code != Code::failed_precondition) {
    (void)is_unknown(done.error(), item, "pausing");
    return;
  }
  // It has ended, is being cancelled, or is as it was to be because an answer was lost.
  const bool may_refuse = paused || was_unknown || item.cancel_tried;
  if (!may_refuse) complain(item, "it is not paused any more: " + done.error().reason);
  const bool already = done.error().reason.find("pause") != std::string::npos;
  item.pause_unknown = false;
  item.paused = already && paused;
}

void Worker::cancel(Item& item) {
  item.cancel_tried = true;
  const auto done = client_->cancel(by(item.id));
  if (done) {
    ++figures_.cancels;
    return;
  }
  if (done.error().code == Code::failed_precondition) return;
  (void)is_unknown(done.error(), item, "cancelling");
}

void Worker::upgrade(Item& item) {
  const auto done = client_->upgrade(by(item.id), false);
  if (done) {
    ++figures_.upgrades;
    return;
  }
  if (done.error().code == Code::failed_precondition &&
      done.error().reason.find("finished") != std::string::npos)
    return;
  (void)is_unknown(done.error(), item, "upgrading");
}

void Worker::settle_one(Item& item) {
  if (item.acknowledged && (item.paused || item.pause_unknown)) set_pause(item, false);
  watch(item);
}

}  // namespace stele::torture

// SPDX-License-Identifier: Apache-2.0
#include "wasm/scripted/guest.h"

#include <charconv>
#include <utility>

#include "base/check.h"
#include "journal/hash.h"
#include "wasm/scripted/words.h"

namespace stele::wasm::scripted {
namespace {

class Rendered final : public ParamsText {
 public:
  explicit Rendered(std::string text) : text_(std::move(text)) {}
  Result<std::string> render() override { return text_; }

 private:
  std::string text_;
};

PollResult failed(FailureKind kind, std::string reason) {
  PollResult result;
  result.state = PollState::failed;
  result.failure = {.kind = kind, .reason = std::move(reason)};
  return result;
}

PollResult in_state(PollState state) {
  PollResult result;
  result.state = state;
  return result;
}

}  // namespace

ScriptedGuest::ScriptedGuest(std::shared_ptr<const Program> program, std::size_t function,
                             const Start& start, World& world)
    : program_(std::move(program)),
      body_(program_->bodies[function]),
      function_(program_->description.exports[function]),
      calls_(start.calls),
      wakes_(start.wakes),
      guest_id_(start.guest_id),
      value_bytes_max_(start.limits.value_bytes),
      world_(world),
      params_(start.params) {}

PollResult ScriptedGuest::poll() noexcept {
  if (attempt_ == 0)
    if (Step step = begin()) return *step;
  if (parked_) {
    CHECK(resumed_.has_value());
    parked_ = false;
    if (Step step =
            take_answer(body_.instructions[at_ - 1], *std::exchange(resumed_, std::nullopt)))
      return *step;
  }
  constexpr int steps_max = 10'000;  // then others come in, as after an epoch
  for (int i = 0; i < steps_max; ++i) {
    if (interrupted()) return failed(FailureKind::interrupted, "interrupted");
    if (at_ >= body_.instructions.size()) return *finish(true, "null");
    const Instruction& now = body_.instructions[at_];
    ++at_;
    if (Step step = run(now)) return *step;
  }
  return in_state(PollState::yielded);
}

void ScriptedGuest::resume(HostAnswer answer) noexcept { resumed_ = std::move(answer); }

void ScriptedGuest::interrupt() noexcept {
  const Lock lock(mutex_);
  interrupted_ = true;
}

bool ScriptedGuest::interrupted() const {
  const Lock lock(mutex_);
  return interrupted_;
}

ScriptedGuest::Step ScriptedGuest::begin() {
  attempt_ = world_.begin_attempt(function_.ffqn() + ' ' + params_);
  const auto elements = json_elements(params_);
  if (!elements || elements->size() != function_.params.size())
    return failed(FailureKind::params, "the params do not fit the function");
  for (std::size_t i = 0; i < elements->size(); ++i) variables_[std::to_string(i)] = (*elements)[i];
  return std::nullopt;
}

ScriptedGuest::Step ScriptedGuest::run(const Instruction& now) {
  switch (now.verb) {
    case Verb::host_call:
    case Verb::join: return host_call(now);
    case Verb::returning: return finish(now.flag, fill(now.text));
    case Verb::check: return check(now);
    case Verb::log: calls_->log(static_cast<std::uint8_t>(now.count), fill(now.text)); break;
    case Verb::print: calls_->stream(1, fill(now.text) + '\n'); break;
    case Verb::loop:
    case Verb::end_loop: return loop(now);
    case Verb::trap:
      if (now.flag && attempt_ > now.count) break;
      return failed(FailureKind::trap, fill(now.text));
    case Verb::fail:
      if (attempt_ > now.count) break;
      return finish(false, now.text.empty() ? "null" : fill(now.text));
    case Verb::wait: return wait(now);
    case Verb::yield: return in_state(PollState::yielded);
    case Verb::spin: --at_; return in_state(PollState::yielded);
    case Verb::crash: world_.crash(); return in_state(PollState::yielded);
    case Verb::breaking: return failed(now.failure, fill(now.text));
    case Verb::memory: memory_ = now.count; break;
  }
  return std::nullopt;
}

ScriptedGuest::Step ScriptedGuest::host_call(const Instruction& now) {
  std::string written = fill(now.text);
  if (now.quoted) written += json_text(fill(now.last)) + ']';
  const std::string params = canonical(written);
  Rendered rendered(params);
  HostCall call{.import = now.import, .params_hash = blake2b_128(params), .params = &rendered};
  if (now.verb == Verb::host_call && !now.set.empty()) {
    const auto handle = handles_.find(now.set);
    if (handle == handles_.end())
      return failed(FailureKind::trap, "there is no join set " + now.set);
    call.handle = handle->second;
  }
  HostAnswer answer = calls_->call(call);
  if (answer.kind != AnswerKind::pending) return take_answer(now, std::move(answer));
  parked_ = true;
  return in_state(PollState::parked);
}

ScriptedGuest::Step ScriptedGuest::take_answer(const Instruction& now, HostAnswer answer) {
  if (answer.kind == AnswerKind::trap) return failed(FailureKind::trap, std::move(answer.text));
  if (now.verb == Verb::join) {
    const std::string plain = json_part(answer.text, "ok");
    const std::string& number = plain == "null" ? answer.text : plain;
    std::uint32_t handle = 0;
    const char* end = number.data() + number.size();
    if (std::from_chars(number.data(), end, handle).ec == std::errc{}) handles_[now.set] = handle;
  }
  if (!now.as.empty()) variables_[now.as] = std::move(answer.text);
  return std::nullopt;
}

ScriptedGuest::Step ScriptedGuest::finish(bool ok, const std::string& value) {
  PollResult result = in_state(PollState::finished);
  result.finished = {.ok = ok, .permanent = false, .value = canonical(value)};
  if (result.finished.value.size() > value_bytes_max_)
    return failed(FailureKind::result, "the result is too large");
  const bool variant = function_.result.find("variant{") != std::string::npos;
  if (!ok && variant)
    result.finished.permanent = case_name(value).find("permanent") != std::string::npos;
  return result;
}

ScriptedGuest::Step ScriptedGuest::check(const Instruction& now) {
  const auto found = variables_.find(now.text);
  if (found == variables_.end() || case_name(found->second) != "err") return std::nullopt;
  return finish(false, json_part(found->second, "err"));
}

ScriptedGuest::Step ScriptedGuest::loop(const Instruction& now) {
  const bool begins = now.verb == Verb::loop;
  const std::size_t head = begins ? at_ - 1 : now.jump;
  const Instruction& loop = body_.instructions[head];
  if (begins) rounds_[head] = 0;
  if (!begins) ++rounds_[head];
  const std::uint64_t round = rounds_[head];
  at_ = round < loop.count ? head + 1 : loop.jump;
  if (!loop.as.empty()) variables_[loop.as] = std::to_string(round);
  return std::nullopt;
}

ScriptedGuest::Step ScriptedGuest::wait(const Instruction& now) {
  if (world_.pass(fill(now.text), guest_id_, wakes_)) return std::nullopt;
  --at_;
  return in_state(PollState::waiting);
}

std::string ScriptedGuest::fill(const std::string& text) const {
  if (text.find('$') == std::string::npos) return text;
  return filled_in(text, [this](std::string_view name) {
    const auto found = variables_.find(name);
    return found == variables_.end() ? std::string() : found->second;
  });
}

}  // namespace stele::wasm::scripted

// SPDX-License-Identifier: Apache-2.0
#include "wasm/wasmtime/guest.h"

#include <algorithm>
#include <iterator>

#include "bridge.h"
#include "wasm/wasmtime/text.h"

namespace stele::wasm::wasmtime {
namespace {

/// What `entry` makes of something that lies on the other side.
template <typename Entry, typename Thing>
Result<std::string> rendered(Entry entry, const Thing* thing) {
  Text text;
  Text error;
  const std::int32_t code = entry(thing, text.out(), error.out());
  if (code != 0) return refused(code, error);
  return text.str();
}

class CallParams final : public ParamsText {
 public:
  explicit CallParams(const st_params* params) : params_(params) {}
  Result<std::string> render() override { return rendered(st_params_render, params_); }

 private:
  const st_params* params_;
};

class CallBacktrace final : public BacktraceText {
 public:
  explicit CallBacktrace(const st_backtrace* backtrace) : backtrace_(backtrace) {}
  Result<std::string> render() override { return rendered(st_backtrace_render, backtrace_); }

 private:
  const st_backtrace* backtrace_;
};

PollResult to_result(const st_poll& poll) {
  PollResult result{};
  result.state = static_cast<PollState>(poll.state);
  if (result.state == PollState::finished) {
    result.finished = {.ok = poll.ok != 0,
                       .permanent = poll.permanent != 0,
                       .value = std::string(from_view(poll.value))};
  }
  if (result.state == PollState::failed) {
    result.failure = {.kind = static_cast<FailureKind>(poll.failure_kind),
                      .reason = std::string(from_view(poll.reason)),
                      .detail = std::string(from_view(poll.detail))};
  }
  return result;
}

class BridgeGuest final : public Guest {
 public:
  explicit BridgeGuest(HostCalls* calls) : calls_(calls) {}
  BridgeGuest(const BridgeGuest&) = delete;
  BridgeGuest& operator=(const BridgeGuest&) = delete;
  ~BridgeGuest() override { st_guest_free(guest_); }

  st_guest** slot() { return &guest_; }

  st_callbacks callbacks() {
    return {.context = this, .call = &on_call, .log = &on_log, .stream = &on_stream};
  }

  PollResult poll() noexcept override {
    st_poll poll{};
    st_guest_poll(guest_, &poll);
    return to_result(poll);
  }

  void resume(HostAnswer answer) noexcept override {
    const std::uint8_t trap = answer.kind == AnswerKind::trap ? 1 : 0;
    st_guest_resume(guest_, trap, to_view(answer.text));
  }

  void interrupt() noexcept override { st_guest_interrupt(guest_); }

  std::uint64_t resident_bytes() const noexcept override { return st_guest_resident_bytes(guest_); }

 private:
  static void on_call(void* context, const st_call* call, st_answer* answer) noexcept {
    auto* self = static_cast<BridgeGuest*>(context);
    CallParams params(call->params);
    CallBacktrace backtrace(call->backtrace);
    HostCall asked{.import = call->import,
                   .handle = call->handle,
                   .params_hash = {},
                   .params = &params,
                   .backtrace = call->backtrace == nullptr ? nullptr : &backtrace};
    std::ranges::copy(call->hash, asked.params_hash.bytes.begin());
    self->answer_ = self->calls_->call(asked);
    answer->kind = static_cast<std::uint8_t>(self->answer_.kind);
    answer->text = to_view(self->answer_.text);
  }

  static void on_log(void* context, std::uint8_t level, st_view message) noexcept {
    static_cast<BridgeGuest*>(context)->calls_->log(level, from_view(message));
  }

  static void on_stream(void* context, std::uint8_t which, st_view bytes) noexcept {
    static_cast<BridgeGuest*>(context)->calls_->stream(which, from_view(bytes));
  }

  HostCalls* calls_;
  HostAnswer answer_;  // the bridge reads its text after the callback
  st_guest* guest_ = nullptr;
};

void on_woken(void* context, std::uint64_t guest_id) noexcept {
  static_cast<Wakes*>(context)->woken(guest_id);
}

/// The C form of an Environment; points into it.
struct CEnvironment {
  std::vector<st_variable> variables;
  std::vector<std::vector<st_view>> methods;
  std::vector<st_allowed_host> hosts;
  st_environment whole{};

  explicit CEnvironment(const Environment& given) {
    for (const auto& [name, value] : given.variables) {
      variables.push_back({.name = to_view(name), .value = to_view(value)});
    }
    for (const AllowedHost& host : given.allowed_hosts) {
      std::vector<st_view>& views = methods.emplace_back();
      std::ranges::transform(host.methods, std::back_inserter(views), to_view);
    }
    for (std::size_t at = 0; at < methods.size(); ++at) {
      hosts.push_back({.pattern = to_view(given.allowed_hosts[at].pattern),
                       .methods = methods[at].data(),
                       .methods_count = methods[at].size()});
    }
    whole = {.variables = variables.data(),
             .variables_count = variables.size(),
             .hosts = hosts.data(),
             .hosts_count = hosts.size()};
  }
};

}  // namespace

Result<std::unique_ptr<Guest>> make_guest(const st_component* component, const Start& start) {
  static const Environment nothing;
  const CEnvironment environment(start.environment == nullptr ? nothing : *start.environment);
  auto guest = std::make_unique<BridgeGuest>(start.calls);
  const st_start given{
      .guest_id = start.guest_id,
      .function = to_view(start.function),
      .params = to_view(start.params),
      .memory_bytes = start.limits.memory_bytes,
      .value_bytes = start.limits.value_bytes,
      .cpu_us = static_cast<std::uint64_t>(std::max<std::int64_t>(start.limits.cpu.us, 0)),
      .fuel = start.limits.fuel,
      .backtraces = static_cast<std::uint8_t>(start.backtraces ? 1 : 0),
      .environment = &environment.whole,
      .callbacks = guest->callbacks(),
      .wakes = {.context = start.wakes, .woken = &on_woken}};
  Text error;
  const std::int32_t code = st_guest_new(component, &given, guest->slot(), error.out());
  if (code != 0) return refused(code, error, std::string(start.function));
  return guest;
}

}  // namespace stele::wasm::wasmtime

// SPDX-License-Identifier: Apache-2.0
// Owns: the port to running guests: compile, instantiate, poll, resume, interrupt, drop.
// Life cycle: an Engines outlives its Components, a Component outlives its Guests; a Guest is one
//   attempt of an activity or one run of a workflow and never runs a second call.
// Thread: Engines and Component: any thread. Guest: poll, resume and destruction never at the same
//   time (any thread, one after another); interrupt(): any thread while the Guest lives.
// Must hold: no method throws or blocks beyond the guest's own computing; a guest that failed is
//   never polled again; destroying a Guest runs no guest code.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "wasm/description.h"

namespace stele::wasm {

/// Index into Description::imports of the component that calls.
using ImportIndex = std::uint32_t;
/// `import` of a HostCall that is the destructor of a join-set handle (its `handle` is dropped).
constexpr ImportIndex import_drop_join_set = UINT32_MAX;
/// `handle` of a HostCall whose function takes no join-set handle.
constexpr std::uint32_t no_handle = UINT32_MAX;

/// Renders the parameters of the call in hand as a JSON array (ABI form: contract section 4 plus
/// the escaped forms), without a leading join-set handle. Valid only during the callback.
class ParamsText {
 public:
  virtual ~ParamsText() = default;
  virtual Result<std::string> render() = 0;
};

/// Renders where the guest stands: {"frames":[{"module","func_name","symbols":[{"func_name","file",
/// "line","col"}]}]}, innermost first; what is not known is null. Valid only during the callback.
class BacktraceText {
 public:
  virtual ~BacktraceText() = default;
  virtual Result<std::string> render() = 0;
};

/// One call of an imported function by the guest.
struct HostCall {
  ImportIndex import = 0;
  std::uint32_t handle = no_handle;  ///< the number given when the join set was created
  Hash128 params_hash{};  ///< over the typed values, without the handle; versioned encoding
  ParamsText* params = nullptr;
  /// Start::backtraces only. What the guest gave to a function of workflow-support-backtrace wins.
  BacktraceText* backtrace = nullptr;
};

enum class AnswerKind : std::uint8_t {
  answer,   ///< `text` is the JSON of the result value ("null" where there is none)
  pending,  ///< the guest is parked until Guest::resume
  trap,     ///< the guest traps; `text` is the reason
};
struct HostAnswer {
  AnswerKind kind = AnswerKind::pending;
  std::string text{};
};

/// What a guest asks of its host. Called on the guest's 2 MiB stack, in the middle of poll():
/// bounded work, never blocks, never polls, resumes or destroys a guest.
/// A created join-set handle is answered as its number: `3`, or `{"ok":3}` where it is in a result.
class HostCalls {
 public:
  virtual ~HostCalls() = default;
  virtual HostAnswer call(const HostCall& call) noexcept = 0;
  /// A line through obelisk:log. `level` 1 trace … 5 error.
  virtual void log(std::uint8_t level, std::string_view message) noexcept = 0;
  /// Bytes written to stdout (1) or stderr (2) of an activity.
  virtual void stream(std::uint8_t which, BytesView bytes) noexcept = 0;
};

/// Called from any thread, at any time, also after the guest is gone; must only enqueue.
class Wakes {
 public:
  virtual ~Wakes() = default;
  virtual void woken(std::uint64_t guest_id) noexcept = 0;
};

enum class PollState : std::uint8_t {
  parked,    ///< in a host call that was answered `pending`; poll again after resume()
  waiting,   ///< in I/O; poll again after Wakes::woken
  yielded,   ///< preempted by the epoch; poll again, behind others
  finished,  ///< the function returned
  failed,    ///< the guest is broken; `failure` says how
};

enum class FailureKind : std::uint8_t {
  trap,          ///< guest trap, or a trap answered by the host
  memory_limit,  ///< memory or table growth past the limit
  stack_overflow,
  deadline,     ///< Limits::cpu reached
  interrupted,  ///< interrupt() was called
  params,       ///< parameters do not fit the function's type
  result,       ///< result does not fit the declared type or the size limit
  instantiate,  ///< the component cannot be instantiated (its own start traps count as trap)
  host,         ///< shortage or bug of the host: not the guest's fate
  out_of_fuel,  ///< Limits::fuel used up
};

struct Finished {
  bool ok = true;
  bool permanent = false;  ///< `err` with a variant case whose name contains "permanent"
  std::string value{};     ///< JSON of the ok or err payload, "null" for none
};

struct Failure {
  FailureKind kind = FailureKind::trap;
  std::string reason{};
  std::string detail{};  ///< backtrace, or empty
};

struct PollResult {
  PollState state = PollState::parked;
  Finished finished{};
  Failure failure{};
};

class Guest {
 public:
  virtual ~Guest() = default;
  /// Runs the guest until it is parked, waits, yields or ends. The first poll instantiates.
  virtual PollResult poll() noexcept = 0;
  /// Fills the slot of the pending host call. Precondition: the last poll said `parked`.
  virtual void resume(HostAnswer answer) noexcept = 0;
  /// Asks the guest to end at its next epoch check (10 ms at most while it computes); poll() then
  /// says failed(interrupted). A guest that is parked or waiting is simply destroyed instead.
  virtual void interrupt() noexcept = 0;
  /// Bytes of linear memory that this guest keeps resident, sampled.
  virtual std::uint64_t resident_bytes() const noexcept = 0;
};

struct Limits {
  std::uint64_t memory_bytes = 256ULL << 20U;
  std::uint64_t value_bytes = 4ULL << 20U;  ///< params and result text
  Duration cpu{};  ///< computing since the last host call; 0: none (then only interrupt() ends it)
  std::uint64_t fuel = 0;  ///< of the whole guest; 0: none. Needs engines made with fuel
};

/// What a guest may reach through WASI; activities only.
struct Environment {
  std::vector<std::pair<std::string, std::string>> variables{};
  std::vector<AllowedHost> allowed_hosts{};
};

struct Start {
  std::uint64_t guest_id = 0;   ///< told to Wakes
  std::string_view function{};  ///< FFQN of an export: ns:pkg/ifc@ver.fn
  std::string_view params{};    ///< JSON array, ABI form, canonical (from check_params)
  HostCalls* calls = nullptr;   ///< outlives the guest
  Wakes* wakes = nullptr;       ///< outlives the engines
  Limits limits{};
  const Environment* environment = nullptr;  ///< copied; null: nothing allowed
  bool backtraces = false;                   ///< HostCall::backtrace is there; costs time
};

struct CheckedValue {
  std::string text{};      ///< canonical ABI form
  Hash128 hash{};          ///< over the typed values
  bool permanent = false;  ///< results only
};

/// A compiled component. Immutable.
class Component {
 public:
  virtual ~Component() = default;
  virtual const Description& description() const noexcept = 0;
  /// Never instantiates yet; the first poll does. Errors: not_found (function), resource_exhausted.
  virtual Result<std::unique_ptr<Guest>> instantiate(const Start& start) = 0;
  /// Checks a JSON array from a user (contract section 4; snake_case or kebab-case; char accepted)
  /// against the parameters of `function`. Errors: invalid_argument with the contract's texts.
  virtual Result<CheckedValue> check_params(std::string_view function,
                                            std::string_view json) const = 0;
  /// Checks {"ok":…} or {"err":…} against the return type of `function`.
  virtual Result<CheckedValue> check_result(std::string_view function,
                                            std::string_view json) const = 0;
};

struct ComponentSource {
  ComponentKind kind = ComponentKind::activity;
  std::string_view name{};  ///< for messages
  /// a component (binary or text); for stub and external only its exports are read, and it may be
  /// an encoded WIT package or WIT text as well
  std::string_view bytes{};
  bool stub_wasi = false;  ///< workflows: link deterministic WASI stubs
};

class Engines {
 public:
  virtual ~Engines() = default;
  /// Compiles, or takes from the ahead-of-time cache, and links against the host. Checks everything
  /// that can be seen of one component alone (allowed imports, return types, names).
  /// Errors: invalid_argument (damaged, core module, wrong imports or exports: the function is
  /// named).
  virtual Result<std::shared_ptr<Component>> compile(const ComponentSource& source) = 0;
};

}  // namespace stele::wasm

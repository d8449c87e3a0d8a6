// SPDX-License-Identifier: Apache-2.0
// Owns: the state of one run: what is left to replay, the join sets, the call that waits, what is
// to
//   be handed over.
// Life cycle: as its WorkflowRun. Thread: as its WorkflowRun.
// Must hold: between calls at most one call waits; one-off sets are answered in order of creation,
//   because the run can make the next one only after the last one's answer.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/run_arrivals.h"
#include "core/run_json.h"
#include "core/run_match.h"
#include "core/run_processed.h"
#include "core/workflow_run.h"

namespace stele::core {

/// A join set that is not closed. One-off sets are not kept.
struct RunSet {
  JoinSetKind kind = JoinSetKind::generated;
  std::string name{};
  std::vector<FunctionId> functions{};  ///< of the children, by index - 1; 0: it was refused
  std::uint32_t refused = 0;
  std::uint32_t delays = 0;
  std::uint32_t consumed = 0;  ///< join-nexts recorded
  ArrivalQueue queue{};
  std::optional<Arrived> last{};  ///< the last one consumed, without its value

  /// Indexes used.
  std::uint32_t members() const { return static_cast<std::uint32_t>(functions.size()) + delays; }
  /// Those that answer.
  std::uint32_t submitted() const { return members() - refused; }
  std::string id() const { return join_set_id(kind, name); }
  FunctionId function_of(const Arrived& arrived) const {
    const bool known = !arrived.delay && arrived.index - 1 < functions.size();
    return known ? functions[arrived.index - 1] : FunctionId();
  }
};

/// The call that waits for a response, or for an answer of the partition.
struct Waiting {
  enum class Kind : std::uint8_t {
    none,
    direct_call,
    call_json,
    sleep,
    join_next,
    await_next,
    closing,
    schedule,   ///< the entry that a schedule-json becomes
    stub,       ///< the entry that a stub becomes
    read_back,  ///< a cold value
    stopped
  };
  Kind kind = Kind::none;
  JoinSetOrdinal set{};
  FunctionId function{};  ///< called directly, or asked for by -await-next
  Instant expires{};      ///< of a sleep
  Ulid id{};              ///< of a schedule
  std::string level{};    ///< of a cold child
  bool typed = false;     ///< read_back: -get

  /// The thread waits for the partition, not for a response: the run goes on.
  bool running() const {
    return kind == Kind::none || kind == Kind::schedule || kind == Kind::stub ||
           kind == Kind::read_back || kind == Kind::stopped;
  }
};

/// A call with a one-off set of its own.
struct CatalogCall {
  FunctionId function{};
  std::string_view label{};
  Hash128 params_hash{};
  Bytes params{};
  Waiting::Kind kind = Waiting::Kind::direct_call;
};

/// The last one-off set, for last-direct-call-id and last-oneoff-id.
struct OneOff {
  std::uint32_t number = 0;  ///< 0: none so far
  std::string label{};
  std::string id() const;
};

/// A function called by its name, checked.
struct NamedCall {
  std::string ffqn{};
  const CatalogFunction* function = nullptr;  ///< null if it is unknown
  JsonChecks::Params params{};
  Refused refused{};
  std::string answer{};  ///< an error that leaves no trace in the history
};

Instant expiry(const ScheduleAt& schedule, Instant now);

class RunMachine {
 public:
  explicit RunMachine(RunStart start);

  CallOutcome call(Instant now, const GuestCall& call);
  CallOutcome resume();
  void log(std::uint8_t level, std::string_view message);
  void deliver(std::span<const Entry> responses);
  void end(Outcome outcome);
  bool wants_hand_over() const;
  Advanced take();
  bool replaying() const { return !start_.history.empty(); }
  const std::optional<Outcome>& broken() const { return broken_; }
  bool differs() const;
  bool advanceable() const { return advanceable_; }
  void read_back(const Entry& entry);
  const std::optional<VersionRange>& recorded() const { return recorded_; }
  std::size_t resident_bytes() const;

 private:
  // run_machine.cc: history, inbox and hand-over.
  void store_arrival(RoutedArrival routed);
  /// Matches the next stored request with `wanted` or makes it new. False: stopped() is the answer.
  bool record(EntryBody& wanted, Bytes params = {}, std::string join_set = {});
  bool record(RunRequest& request);
  bool replay(EntryBody& wanted);
  /// The next stored request is exactly this direct call, and is matched with it.
  bool replay_equal(const DirectCall& wanted);
  std::string other_params(const EntryBody& stored, const EntryBody& wanted) const;
  bool make(RunRequest request);
  bool make_dry(const EntryBody& wanted);
  void note_recorded(std::uint32_t version, const EntryBody& body);
  void refresh() { visible_before_ = next_position_; }
  Result<std::string> new_params(const GuestCall& call) const;
  Names names() const;

  // Outcomes of calls.
  static CallOutcome answer(std::string text);
  CallOutcome stopped();
  CallOutcome refuse(const GuestCall& call, std::string_view reason);
  CallOutcome fail_run(Outcome outcome);

  // run_waiting.cc: the call that waits.
  CallOutcome wait_for(Waiting waiting);
  CallOutcome go_on();
  /// Empty: it waits on.
  std::optional<std::string> awaited();
  std::optional<std::string> awaited_one_off();
  std::optional<std::string> awaited_closing();
  std::optional<std::string> awaited_value();
  void note_processed(std::string_view join_set, const Arrived& arrived, FunctionId function);

  // run_answers.cc: what a response becomes.
  std::string project_arrived(const Arrived& arrived, FunctionId function) const;
  std::string answer_direct(const Arrived& arrived) const;
  std::string answer_text(const Arrived& arrived, FunctionId function) const;
  std::string answer_sleep(const Arrived& arrived) const;
  std::string answer_next(RunSet& set, const Arrived& arrived) const;
  std::string answer_await(RunSet& set, const Arrived& arrived) const;
  std::string mismatch(FunctionId specified, FunctionId actual, const std::string& id) const;
  std::string response_id(std::string_view join_set, const Arrived& arrived) const;
  std::string child_text(std::string_view join_set, std::uint32_t index) const;
  ErrorType error_type(FunctionId function) const;
  std::string function_name(FunctionId function) const;

  // run_calls.cc: one for each HostOp; those with a set are called with an open one.
  using Operation = CallOutcome (RunMachine::*)(const GuestCall&);
  using SetOperation = CallOutcome (RunMachine::*)(const GuestCall&, RunSet&);
  static Operation operation_of(HostOp op);
  static SetOperation set_operation_of(HostOp op);
  CallOutcome direct_call(const GuestCall& call);
  CallOutcome sleep(const GuestCall& call);
  CallOutcome create(const GuestCall& call);
  CallOutcome create_named(const GuestCall& call);
  CallOutcome create_set(const GuestCall& call, JoinSetCreate wanted);
  CallOutcome last_direct(const GuestCall& call);
  CallOutcome last_one_off(const GuestCall& call);
  CallOutcome current(const GuestCall& call);
  CallOutcome random_number(const GuestCall& call);
  CallOutcome random_text(const GuestCall& call);
  CallOutcome generate_id(const GuestCall& call);
  CallOutcome persist(const GuestCall& call, Persist wanted);
  CallOutcome call_one_off(CatalogCall wanted);
  CallOutcome call_json(const GuestCall& call);
  CallOutcome schedule(const GuestCall& call);
  CallOutcome schedule_json(const GuestCall& call);
  CallOutcome stub(const GuestCall& call);
  CallOutcome stub_json(const GuestCall& call);
  CallOutcome give_value(RunRequest request);
  CallOutcome get(const GuestCall& call);
  NamedCall look_up(const CallByName& named, bool scheduling) const;
  template <typename Body>
  void adopt(Body& wanted, const std::string& ffqn) const;
  std::optional<OwnChild> own_child(const ExecutionId& target) const;
  FunctionId function_of(const OwnChild& child) const;
  std::string_view own_level(const ExecutionId& target) const;
  CallOutcome use_set(const GuestCall& call);
  CallOutcome submit(const GuestCall& call, RunSet& set);
  CallOutcome submit_json(const GuestCall& call, RunSet& set);
  CallOutcome submit_delay(const GuestCall& call, RunSet& set);
  CallOutcome join_next(const GuestCall& call, RunSet& set);
  CallOutcome join_next_try(const GuestCall& call, RunSet& set);
  CallOutcome close(const GuestCall& call, RunSet& set);
  CallOutcome set_id(const GuestCall& call, RunSet& set);
  CallOutcome last_id(const GuestCall& call, RunSet& set);

  RunStart start_;
  const GuestCall* call_ = nullptr;  ///< the one in hand
  std::string id_text_;
  std::uint64_t seed_ = 0;
  Instant now_;

  std::uint32_t next_position_ = 0;   ///< responses before it are in
  std::uint32_t visible_before_ = 0;  ///< those before it may be seen by join-next-try
  std::uint32_t requests_ = 0;        ///< matched and made
  std::uint32_t responses_ = 0;

  std::uint32_t next_ordinal_ = 0;
  std::uint32_t generated_ = 0;
  std::set<std::string, std::less<>> names_used_;
  std::map<JoinSetOrdinal, RunSet> sets_;
  std::uint32_t one_offs_ = 0;
  OneOff last_direct_;
  OneOff last_one_off_;
  bool last_one_off_is_delay_ = false;

  bool keeps_processed_ = true;
  ProcessedChildren processed_;

  Waiting waiting_;
  std::optional<Refused> decided_;  ///< what the waiting schedule or stub has become
  std::optional<Arrived> back_;     ///< the waiting cold value
  std::uint32_t next_version_ = 1;  ///< of what is new
  std::optional<VersionRange> recorded_;
  std::optional<Outcome> broken_;
  std::optional<Outcome> ended_;
  bool advanceable_ = false;
  bool told_ = true;  ///< the present state was handed over
  std::vector<RunRequest> made_;
  std::uint32_t made_total_ = 0;
  std::vector<RunLog> logs_;
  std::uint64_t logs_dropped_ = 0;
};

}  // namespace stele::core

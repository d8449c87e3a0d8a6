// SPDX-License-Identifier: Apache-2.0
// Owns: the memory of a partition and the decisions about it, one source file for each subject.
// Life cycle: as its Partition's. Thread: one call at a time. Must hold: prepare() changes nothing
// and
//   names all rows that decide() will touch; every change of an execution goes through touch().
#pragma once

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "base/prng.h"
#include "core/partition_memory.h"
#include "core/partition_table.h"

namespace stele::core {

Outcome failure_of(FailureKind kind, std::string reason, std::string detail);
/// 100 ms doubling to 5 s: after interruptions, and after runs that ended without progress.
Duration interruption_backoff(std::uint32_t count);

class PartitionState : public PartitionMemory {
 public:
  PartitionState(PartitionOptions options, CatalogPtr catalog);

  std::expected<Effects, Missing> step(Instant now, const Input& input);

  BatchNumber move_timer_window(Instant end);

  std::uint32_t ready_room(Pool pool) const;
  WriteBatch close_batch(Instant now, bool clean_stop, WriteBatch spent);
  void committed(BatchNumber number);

  PartitionCounters counters() const;
  const CatalogPtr& catalog() const { return catalog_; }
  std::span<const std::uint64_t> hits() const { return hits_; }

  // Handlers of the motion table.
  RunNumber next_run(const Execution& execution) const;
  void send_attempt(Execution& execution, const TurnInput& input);
  void settle_returned(Execution& execution, const TurnInput& input);
  void settle_trapped(Execution& execution, const TurnInput& input);
  void settle_timed_out(Execution& execution, const TurnInput& input);
  void settle_unusable(Execution& execution, const TurnInput& input);
  void settle_not_started(Execution& execution, const TurnInput& input);
  void settle_cancelled(Execution& execution, const TurnInput& input);
  void tear_down(Execution& execution, const TurnInput& input);
  void send_run(Execution& execution, const TurnInput& input);
  void take_requests(Execution& execution, const TurnInput& input);
  void take_block(Execution& execution, const TurnInput& input);
  void take_close(Execution& execution, const TurnInput& input);
  void take_end(Execution& execution, const TurnInput& input);
  void back_off_run(Execution& execution, const TurnInput& input);
  void keep_parked(Execution& execution, const TurnInput& input);
  void start_again(Execution& execution, const TurnInput& input);
  void resume_run(Execution& execution, const TurnInput& input);
  void end_cancelled(Execution& execution, const TurnInput& input);
  void interrupt_cancelled(Execution& execution, const TurnInput& input);
  void halt_run(Execution& execution, const TurnInput& input);
  void hold_back(Execution& execution, const TurnInput& input);
  void take_found(Execution& execution, const TurnInput& input);
  void take_checked(Execution& execution, const TurnInput& input);
  void take_advance(Execution& execution, const TurnInput& input);

 private:
  // What each input needs (changes nothing), and what follows from it.
  void prepare(const Submit& input);
  void prepare(const Advanced& input);
  void prepare(const RunStopped& input);
  void prepare(const RunDropped& input);
  void prepare(const AttemptEnded& input);
  void prepare(const TimerDue& input);
  void prepare(const Cancel& input);
  void prepare(const CancelDelay& input);
  void prepare(const Admit& input);
  void prepare(const Continue& input);
  void prepare(const TargetFound& input);
  void prepare(const UpgradeChecked& input);
  void prepare(const Pause& input);
  void prepare(const Unpause& input);
  void prepare(const PauseDelay& input);
  void prepare(const Complete& input);
  void prepare(const Upgrade& input);
  void prepare(const Advance& input);
  void prepare(const Deploy& /*input*/) {}
  void prepare(const Tick& /*input*/) {}
  void prepare(const Drain& /*input*/) {}
  void decide(const Submit& input);
  void decide(const Advanced& input);
  void decide(const RunStopped& input);
  void decide(const RunDropped& input);
  void decide(const AttemptEnded& input);
  void decide(const TimerDue& input);
  void decide(const Cancel& input);
  void decide(const CancelDelay& input);
  void decide(const Admit& input);
  void decide(const Continue& input);
  void decide(const TargetFound& input);
  void decide(const UpgradeChecked& input);
  void decide(const Pause& input);
  void decide(const Unpause& input);
  void decide(const PauseDelay& input);
  void decide(const Complete& input);
  void decide(const Upgrade& input);
  void decide(const Advance& input);
  void decide(const Deploy& input);
  void decide(const Tick& input);
  void decide(const Drain& input);

  // Batch.
  struct Started {
    ExecutionKey key{};
    RunNumber run{};
    BatchNumber batch{};
    Instant at{};
  };
  void sift_started(BatchNumber closing);
  Execution* lasts(const Started& started);
  void seal();

  // Start.
  Execution& make_new(ExecutionRow row, FunctionKind kind, const Requester* pauser);
  bool take_turn(Execution& execution, Turn turn, const TurnInput& input);
  void make_ready(Execution& execution);
  void start(Execution& execution, From from = From::memory);
  void end_turn(ReadyPool& pool, bool over) const;
  bool has_room(const ReadyPool& pool, ExecutionKey root, From from) const;
  bool take_room(Execution& execution, From from);
  void leave_room(Execution& execution);
  void after_motion(Execution& execution);
  bool is_careful() const { return unclean_ && now_ < careful_until_; }
  void wait_until(Execution& execution, Instant wake);
  void set_timer(const TimerDue& due);
  void answer(RequestId request, ExecutionKey key, std::optional<Error> refusal, bool repeated);
  bool is_canary(Canary canary) const { return options_.canary == canary; }
  bool canary_sings(Canary canary);
  template <typename Effect>
  void at_once(Effect effect) {
    effects_.now.emplace_back(std::in_place_type<Effect>, std::move(effect));
  }
  template <typename Effect>
  void hold(Effect effect) {
    effects_.held.emplace_back(std::in_place_type<Effect>, std::move(effect));
  }
  void refuse_report() { ++counters_.refused_reports; }
  Execution* reporting(ExecutionKey key, Incarnation incarnation, RunNumber run);
  void note_progress(ExecutionKey key);
  void emit_logs(const Execution& execution, const std::vector<RunLog>& lines);

  // Outcomes and responses.
  void finish(Execution& execution, Outcome outcome);
  void respond(Execution& parent, EntryBody body, JoinSetOrdinal set);
  Bytes fingerprint_of(const ExecutionRow& row, const Outcome& outcome) const;
  void deliver(const Execution& execution, Entry response);
  void deliver_late();
  void retry_or_finish(Execution& execution, AttemptFailed failed, Outcome last);

  // Requests of runs; `by`: who advances it, null if they are of a run that waits for answers.
  void need_for_requests(const Execution& execution, const std::vector<RunRequest>& requests);
  void take_all_requests(Execution& execution, const Advanced& advanced);
  void take_each(Execution& execution, const Advanced& advanced, const Requester* by);
  void take_request(Execution& execution, const RunRequest& request, const Requester* by);
  void take_child(Execution& execution, const RunRequest& request, const Requester* by);
  void take_schedule(Execution& execution, const RunRequest& request, const Requester* by);
  void take_stub(Execution& execution, const RunRequest& request, const Requester* by);
  void make_child(const Execution& parent, const RunRequest& request, const ChildRequest& wanted,
                  const Requester* pauser);
  void make_scheduled(const Execution& by, const RunRequest& request, const Schedule& wanted,
                      const Requester* pauser);
  FunctionKind kind_of(FunctionId function) const;
  void make_delay(Execution& owner, const DelayRow& row);
  bool has_delay(const Execution& owner, JoinSetOrdinal set, std::uint32_t index) const;
  void end_delay(Execution& owner, const DelayRow& delay, bool cancelled);
  void answer_delay(Execution& owner, const DelayRow& delay, bool cancelled);

  // Values from outside.
  bool takes_value(const ExecutionRow& row) const;
  void give_value(Execution& execution, Stub stub, Execution& target, Outcome value,
                  const Requester* by);
  void refuse_value(Execution& execution, Stub stub, Refused refused, const Requester* by);
  void seek_target(Execution& execution, FindTarget wanted);

  // Requests about executions.
  void halt(Execution& execution);
  void go_on(Execution& execution);
  std::optional<Error> why_not_pausable(const Execution& execution) const;
  std::optional<Error> why_not_changeable(const Execution& execution) const;
  std::optional<Error> why_not_advanceable(const Execution& execution, const Advance& input) const;
  void end_code(Execution& execution, const Outcome& outcome);

  // Closing and cancel.
  void begin_closing(Execution& execution, JoinSetOrdinal set);
  void begin_ending(Execution& execution, const Outcome& outcome);
  void queue_closer(Execution& execution);
  const OpenSet* next_set_to_close(const Execution& execution, JoinSetOrdinal& set) const;
  std::uint32_t untold_of(const Execution& execution, JoinSetOrdinal set,
                          const OpenSet& open) const;
  void close_slice(Execution& execution, JoinSetOrdinal set);
  void settle_closed(Execution& execution);
  void tell_member(Execution& owner, JoinSetOrdinal set, const Member& member);
  void cancel_execution(Execution& execution, const Requester& by, bool requested);
  std::optional<Error> why_not_cancellable(const Execution& execution) const;

  // Recovery.
  std::uint32_t loaded_max() const;
  void need_for_admit(const ExecutionRow& row);
  bool take_in(const ExecutionRow& row, ReadyPool& pool);
  void admit(Execution& execution);
  void count_interruption(Execution& execution);

  CatalogPtr catalog_;
  std::map<FunctionId, KnownFunction> known_;
  Prng prng_;
  bool unclean_ = false;
  bool died_ = false;  ///< marks that are found are interruptions
  bool draining_ = false;
  Instant careful_until_;
  PartitionCounters counters_;
  std::vector<std::uint64_t> hits_;

  std::deque<Started> started_;
  std::deque<Started> lasting_;
  ReadyPool pools_[3];
  std::deque<ExecutionKey> closers_;
  std::deque<ExecutionKey> alone_;
  ExecutionKey alone_running_;
  std::set<DelayKey> paused_delays_;  ///< of this incarnation: a timer of theirs may be under way

  std::vector<ExecutionKey> begun_;   ///< starts of this step
  std::vector<Deliver> undelivered_;  ///< to runs whose start is held
  std::uint64_t canary_turns_ = 0;
  Effects effects_;
};

}  // namespace stele::core

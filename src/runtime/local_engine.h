// SPDX-License-Identifier: Apache-2.0
// Owns: the engine of one process over one store: partition, guests, waiters, logs.
// Life cycle: made by the composition root, opened, then driven by threads (runtime/threads/) or by
// a
//   test or simulator that calls work(), commit(), write_logs() and upkeep() itself; shut down by
//   drain() until drained().
// Thread: any. Must hold: nothing in here waits for anything but the store and a guest's computing.
#pragma once

#include "base/prng.h"
#include "runtime/admission.h"
#include "runtime/partition_driver.h"

namespace stele::runtime {

struct EngineSetup {
  Store& store;
  TimeSource& time;
  Bell& bell;
  RuntimeOptions options;
  Fatal fatal;
  FormerDeployment former{};
  /// Simulation: what guests report goes through what this makes.
  std::function<std::unique_ptr<Reports>(Reports& partition)> relay{};
};

class LocalEngine final : public Engine {
 public:
  explicit LocalEngine(EngineSetup setup);
  ~LocalEngine() override;

  /// Claims the store and begins with `deployed`, whose functions the store knows already.
  Result<void> open(DeployedPtr deployed);
  void deploy(DeployedPtr deployed);

  void submit(SubmitRequest request, Done<Submitted> done) override;
  RunTicket run(SubmitRequest request, Done<Ran> done) override;
  void leave(RunTicket ticket) override { waiters_.leave_run(ticket); }
  std::optional<Duration> retry_after() const override { return admission_.retry_after(); }
  void cancel(ExecutionId id, core::Requester by, Done<void> done) override;
  void cancel_delay(DelayName delay, core::Requester by, Done<void> done) override;
  void pause(ExecutionId id, core::Requester by, Done<void> done) override;
  void unpause(ExecutionId id, core::Requester by, Done<void> done) override;
  void pause_delay(DelayName delay, bool paused, core::Requester by, Done<void> done) override;
  void stub(ExecutionId id, std::string result, core::Requester by, Done<bool> done) override;
  void upgrade(ExecutionId id, bool skip_check, core::Requester by,
               Done<UpgradeReport> done) override;
  void advance(AdvanceRequest request, Done<AdvanceReport> done) override;
  void persist_backtraces(ExecutionId id, Done<std::uint32_t> done) override;
  Result<BacktraceRow> backtrace(ExecutionKey key, BacktraceAt at) override;
  Result<std::string> source(ExecutionKey key, const std::string& file) override;
  Result<std::vector<Bytes>> params_of(std::span<const ExecutionKey> keys) override;
  void wait_finished(ExecutionId id, Done<ExecutionView> done) override;
  void wait_progress(ExecutionId id, std::uint32_t position, Done<ExecutionView> done) override;
  Result<ExecutionView> get(const ExecutionId& id) override;
  Result<std::vector<ExecutionView>> list(const ListFilter& filter) override;
  Result<HistoryPage> history(ExecutionKey key, std::uint32_t position,
                              std::uint32_t limit) override;
  Result<LogPage> logs(ExecutionKey key, std::uint64_t after, std::uint32_t limit) override;
  void replay(ExecutionId id, Done<ReplayReport> done) override;
  core::CatalogPtr catalog() const override;
  std::string function_name(FunctionId id) const override;
  EngineCounters counters() const override;

  /// One piece of a guest thread's work; false if there is none now.
  bool work();
  /// Commits the closed batch if one waits, and goes on with what waited for it.
  bool commit();
  /// A closed batch waits for that.
  bool commit_waits() const { return driver_.commit_waits(); }
  /// Timers, deadlines, overdue batches; the monotonic time at which to call again.
  Instant tend();
  bool write_logs() { return logs_.write(setup_.store); }
  LogBuffer& log_buffer() { return logs_; }
  Store& store() { return setup_.store; }
  bool has_ready() const { return pool_.has_ready(); }
  Instant monotonic() { return Instant{clock_.monotonic().us}; }

  void drain();
  bool drained() const { return driver_.closed(); }

 private:
  Ulid make_id();
  /// Posts `input` and gives the partition's answer to `done`.
  void ask(core::Input input, Answered done);
  void post(core::Input input, core::RequestId request);
  std::size_t room();
  Error overloaded();
  Result<core::Submit> make_submit(const SubmitRequest& request);
  void stub_found(const ExecutionRow& row, Outcome outcome, core::Requester by, Done<bool> done);
  void apply(AdvanceRequest request, const ExecutionRow& row, TrialResult trial,
             Done<AdvanceReport> done);
  void follow(const ExecutionRow& row, bool progress, std::uint32_t position,
              Done<ExecutionView> done);
  bool has_news(const ExecutionRow& row, bool progress, std::uint32_t position);
  Result<ExecutionView> shown(ExecutionRow row) const;
  Error unknown_function(std::string_view ffqn) const;

  EngineSetup setup_;
  PartitionClock clock_;
  LogBuffer logs_;
  Waiters waiters_;
  Views views_;
  Mutex id_mutex_;
  Prng ids_ STELE_GUARDED_BY(id_mutex_);
  Admission admission_;
  FormerDeployments former_;
  std::unique_ptr<Reports> relay_;
  GuestPool pool_;
  PartitionDriver driver_;
};

}  // namespace stele::runtime

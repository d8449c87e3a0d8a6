// SPDX-License-Identifier: Apache-2.0
// Owns: the partition and everything that is done for it: inputs in order, loads, timers, batches,
//   commits, the release of what waited for them, and the reload after a failed commit.
// Life cycle: open() claims the store; from then on pump() and commit() by whoever has time.
// Thread: post(), pump(), commit(): any. Whoever finds the partition taken goes on; the holder
// empties
//   the queue before it lets go. No lock is held while the partition is stepped.
// Must hold: what waits for a batch is released after its commit, in order, or never; at most one
//   batch commits and one fills.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/sync.h"
#include "core/partition.h"
#include "runtime/batch_trace.h"
#include "runtime/guest_pool.h"
#include "runtime/timers.h"
#include "runtime/views.h"
#include "runtime/waiters.h"

namespace stele::runtime {

struct DriverCounters {
  std::uint64_t commits = 0;
  std::uint64_t reloads = 0;
  core::PartitionCounters partition;
};

class PartitionDriver final : public Reports {
 public:
  struct Setup {
    Store& store;
    PartitionClock& clock;
    GuestPool& pool;
    Waiters& waiters;
    Views& views;
    LogBuffer& logs;
    Bell& bell;
    const RuntimeOptions& options;
    Fatal fatal;
  };
  explicit PartitionDriver(Setup setup);

  /// Claims the store and begins. Errors: those of the claim.
  Result<void> open(core::CatalogPtr catalog);

  void post(Message message) override;
  /// Steps what there is to step, unless another thread does. True if something was done.
  bool pump();
  /// Commits the closed batch, if one waits for it.
  bool commit();
  bool commit_waits() const;
  /// Monotonic time at which pump() should be called again without any message.
  Instant next_wake() const;

  /// Nothing is started any more, and the last batch will carry the clean mark.
  void drain();
  /// True when everything is committed and the partition is closed for good.
  bool closed() const;
  DriverCounters counters() const;

 private:
  enum class CommitState : std::uint8_t { none, waiting, running, ended };
  static constexpr std::uint32_t ready_per_root = 64;
  /// Reads the index of ready rows in passes; each takes turns by root.
  struct ReadyLoader {
    bool wanted = false;
    bool left_out = false;  ///< in this pass, rows of a root
    bool taken = false;     ///< in this pass, something began
    ReadyCursor cursor;
    std::uint32_t per_root = ready_per_root;
    std::optional<BatchNumber> empty_as_of;  ///< a whole pass gave nothing
  };
  /// One attempt or run: a step may end one and start the next of the same execution.
  struct Subject {
    ExecutionKey key;
    RunNumber run;
    bool operator==(const Subject&) const = default;
  };
  struct SubjectHash {
    std::size_t operator()(const Subject& subject) const {
      return std::hash<std::int64_t>()(subject.key.value) * 31 + subject.run.value;
    }
  };
  struct HeldBatch {
    BatchNumber after;
    std::vector<core::HeldEffect> effects;
  };
  /// What is told to others once the partition is let go.
  struct Outgoing {
    std::vector<core::Answer> answers;
    std::vector<std::pair<ExecutionKey, std::optional<ExecutionRow>>> finished;
    std::vector<ExecutionKey> progressed;
    bool empty() const { return answers.empty() && finished.empty() && progressed.empty(); }
  };

  // Taking and letting go.
  bool take();
  bool let_go();
  bool held_pump();
  void tell(Outgoing outgoing);

  // By the holder.
  bool step_queue();
  bool may_step() const;
  bool full() const;
  bool commit_in_flight() const;
  Instant monotonic() const { return Instant{setup_.clock.monotonic().us}; }
  void handle(Message message);
  void step(core::Input input);
  Result<void> load(const core::Missing& missing);
  Result<void> load_book(ExecutionKey key);
  void refuse(const core::Input& input, const Error& error);
  void after_step(const core::Input& input);
  void carry_out(core::Effects effects);
  void carry_out_now(core::NowEffect effect);
  void hold(core::Effects& effects);
  void release(core::HeldEffect effect);
  void look_for(core::FindTarget find);
  void release_until(BatchNumber number);
  void release_early(core::Effects& effects);
  bool is_canary(core::Canary canary) const { return setup_.options.partition.canary == canary; }
  void end_load_of(ExecutionKey key);
  bool fire_timers();
  void move_window();
  Result<void> read_due(Instant from, Instant before);
  bool load_ready();
  void load_page(Pool pool, ReadyLoader& loader);
  bool close_batch();
  void close_now(bool clean_stop);
  void begin_gather();
  void keep_spent(WriteBatch batch);
  WriteBatch take_spent();
  Result<void> commit_batch(const WriteBatch& batch);
  void hand_over_seen(ExecutionKey key, bool goes_on);
  bool finish_commit();
  void fall(const Error& error);
  bool rise();
  Result<void> start_partition();
  bool drain_wanted();
  bool drain_further();
  void close_for_good();
  Instant wake_time();
  static Error runtime_unavailable(const Error& cause);

  Setup setup_;

  mutable Mutex mutex_;
  std::deque<Message> inbox_ STELE_GUARDED_BY(mutex_);
  bool taken_ STELE_GUARDED_BY(mutex_) = false;
  bool blocked_ STELE_GUARDED_BY(mutex_) = false;  ///< stepping waits for a commit or for upkeep
  CommitState commit_state_ STELE_GUARDED_BY(mutex_) = CommitState::none;
  std::optional<WriteBatch> closed_batch_ STELE_GUARDED_BY(mutex_);
  WriteBatch spent_batch_ STELE_GUARDED_BY(mutex_);  ///< empty vectors with room
  Result<void> commit_result_ STELE_GUARDED_BY(mutex_);
  bool drain_wanted_ STELE_GUARDED_BY(mutex_) = false;
  bool closed_ STELE_GUARDED_BY(mutex_) = false;
  Instant wake_at_ STELE_GUARDED_BY(mutex_) = instant_max;  ///< monotonic
  DriverCounters counters_ STELE_GUARDED_BY(mutex_);

  // The holder's.
  BatchTrace batch_trace_;
  core::CatalogPtr catalog_;
  std::optional<core::Partition> partition_;
  Claim claim_;
  std::deque<Message> queue_;
  std::deque<HeldBatch> held_;
  std::vector<core::HeldEffect> spent_effects_;          ///< empty, with room
  std::unordered_set<Subject, SubjectHash> unreleased_;  ///< of held starts
  std::unordered_set<Subject, SubjectHash> revoked_;     ///< of these, interrupted ones
  std::unordered_map<std::int64_t, core::Partition::LoadToken> loads_;  ///< of replaying runs
  BatchNumber committed_;
  BatchNumber committing_;
  Outgoing outgoing_;
  Timers timers_;
  Instant window_end_;
  std::optional<std::pair<Instant, Instant>> window_read_;  ///< to be read once its batch committed
  BatchNumber window_after_;
  Instant tick_at_;                      ///< partition's clock
  std::array<ReadyLoader, 2> loaders_;   ///< of workflows and of activities
  std::optional<std::size_t> admitted_;  ///< of the page that was just stepped
  std::uint64_t effects_seen_ = 0;
  std::unordered_map<std::int64_t, std::uint64_t>
      runnable_;  ///< run: gathering that it is too late for
  std::uint64_t gather_ = 0;
  std::size_t gather_pending_ = 0;
  std::optional<Instant> gather_until_;  ///< monotonic
  Instant rise_at_;                      ///< monotonic
  Duration backoff_;
  bool draining_ = false;
  bool clean_stop_sent_ = false;
  Instant drain_until_;
  std::string down_because_;
  std::optional<Instant> careful_until_;  ///< monotonic; set when the store is claimed first
  bool died_ = false;                     ///< the process before this one did not stop cleanly
  bool dead_ = false;
};

}  // namespace stele::runtime
